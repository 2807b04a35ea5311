using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Oci;

/// <summary>
/// A bundle as an OCI image layout, a folder of its own (image-spec 1.1). How its files become layers is what such forms differ in.
/// </summary>
public abstract class LayoutFormat : PackageFormat
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<LayoutFormat> All { get; } = [new OciFormat(), new ContainerImage.ImageFormat()];

    /// <inheritdoc/>
    public override bool NamesMaintainer => false;

    /// <summary>The type of its manifest; null for an image that engines run or unpack.</summary>
    public abstract string? ArtifactType { get; }

    /// <inheritdoc/>
    public override void WriteFolder(ReleaseContent release, AtomicFolder folder, ReadOnlyMemory<byte>? sigstore)
    {
        var path = Path.Combine(folder.Staging, Name);
        using var layout = new AtomicFolder(path, FolderState.Of(path));
        OciLayoutWriter.Write(this, (file, content) => layout.Write(file, content), release.Files, release.Version, release.Time, sigstore,
            release.Key is { } key ? payload => key.Sign(payload, HashAlgorithmName.SHA256) : null);
        layout.Commit();
    }

    /// <summary>The layers that hold the files.</summary>
    /// <param name="files">The bundle's files, sorted, no path twice.</param>
    /// <param name="created">The time of the release.</param>
    internal abstract IEnumerable<OciLayer> Layers(IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> files,
        DateTimeOffset created);

    /// <summary>The files that layers hold, which may be hostile.</summary>
    /// <param name="layers">The layers; the digest of each holds.</param>
    /// <param name="place">How messages call the manifest.</param>
    /// <exception cref="TdxException">Exit 3: layers of another form, unsafe paths, a path twice.</exception>
    internal abstract IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> Files(IReadOnlyList<OciLayer> layers, string place);
}

/// <summary>A layer of an image or artifact, not compressed.</summary>
/// <param name="MediaType">Its media type.</param>
/// <param name="Title">The path of the file that it is; null where it is an archive.</param>
/// <param name="Content">The bytes.</param>
internal sealed record OciLayer(string MediaType, string? Title, ReadOnlyMemory<byte> Content);
