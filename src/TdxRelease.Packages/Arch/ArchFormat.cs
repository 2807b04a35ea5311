using TdxRelease.Archives.Codecs;
using TdxRelease.Signing;

namespace TdxRelease.Packages.Arch;

/// <summary>Arch and its kin. pacman's hooks reload systemd.</summary>
public sealed class ArchFormat : DistributionFormat
{
    private const string Stem = ".pkg.tar";

    private static readonly string[] Packed = [Stem, $"{Stem}.gz", $"{Stem}.xz", $"{Stem}.zst"];

    /// <inheritdoc/>
    public override string Name => "arch";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Endings => [$"{Stem}.*"];

    /// <summary>/usr/sbin is a link to bin.</summary>
    public override string Programs => "usr/bin";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Depends => ["awk", "coreutils", "openssl", "util-linux"];

    /// <summary>Optional dependencies say what they are for (PKGBUILD(5)).</summary>
    public override IReadOnlyList<string> Suggests =>
    [
        "bash-completion: completes the commands of tdx-module-update",
        "gnupg: checks signatures with the OpenPGP certificate where openssl cannot",
        "prometheus-node-exporter: publishes what tdx-module-report.timer finds",
    ];

    /// <inheritdoc/>
    protected override bool HasDetachedSignature => true;

    /// <inheritdoc/>
    public override bool Matches(string fileName) => IsPackage(fileName);

    /// <summary>Whether a name is that of an Arch package, compressed in any of the ways that are read here.</summary>
    public static bool IsPackage(string fileName) =>
        Array.Exists(Packed, ending => fileName.EndsWith(ending, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override PackageContents Read(ReadOnlyMemory<byte> file, string name)
    {
        var package = ArchReader.ReadWritten(file, name);
        return new PackageContents([.. package.Metadata, .. package.Content], []) { Version = package.One("pkgver") };
    }

    /// <inheritdoc/>
    protected override IPackageWriter Writer(Compression compression, IOpenPgpSigner? signer) => new ArchWriter(compression);
}
