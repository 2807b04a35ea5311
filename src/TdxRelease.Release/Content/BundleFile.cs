namespace TdxRelease.Release.Content;

/// <summary>A file of a bundle.</summary>
/// <param name="Path">Relative to the bundle's root, forward slashes.</param>
/// <param name="Content">The bytes.</param>
public sealed record BundleFile(string Path, ReadOnlyMemory<byte> Content);
