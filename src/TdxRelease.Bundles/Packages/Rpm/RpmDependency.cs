namespace TdxRelease.Bundles.Packages.Rpm;

/// <summary>A name that a package provides or requires.</summary>
/// <param name="Name">The name.</param>
/// <param name="Flags">Comparison and origin.</param>
/// <param name="Version">Version, or empty.</param>
public readonly record struct RpmDependency(string Name, RpmSense Flags, string Version)
{
    internal static readonly RpmDependency CompressedFileNames = Feature("CompressedFileNames", "3.0.4-1");
    internal static readonly RpmDependency FileDigests = Feature("FileDigests", "4.6.0-1");
    internal static readonly RpmDependency PayloadFilesHavePrefix = Feature("PayloadFilesHavePrefix", "4.0-1");

    /// <summary>A feature that rpm must have, since the version given.</summary>
    internal static RpmDependency Feature(string name, string since) =>
        new($"rpmlib({name})", RpmSense.RpmLib | RpmSense.Less | RpmSense.Equal, since);

    internal static void Require(RpmHeaderBuilder header, IEnumerable<RpmDependency> required)
    {
        var sorted = Sorted(required);
        header.Texts(RpmTag.RequireName, [.. sorted.Select(d => d.Name)]);
        header.Int32s(RpmTag.RequireFlags, [.. sorted.Select(d => (long)d.Flags)]);
        header.Texts(RpmTag.RequireVersion, [.. sorted.Select(d => d.Version)]);
    }

    internal static void Provide(RpmHeaderBuilder header, IEnumerable<RpmDependency> provided)
    {
        var sorted = Sorted(provided);
        header.Texts(RpmTag.ProvideName, [.. sorted.Select(d => d.Name)]);
        header.Int32s(RpmTag.ProvideFlags, [.. sorted.Select(d => (long)d.Flags)]);
        header.Texts(RpmTag.ProvideVersion, [.. sorted.Select(d => d.Version)]);
    }

    private static List<RpmDependency> Sorted(IEnumerable<RpmDependency> dependencies) =>
        [.. dependencies.OrderBy(d => d.Name, StringComparer.Ordinal).ThenBy(d => d.Version, StringComparer.Ordinal).ThenBy(d => d.Flags)];
}
