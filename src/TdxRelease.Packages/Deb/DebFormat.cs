using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Signing;

namespace TdxRelease.Packages.Deb;

/// <summary>Debian and its kin.</summary>
public sealed class DebFormat : DistributionFormat
{
    /// <inheritdoc/>
    public override string Name => "deb";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Endings => [".deb"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Depends => ["openssl | gpgv"];

    /// <inheritdoc/>
    public override PackageScripts Scripts(string unit) => new(PostRemove: $$"""
        if [ -d /run/systemd/system ]; then
            systemctl --system daemon-reload >/dev/null || true
        fi
        if [ "$1" = purge ] && command -v deb-systemd-helper >/dev/null; then
            deb-systemd-helper purge {{unit}} >/dev/null || true
        fi
        """);

    /// <inheritdoc/>
    public override PackageContents Read(ReadOnlyMemory<byte> file, string name)
    {
        var deb = DebReader.ReadWritten(file, name);
        return new PackageContents(deb.Data, [.. deb.Control.ControlFiles.Where(f => f.Kind == TarEntryKind.File).Select(f => $"DEBIAN/{f.Path}")])
        {
            Version = Deb822.Require(deb.Control.Fields, "Version", name),
            Signed = deb.Signed,
            Signature = deb.Signature,
            SignatureName = "its origin signature (debsigs)",
        };
    }

    /// <inheritdoc/>
    protected override IPackageWriter Writer(Compression compression, IOpenPgpSigner? signer) => new DebWriter(compression, signer);
}
