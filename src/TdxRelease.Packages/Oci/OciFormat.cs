using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Oci;

/// <summary>
/// The bundle as an artifact: one layer for each file, which registries carry like any image and clients fetch one by one.
/// </summary>
public sealed class OciFormat : LayoutFormat
{
    /// <inheritdoc/>
    public override string Name => "oci";

    /// <inheritdoc/>
    public override string ArtifactType => OciTypes.Bundle;

    /// <inheritdoc/>
    internal override IEnumerable<OciLayer> Layers(IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> files,
        DateTimeOffset created) =>
        files.Select(f => new OciLayer(OciTypes.File, f.Path, f.Content));

    /// <inheritdoc/>
    internal override IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> Files(IReadOnlyList<OciLayer> layers, string place) =>
        layers.Select(l => (l.Title ?? throw new TdxException(ExitCode.BadInput, $"{place}: a layer has no {OciTypes.Title}"), l.Content));
}
