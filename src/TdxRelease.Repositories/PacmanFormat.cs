using TdxRelease.Packages;
using TdxRelease.Signing;

namespace TdxRelease.Repositories;

/// <summary>Signed pacman repository.</summary>
/// <param name="arch">What it serves.</param>
public sealed class PacmanFormat(DistributionFormat arch) : RepositoryFormat(arch)
{
    /// <inheritdoc/>
    public override string Name => "pacman";

    /// <inheritdoc/>
    public override void Publish(string folder, ReleaseContent release, RepositoryPackage package, IOpenPgpSigner signer) =>
        PacmanRepository.Publish(folder, new PacmanRepositoryOptions(Repository, $"{release.BaseUrl}/{Name}", release.Time), [package],
            signer);
}
