using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>Signed dnf repository.</summary>
/// <param name="rpm">What it serves.</param>
public sealed class DnfFormat(DistributionFormat rpm) : RepositoryFormat(rpm)
{
    /// <inheritdoc/>
    public override string Name => "dnf";

    /// <inheritdoc/>
    public override string KeyringPath => DnfRepository.KeyringPath(Repository);

    /// <inheritdoc/>
    public override IReadOnlyList<PackageFile> KeyringFiles(OpenPgpKeyring keyring) =>
        [new(KeyringPath, System.Text.Encoding.ASCII.GetBytes(keyring.ToArmored()))];

    /// <inheritdoc/>
    protected override void Publish(string folder, ReleaseContent release, IReadOnlyList<RepositoryPackage> packages,
        RepositorySigners signers)
    {
        var options = new DnfRepositoryOptions(
            Repository, release.Metadata.Summary, $"{release.BaseUrl}/{Name}", release.Time, release.Choose(Compression.Zstd));
        new DnfRepository(options, signers.Index).Publish(folder, [.. packages.Select(p => new DnfPackage(p.FileName, p.Content))]);
    }
}
