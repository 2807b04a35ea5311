using TdxRelease.Core.Files;
using TdxRelease.Packages;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Packaging;
using TdxRelease.Repositories;

namespace TdxRelease.Release.History;

/// <summary>The packages in a folder with repositories, or in the output folder of a release.</summary>
internal static class PublishedPackages
{
    private const int MaxDepth = 8;

    /// <summary>
    /// Paths of the packages of one format, the first of which there are any: a release has the same versions in all of them. None in a
    /// folder that is a
    /// bundle or a snapshot itself.
    /// </summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 6.</exception>
    public static IReadOnlyList<string> In(string folder)
    {
        if (File.Exists(Path.Combine(folder, Manifest.FileName))
            || File.Exists(Path.Combine(folder, Verification.Mapping.UpstreamLayout.Mapping)))
        {
            return [];
        }

        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = MaxDepth,
            AttributesToSkip = FileAttributes.ReparsePoint
        };
        string[] files = [];
        IoErrors.Reading(folder, () => files = Directory.GetFiles(folder, "*", options));
        var found = files.Where(path => Containers.FormatOf(path) is DistributionFormat && !IsOther(Path.GetRelativePath(folder, path)))
            .ToLookup(path => Containers.FormatOf(path));
        return [.. (PackageFormats.All.Select(f => found[f]).FirstOrDefault(paths => paths.Any()) ?? []).Order(StringComparer.Ordinal)];
    }

    // Packages for cold loading and keyring packages hold no bundle, source forms no package.
    private static bool IsOther(string path) =>
        KeyringPackage.Is(Path.GetFileName(path))
        || path.StartsWith($"{DistributionFormat.ColdFolder}/", StringComparison.Ordinal)
        || path.StartsWith("sources/", StringComparison.Ordinal);
}
