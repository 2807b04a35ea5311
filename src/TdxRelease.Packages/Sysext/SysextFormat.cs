using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Signing;

namespace TdxRelease.Packages.Sysext;

/// <summary>System extensions for hosts whose <c>/usr</c> is an image that nobody installs packages into.</summary>
public sealed class SysextFormat : DistributionFormat
{
    private const string Stem = ".sysext.tar";

    /// <inheritdoc/>
    public override string Name => "sysext";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Endings => [$"{Stem}.gz", $"{Stem}.xz", $"{Stem}.zst"];

    /// <summary>A directory <c>usr/sbin</c> would hide the host's where that is a link to bin.</summary>
    public override string Programs => "usr/bin";

    /// <inheritdoc/>
    protected override bool HasDetachedSignature => true;

    /// <inheritdoc/>
    public override PackageContents Read(ReadOnlyMemory<byte> file, string name)
    {
        CanonicalTar.RequireFrame(file.Span, Compressor.KindOf(name), name);
        var tar = Compressor.Decompress(file.Span, Compressor.KindOf(name), name);
        var entries = TarReader.Read(tar, name, ArchiveLimits.Default with { Links = true });
        CanonicalTar.Require(tar, name, TarHeaderFormat.Pax);
        var marker = entries
            .FirstOrDefault(e => e.Kind == TarEntryKind.File && e.Path.StartsWith(SysextWriter.Marker, StringComparison.Ordinal))
            ?? throw ArchiveErrors.InArchive(name, $"has no {SysextWriter.Marker}NAME");
        return new PackageContents(entries, [])
        {
            Version = Deb822.Text(marker.Content.Span, $"{name}: {marker.Path}").Split('\n')
                .FirstOrDefault(l => l.StartsWith(SysextWriter.VersionKey, StringComparison.Ordinal))?[SysextWriter.VersionKey.Length..],
        };
    }

    /// <inheritdoc/>
    protected override IPackageWriter Writer(Compression compression, IOpenPgpSigner? signer) => new SysextWriter(compression);
}
