using TdxRelease.Archives.Codecs;
using TdxRelease.Packages.Metadata;
using TdxRelease.Signing;

namespace TdxRelease.Packages;

/// <summary>The package format of a family of distributions.</summary>
public abstract class DistributionFormat : PackageFormat
{
    /// <summary>Where the packages install the bundle, without the leading slash.</summary>
    public const string FirmwareFolder = "usr/lib/firmware/intel/tdx-module";

    /// <summary>Folder of the packages in the output folder.</summary>
    public const string Folder = "packages";

    /// <summary>Folder of the packages for cold loading. They hold no bundle, and the provenance alone vouches for them.</summary>
    public const string ColdFolder = "cold";

    /// <summary>Licence tag, section and compression where bundle.json does not say.</summary>
    public virtual BundleDistribution Defaults => BundleMetadata.Default.Formats[Name];

    /// <summary>Folder of system programs, without the leading slash.</summary>
    public virtual string Programs => "usr/sbin";

    /// <summary>Packages of the programs that the host updater calls.</summary>
    public virtual IReadOnlyList<string> Depends => [];

    /// <summary>Packages that the host updater makes use of where they are; in the distribution's own notation.</summary>
    public virtual IReadOnlyList<string> Suggests => [];

    /// <summary>Whether the signature is a file of its own, <c>NAME.sig</c>.</summary>
    protected virtual bool HasDetachedSignature => false;

    /// <summary>Files for the distribution's own tools.</summary>
    /// <param name="package">Name of the package.</param>
    public virtual IEnumerable<PackageFile> ToolFiles(string package) => [];

    /// <summary>Scripts that stop systemd units when the package goes.</summary>
    public virtual PackageScripts Scripts(IReadOnlyList<string> units) => new();

    /// <inheritdoc/>
    public override RepositoryPackage Pack(ReleaseContent release) => Pack(release, release.Spec(this));

    /// <inheritdoc/>
    public override IEnumerable<PublishedFile> Files(ReleaseContent release, RepositoryPackage? package)
    {
        yield return new PublishedFile($"{Folder}/{package!.FileName}", package.Content, FileUse.Download);
        if (package.Signature is { } signature)
        {
            yield return new PublishedFile($"{Folder}/{package.FileName}.sig", signature, FileUse.Sidecar);
        }

        if (release.Cold is { } cold)
        {
            var other = Pack(release, cold(release.Spec(this)));
            yield return new PublishedFile($"{ColdFolder}/{other.FileName}", other.Content, FileUse.Attested);
            if (other.Signature is { } vouching)
            {
                yield return new PublishedFile($"{ColdFolder}/{other.FileName}.sig", vouching, FileUse.Attested);
            }
        }
    }

    /// <summary>Makes a writer.</summary>
    /// <param name="compression">Of the package.</param>
    /// <param name="signer">Signs inside the package, where the format has a place for that; null leaves it unsigned.</param>
    protected abstract IPackageWriter Writer(Compression compression, IOpenPgpSigner? signer);

    /// <summary>Makes a package and signs it, whatever is in it.</summary>
    public RepositoryPackage Pack(ReleaseContent release, PackageSpec spec)
    {
        var writer = Writer(release.Choose(release.Metadata.Of(this).Chosen), release.Signer);
        using var stream = new MemoryStream();
        writer.Write(spec, stream);
        var package = new RepositoryPackage(writer.FileName(spec), stream.ToArray());
        return HasDetachedSignature ? package with { Signature = release.Signer?.SignDetached(package.Content.Span, release.Time) }
            : package;
    }
}
