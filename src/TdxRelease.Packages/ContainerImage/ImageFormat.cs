using TdxRelease.Archives;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Oci;

namespace TdxRelease.Packages.ContainerImage;

/// <summary>
/// The bundle as a container image, <c>FROM scratch</c>: one layer, a tar of the firmware folder as packages install it. Engines pull,
/// unpack and copy
/// from it; it runs nothing. The layer is not compressed, so that its bytes follow from the bundle on every machine.
/// </summary>
public sealed class ImageFormat : LayoutFormat
{
    private const string TarLayer = "application/vnd.oci.image.layer.v1.tar";
    private const string Folder = DistributionFormat.FirmwareFolder + "/";

    /// <inheritdoc/>
    public override string Name => "image";

    /// <inheritdoc/>
    public override string? ArtifactType => null;

    /// <inheritdoc/>
    internal override IEnumerable<OciLayer> Layers(IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> files, DateTimeOffset created)
    {
        var tar = new MemoryStream();
        TarWriter.WriteTree(tar, files.Select(f => new TarEntry(Folder + f.Path, f.Content)), created);
        return [new OciLayer(TarLayer, null, tar.GetBuffer().AsMemory(0, (int)tar.Length))];
    }

    /// <inheritdoc/>
    internal override IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> Files(IReadOnlyList<OciLayer> layers, string place)
    {
        if (layers is not [{ MediaType: TarLayer } layer])
        {
            throw new TdxException(ExitCode.BadInput, $"{place}: {layers.Count} layers, want one of type {TarLayer}");
        }

        foreach (var entry in TarReader.Read(layer.Content, place).Where(e => e.Kind != TarEntryKind.Folder))
        {
            yield return entry.Kind == TarEntryKind.File && entry.Path.StartsWith(Folder, StringComparison.Ordinal)
                ? (entry.Path[Folder.Length..], entry.Content)
                : throw new TdxException(ExitCode.BadInput, $"{place}: \"{entry.Path}\" is not a file below {Folder}");
        }
    }
}
