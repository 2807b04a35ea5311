using TdxRelease.Core.Findings;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Upstream.Drift;

/// <summary>Compares the facts of two mapping files.</summary>
internal static class MappingDrift
{
    public static void Compare(MappingFile before, DriftSide after, List<Finding> findings)
    {
        var now = after.Mapping!;
        if (before.HeaderVersion != now.HeaderVersion)
        {
            findings.Add(new Finding(DriftRules.HeaderVersion, $"Header.Version \"{before.HeaderVersion}\" became \"{now.HeaderVersion}\"",
                new Location(after.Name)));
        }

        var newlyStrict = new List<string>();
        foreach (var version in before.Releases.Select(r => r.Version).Union(now.Releases.Select(r => r.Version)).Order())
        {
            var (old, release) = (before.Find(version), now.Find(version));
            if (release is null)
            {
                findings.Add(new Finding(DriftRules.ReleaseGone, $"release {old!.Spelling} is gone",
                    new Location(after.Name.Length > 0 ? after.Name : UpstreamLayout.Mapping), old.Spelling));
            }
            else if (old is null)
            {
                findings.Add(new Finding(DriftRules.ReleaseAdded, $"release {release.Spelling} was added", release.Location,
                    release.Spelling));
            }
            else
            {
                Facts(old, release, findings);
                if (old.StrictCompat is null && release.StrictCompat is not null)
                {
                    newlyStrict.Add(release.Spelling);
                }
            }
        }

        if (newlyStrict.Count > 0)
        {
            findings.Add(new Finding(DriftRules.StrictAdded, $"strict_compat_versions is now given for {string.Join(", ", newlyStrict)}",
                new Location(after.Name)));
        }
    }

    /// <summary><c>TD_MIGRATION, bit 24</c> gained and lost, as text.</summary>
    public static string Bits(ulong before, ulong after)
    {
        var gained = TdxFeatures0.NamesOf(after & ~before);
        var lost = TdxFeatures0.NamesOf(before & ~after);
        return string.Join("; ", new[]
        {
            gained.Count > 0 ? $"gained {string.Join(", ", gained)}" : null,
            lost.Count > 0 ? $"lost {string.Join(", ", lost)}" : null,
        }.OfType<string>());
    }

    private static void Facts(ModuleRelease old, ModuleRelease release, List<Finding> findings)
    {
        if (old.Features0 != release.Features0)
        {
            Add(DriftRules.Features, "tdx_feature0", $"0x{old.Features0:X}",
                $"0x{release.Features0:X} ({Bits(old.Features0, release.Features0)})");
        }

        if (!old.MinSeamldr.SequenceEqual(release.MinSeamldr))
        {
            Add(DriftRules.MinLoader, "min_seamldr_versions", List(old.MinSeamldr), List(release.MinSeamldr));
        }

        if (old.MinModuleVersion != release.MinModuleVersion)
        {
            Add(DriftRules.MinModule, "min_module_version_for_td_preserving", $"{old.MinModuleVersion}", $"{release.MinModuleVersion}");
        }

        if (old.StrictCompat is not null && !old.StrictCompat.SequenceEqual(release.StrictCompat ?? []))
        {
            Add(DriftRules.StrictSet, "strict_compat_versions", List(old.StrictCompat), List(release.StrictCompat));
        }
        else if (old.StrictCompat is not null && release.StrictCompat is null)
        {
            Add(DriftRules.StrictSet, "strict_compat_versions", List(old.StrictCompat), "no key");
        }

        void Add(Rule rule, string fact, string from, string to) =>
            findings.Add(new Finding(rule, $"release {release.Spelling}: {fact} {from} became {to}", release.Location, release.Spelling));
    }

    private static string List(IReadOnlyList<ModuleVersion>? versions) => versions is null ? "no key" : $"[{string.Join(", ", versions)}]";
}
