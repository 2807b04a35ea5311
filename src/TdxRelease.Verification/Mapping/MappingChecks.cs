using TdxRelease.Core.Json;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Mapping;

/// <summary>A version in the mapping file and where it stands.</summary>
/// <param name="Version">The version.</param>
/// <param name="Offset">In bytes.</param>
internal readonly record struct Located(ModuleVersion Version, int Offset);

/// <summary>What the values of a mapping file must be to one another.</summary>
/// <param name="json">Collects findings with their places.</param>
internal sealed class MappingChecks(JsonChecker json)
{
    /// <summary>The first version that steps preserve trust domains from.</summary>
    public void Minimum(Located version, Located? minimum, string where, string? spelling)
    {
        if (minimum is not { } m)
        {
            return;
        }

        if (!m.Version.SameLine(version.Version))
        {
            json.Add(MappingRules.MinModuleLine, m.Offset,
                $"{where}: min_module_version_for_td_preserving {m.Version} is not on line {version.Version.LineName}", spelling);
        }
        else if (m.Version > version.Version)
        {
            json.Add(MappingRules.MinModuleOrder, m.Offset,
                $"{where}: min_module_version_for_td_preserving {m.Version} is above the release", spelling);
        }
    }

    /// <summary>The oldest loader of each line.</summary>
    public void Loaders(List<Located>? loaders, string where, string? spelling)
    {
        var lines = new HashSet<(ushort, ushort)>();
        foreach (var loader in loaders ?? [])
        {
            if (!lines.Add(loader.Version.Line))
            {
                json.Add(MappingRules.LoaderTwice, loader.Offset,
                    $"{where}: min_seamldr_versions names line {loader.Version.LineName} twice", spelling);
            }
        }
    }

    /// <summary>The versions from which a step keeps every promise.</summary>
    public void Strict(Located version, Located? minimum, List<Located>? strict, string where, string? spelling)
    {
        var seen = new HashSet<ModuleVersion>();
        foreach (var source in strict ?? [])
        {
            if (!seen.Add(source.Version))
            {
                json.Add(MappingRules.StrictTwice, source.Offset, $"{where}: strict_compat_versions names {source.Version} twice",
                    spelling);
            }

            if (!source.Version.SameLine(version.Version))
            {
                json.Add(MappingRules.StrictLine, source.Offset,
                    $"{where}: strict_compat_versions: {source.Version} is not on line {version.Version.LineName}", spelling);
            }
            else if (source.Version >= version.Version)
            {
                json.Add(MappingRules.StrictOrder, source.Offset,
                    $"{where}: strict_compat_versions: {source.Version} is not older than the release", spelling);
            }
            else if (minimum is { } m && source.Version < m.Version)
            {
                json.Add(MappingRules.StrictBelowMinimum, source.Offset,
                    $"{where}: strict_compat_versions: {source.Version} is below min_module_version_for_td_preserving {m.Version}",
                    spelling);
            }
        }
    }

    /// <summary>The releases as a list.</summary>
    /// <param name="releases">Those without errors of their own.</param>
    /// <param name="released">Versions of all.</param>
    public void Together(List<(ModuleRelease Release, LocatedValue Json)> releases, HashSet<ModuleVersion> released)
    {
        var seen = new HashSet<ModuleVersion>();
        ModuleVersion? last = null;
        foreach (var (release, value) in releases)
        {
            if (!seen.Add(release.Version))
            {
                json.Add(MappingRules.ReleaseTwice, value.Offset, $"release \"{release.Spelling}\" is listed twice", release.Spelling);
            }
            else if (last > release.Version)
            {
                json.Add(MappingRules.ReleaseOrder, value.Offset, $"release \"{release.Spelling}\" comes after {last}", release.Spelling);
            }

            last = release.Version;
        }

        var with = releases.Count(r => r.Release.StrictCompat is not null);
        foreach (var (release, value) in releases)
        {
            var offset = value["strict_compat_versions"]?.Offset ?? value.Offset;
            foreach (var source in release.StrictCompat ?? [])
            {
                if (!released.Contains(source) && source.SameLine(release.Version))
                {
                    json.Add(MappingRules.StrictUnlisted, offset,
                        $"release \"{release.Spelling}\": strict_compat_versions: {source} is not a release of this file",
                        release.Spelling);
                }
            }

            if (release.StrictCompat is null && with > 0)
            {
                json.Add(MappingRules.StrictMixed, value.Offset,
                    $"release \"{release.Spelling}\" lacks strict_compat_versions, {with} of {releases.Count} releases have it",
                    release.Spelling);
            }
        }
    }
}
