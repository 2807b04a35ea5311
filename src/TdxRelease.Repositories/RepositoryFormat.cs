using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>A signed repository of packages in one format.</summary>
/// <param name="serves">That format.</param>
public abstract class RepositoryFormat(DistributionFormat serves) : PackageFormat
{
    /// <summary>Name of the repositories and of their configuration files.</summary>
    protected const string Repository = "tdx-module";

    /// <inheritdoc/>
    public override DistributionFormat Serves { get; } = serves;

    /// <summary>Where the distribution's tools look for the certificates, without the leading slash.</summary>
    public abstract string KeyringPath { get; }

    /// <summary>What the keyring package installs.</summary>
    public virtual IReadOnlyList<PackageFile> KeyringFiles(OpenPgpKeyring keyring) => [new(KeyringPath, keyring.ToArray())];

    /// <summary>What makes the distribution's tools notice new certificates.</summary>
    protected virtual PackageScripts KeyringScripts => new();

    /// <summary>Adds a package, and the keyring package where that has changed, to the repository in a folder, which is made where it is
    /// missing.</summary>
    /// <param name="folder">Of this repository alone.</param>
    /// <param name="release">What is published.</param>
    /// <param name="package">The package.</param>
    /// <param name="signers">Who signs the repository.</param>
    public void Publish(string folder, ReleaseContent release, RepositoryPackage package, RepositorySigners signers)
    {
        var files = KeyringFiles(signers.Keyring);
        var spec = KeyringPackage.Spec(release.Spec(Serves), files, KeyringScripts);
        IReadOnlyList<RepositoryPackage> packages = NewestKeyring(folder) is { } newest && KeyringPackage.Holds(newest, files)
            ? [package]
            : [package, Serves.Pack(release, spec)];
        Publish(folder, release, packages, signers);
    }

    /// <summary>Adds packages to the repository in a folder.</summary>
    protected abstract void Publish(string folder, ReleaseContent release, IReadOnlyList<RepositoryPackage> packages,
        RepositorySigners signers);

    // Only decides whether there is something new; whoever adds to the repository verifies all of it.
    private PackageContents? NewestKeyring(string folder) =>
        RepositoryFolder.Read(folder, path => KeyringPackage.Is(Path.GetFileName(path)) && Serves.Matches(path))
            .Select(f => Serves.Read(f.Value, f.Key))
            .MaxBy(p => p.Version, Comparer<string?>.Create((a, b) => DebianVersion.Compare(a!, b!)));
}
