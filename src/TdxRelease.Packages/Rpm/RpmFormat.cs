using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Signing;

namespace TdxRelease.Packages.Rpm;

/// <summary>Fedora, openSUSE and their kin.</summary>
public sealed class RpmFormat : DistributionFormat
{
    /// <inheritdoc/>
    public override string Name => "rpm";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Endings => [".rpm"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Depends => ["coreutils", "gawk", "openssl", "util-linux"];

    /// <summary>A source package is not one that is installed.</summary>
    public override bool Matches(string fileName) => base.Matches(fileName) && !fileName.EndsWith(".src.rpm", StringComparison.Ordinal);

    /// <summary>Removal only: the writer guards the scripts against upgrades and for a running systemd.</summary>
    public override PackageScripts Scripts(IReadOnlyList<string> units) =>
        new(PreRemove: $"systemctl --no-reload disable --now {string.Join(' ', units)} >/dev/null 2>&1 || :\n");

    /// <inheritdoc/>
    public override PackageContents Read(ReadOnlyMemory<byte> file, string name)
    {
        var rpm = RpmReader.Read(file, name);
        var entries = rpm.VerifyWritten();
        var listed = rpm.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        return new PackageContents([.. entries.Select(e => Entry(e, listed))], ["the package's header"])
        {
            Version = $"{rpm.Header.Text(RpmTag.Version)}-{rpm.Header.Text(RpmTag.Release)}",
            Signed = rpm.Header.Raw,
            Signature = rpm.Signature,
            SignatureName = "its header signature",
        };
    }

    /// <inheritdoc/>
    protected override IPackageWriter Writer(Compression compression, IOpenPgpSigner? signer) => new RpmWriter(compression, signer);

    private static TarEntry Entry(CpioEntry entry, Dictionary<string, RpmListedFile> listed)
    {
        var path = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name.TrimStart('/');
        var kind = listed.TryGetValue(path, out var file) && file.IsFolder ? TarEntryKind.Folder
            : file is { IsRegular: false } ? TarEntryKind.SymbolicLink
            : TarEntryKind.File;
        return new TarEntry(path, entry.Content, Kind: kind);
    }
}
