using TdxRelease.Core.Findings;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;
using TdxRelease.Upstream.Drift;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.History;

/// <summary>
/// What rewritten facts do to the steps between releases that both states have. Added and gone releases are named elsewhere.
/// </summary>
internal static class StepDrift
{
    public static IEnumerable<Finding> Between(MappingFile before, MappingFile after, IReadOnlyDictionary<ModuleVersion, ModuleFacts> facts)
    {
        var changed = Changed(before, after);
        if (changed.Count == 0)
        {
            return [];
        }

        var (old, now) = (new Steps(before, after, facts), new Steps(after, before, facts));
        var changes = new List<Change>();
        foreach (var family in now.Set.Families)
        {
            var loaders = old.Set.LoaderClasses(family.Signature).Union(now.Set.LoaderClasses(family.Signature)).Order().ToList();
            foreach (var loader in loaders)
            {
                changes.AddRange(Of(family, loader, loaders.Count, old.Graph(family, loader), now.Graph(family, loader), changed));
            }
        }

        return Findings(changes, after);
    }

    private static HashSet<ModuleVersion> Changed(MappingFile before, MappingFile after) =>
    [
        .. after.Releases.Where(r => before.Find(r.Version) is { } old
            && (old.Features0 != r.Features0 || old.MinModuleVersion != r.MinModuleVersion || !old.MinSeamldr.SequenceEqual(r.MinSeamldr)
                || (old.StrictCompat is null) != (r.StrictCompat is null) || !(old.StrictCompat ?? []).SequenceEqual(r.StrictCompat ?? [])))
                .Select(r => r.Version),
    ];

    private static IEnumerable<Change> Of(CpuFamily family, ModuleVersion loader, int loaders, StepGraph? old, StepGraph? now,
        HashSet<ModuleVersion> changed)
    {
        // Both graphs are of the same releases, so a node has the same place in both.
        var nodes = (now ?? old)?.Nodes ?? [];
        for (var to = 0; to < nodes.Count; to++)
        {
            for (var from = 0; from < to; from++)
            {
                if (!changed.Contains(nodes[to].Release.Version) && !changed.Contains(nodes[from].Release.Version))
                {
                    continue;
                }

                var (was, became) = (TierOf(old?.Between(from, to)), TierOf(now?.Between(from, to)));
                if (was != became)
                {
                    yield return new Change(family, loader, loaders, nodes[from].Release.Version, nodes[to].Release.Version, was, became);
                }
            }
        }
    }

    private static Tier TierOf(StepEdge? edge) => edge is not { } step ? Tier.None
        : step.Tier == StepAnswer.Strict ? Tier.Strict
        : step.To.StrictCompat is null ? Tier.Default : Tier.TdPreserving;

    /// <summary>One finding for a target, a change and the processors that it concerns.</summary>
    private static IEnumerable<Finding> Findings(List<Change> changes, MappingFile after)
    {
        var pairs = changes.GroupBy(c => (c.From, c.To, c.Was, c.Became)).Select(g => (g.Key, Hosts: Hosts(g)));
        foreach (var group in pairs.GroupBy(p => (p.Key.To, p.Key.Was, p.Key.Became, p.Hosts)).OrderBy(g => g.Key.To)
            .ThenBy(g => g.Key.Became).ThenBy(g => g.Key.Was))
        {
            var target = after.Find(group.Key.To)!;
            var sources = string.Join(", ", group.Select(p => p.Key.From).Order().Select(v => after.Find(v)!.Spelling));
            var (rule, words) = Words(group.Key.Was, group.Key.Became);
            yield return new Finding(rule, $"{group.Key.Hosts}: {sources} → {target.Spelling} {words}", target.Location, target.Spelling);
        }
    }

    private static string Hosts(IEnumerable<Change> changes) =>
        string.Join(", ", changes.GroupBy(c => c.Family.Signature).OrderBy(g => g.Key).Select(g =>
    {
        var first = g.First();
        return g.Count() == first.Loaders ? first.Family.Name
            : $"{first.Family.Name} (P-SEAMLDR {string.Join(", ", g.Select(c => c.Loader).Order())})";
    }));

    private static (Rule Rule, string Words) Words(Tier was, Tier became) => (was, became) switch
    {
        (_, Tier.None) => (DriftRules.StepGone, $"no longer possible at runtime (was {Word(was)})"),
        (Tier.None, _) => (DriftRules.StepBetter, $"now possible at runtime ({Word(became)})"),
        (_, Tier.Strict) => (DriftRules.StepBetter, "now strict"),
        (Tier.Strict, _) => (DriftRules.StepWeaker, "no longer strict"),
        (Tier.Default, _) => (DriftRules.StepWeaker, "not strict, no longer chosen by default"),
        _ => (DriftRules.StepBetter, "now chosen by default"),
    };

    private static string Word(Tier tier) => tier == Tier.Strict ? "strict" : "td-preserving";

    private enum Tier
    {
        None,
        TdPreserving,
        Default,
        Strict,
    }

    private sealed record Change(CpuFamily Family, ModuleVersion Loader, int Loaders, ModuleVersion From, ModuleVersion To, Tier Was,
        Tier Became);

    /// <summary>The graphs of the releases of one mapping that the other has too.</summary>
    private sealed class Steps
    {
        private readonly IReadOnlyList<StepGraph> graphs;

        public Steps(MappingFile mapping, MappingFile other, IReadOnlyDictionary<ModuleVersion, ModuleFacts> facts)
        {
            Set = ReleaseSet.Join(mapping with { Releases = [.. mapping.Releases.Where(r => other.Find(r.Version) is not null)] },
                facts.Values);
            graphs = StepGraph.All(Set);
        }

        public ReleaseSet Set { get; }

        /// <summary>The graph that hosts with that loader have: the one of their class.</summary>
        public StepGraph? Graph(CpuFamily family, ModuleVersion loader) => Set.LoaderClass(family.Signature, loader) is { } known
            ? graphs.First(g => g.Family.Signature == family.Signature && g.Loader == known)
            : null;
    }
}
