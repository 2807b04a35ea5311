namespace TdxRelease.Build;

/// <summary>A finished bundle on disk.</summary>
/// <param name="Unsigned">Made without a key.</param>
/// <param name="Digest">Hash over all its files.</param>
public sealed record BundleResult(bool Unsigned, string? Digest);
