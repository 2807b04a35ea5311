namespace TdxRelease.Build;

/// <summary>A finished bundle on disk.</summary>
/// <param name="Unsigned">BuiltPackage without a key.</param>
public sealed record BundleResult(bool Unsigned);
