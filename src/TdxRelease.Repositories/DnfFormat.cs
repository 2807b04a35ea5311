using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Signing;

namespace TdxRelease.Repositories;

/// <summary>Signed dnf repository.</summary>
/// <param name="rpm">What it serves.</param>
public sealed class DnfFormat(DistributionFormat rpm) : RepositoryFormat(rpm)
{
    /// <inheritdoc/>
    public override string Name => "dnf";

    /// <inheritdoc/>
    public override void Publish(string folder, ReleaseContent release, RepositoryPackage package, IOpenPgpSigner signer)
    {
        var options = new DnfRepositoryOptions(
            Repository, release.Metadata.Summary, $"{release.BaseUrl}/{Name}", release.Time, release.Choose(Compression.Zstd));
        new DnfRepository(options, signer).Publish(folder, [new DnfPackage(package.FileName, package.Content)]);
    }
}
