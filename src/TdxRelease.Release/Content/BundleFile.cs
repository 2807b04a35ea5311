using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Release.Content;

/// <summary>A file of a bundle.</summary>
/// <param name="Path">Relative to the bundle's root, forward slashes.</param>
/// <param name="Content">The bytes.</param>
public sealed record BundleFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>A module as it goes into a bundle.</summary>
/// <param name="Facts">The verified facts.</param>
/// <param name="Features0">TDX_FEATURES0 from the mapping file.</param>
/// <param name="Image">The v2 image.</param>
public sealed record BundleModule(ModuleFacts Facts, ulong Features0, ReadOnlyMemory<byte> Image)
{
    /// <summary>Path of the image, in upstream's layout.</summary>
    public string ImagePath => UpstreamLayout.Image(Facts.Version, Facts.Spelling);
}
