using TdxRelease.Packages;
using TdxRelease.Signing;

namespace TdxRelease.Repositories;

/// <summary>A signed repository of packages in one format.</summary>
/// <param name="serves">That format.</param>
public abstract class RepositoryFormat(DistributionFormat serves) : PackageFormat
{
    /// <summary>Name of the repositories and of their configuration files.</summary>
    protected const string Repository = "tdx-module";

    /// <inheritdoc/>
    public override DistributionFormat Serves { get; } = serves;

    /// <summary>Adds a package to the repository in a folder, which is made where it is missing.</summary>
    /// <param name="folder">Of this repository alone.</param>
    /// <param name="release">What is published.</param>
    /// <param name="package">The package.</param>
    /// <param name="signer">Signs the repository.</param>
    public abstract void Publish(string folder, ReleaseContent release, RepositoryPackage package, IOpenPgpSigner signer);
}
