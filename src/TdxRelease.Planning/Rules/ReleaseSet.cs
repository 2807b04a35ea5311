using TdxRelease.Core.Findings;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Rules;

/// <summary>The releases that graph and planner work on: sorted by version and unique, whatever order they came in.</summary>
public sealed class ReleaseSet
{
    private readonly Dictionary<ModuleVersion, ReleaseFacts> byVersion;

    /// <summary>Sorts the releases.</summary>
    /// <exception cref="TdxException">A version is given twice.</exception>
    public ReleaseSet(IEnumerable<ReleaseFacts> releases)
    {
        Releases = [.. releases.OrderBy(r => r.Version)];
        byVersion = new(Releases.Count);
        foreach (var release in Releases)
        {
            if (!byVersion.TryAdd(release.Version, release))
            {
                throw new TdxException(ExitCode.BadInput, $"release \"{release.Spelling}\" is given twice");
            }
        }

        Families = [.. Releases.SelectMany(r => r.Cpus).Select(c => c.Family).Distinct().Order().Select(CpuFamily.Of)];
    }

    /// <summary>Sorted by version.</summary>
    public IReadOnlyList<ReleaseFacts> Releases { get; }

    /// <summary>The CPU families of all releases, sorted by signature.</summary>
    public IReadOnlyList<CpuFamily> Families { get; }

    /// <summary>
    /// Joins the mapping to the facts of the modules that verified. A release without facts is left out: nothing unverified is ever a step.
    /// </summary>
    public static ReleaseSet Join(MappingFile mapping, IEnumerable<ModuleFacts> facts)
    {
        var verified = facts.ToDictionary(f => f.Version);
        return new ReleaseSet(mapping.Releases.Where(r => verified.ContainsKey(r.Version))
            .Select(r => ReleaseFacts.Of(r, verified[r.Version])));
    }

    /// <summary>The release of that version, or null.</summary>
    public ReleaseFacts? Find(ModuleVersion version) => byVersion.GetValueOrDefault(version);

    /// <summary>How upstream spells the version, or how Linux prints one that upstream does not list.</summary>
    public string Spell(ModuleVersion version) => Find(version)?.Spelling ?? version.ToString();

    /// <summary>
    /// The loader classes of a family: the P-SEAMLDR versions at which the answer changes, sorted.
    /// A running loader belongs to the highest one on its line that is not above it.
    /// </summary>
    public IReadOnlyList<ModuleVersion> LoaderClasses(CpuSignature family) =>
        [.. Releases.Where(r => r.Fits(family)).SelectMany(r => r.MinSeamldr).Distinct().Order()];

    /// <summary>The class of a running loader, or null where it is below all thresholds of its line or its line is unknown.</summary>
    public ModuleVersion? LoaderClass(CpuSignature family, ModuleVersion seamldr)
    {
        ModuleVersion? best = null;
        foreach (var threshold in LoaderClasses(family))
        {
            if (threshold.SameLine(seamldr) && threshold <= seamldr)
            {
                best = threshold;
            }
        }

        return best;
    }
}
