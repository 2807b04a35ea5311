using TdxRelease.Packages;
using TdxRelease.Signing;

namespace TdxRelease.Repositories;

/// <summary>Signed apt repository.</summary>
/// <param name="deb">What it serves.</param>
public sealed class AptFormat(DistributionFormat deb) : RepositoryFormat(deb)
{
    /// <inheritdoc/>
    public override string Name => "apt";

    /// <inheritdoc/>
    public override string KeyringPath => AptRepository.KeyringPath(Repository);

    /// <inheritdoc/>
    protected override void Publish(string folder, ReleaseContent release, IReadOnlyList<RepositoryPackage> packages,
        RepositorySigners signers)
    {
        var debian = release.Metadata.Of(Serves);
        var component = debian.Section.Split('/') is [var first, _] ? first : "main";
        var options = new AptRepositoryOptions(
            Repository, Repository, debian.Suite, component, release.Metadata.Summary, $"{release.BaseUrl}/{Name}", release.Time,
            release.Lifetime)
        {
            Architectures = debian.Architectures,
        };
        var source = release.DebianSource.Value.Select(f => new RepositoryPackage(f.Key, f.Value));
        AptRepository.Publish(folder, options, [.. packages, .. source], signers.Index);
    }
}
