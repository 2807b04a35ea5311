using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Graphs;

/// <summary>One allowed step between two releases.</summary>
/// <param name="From">The older module.</param>
/// <param name="To">The newer one.</param>
/// <param name="Tier">Strict or TD-preserving.</param>
/// <param name="Source">The state before, on the graph's processor and loader.</param>
public readonly record struct StepEdge(ReleaseFacts From, ReleaseFacts To, StepAnswer Tier, StepSource Source)
{
    /// <summary>TDX_FEATURES0 bits that the step adds.</summary>
    public ulong Added => To.Features0 & ~From.Features0;

    /// <summary>TDX_FEATURES0 bits that the step loses.</summary>
    public ulong Lost => From.Features0 & ~To.Features0;

    /// <summary>Known risks, sorted by id.</summary>
    public IReadOnlyList<StepRisk> Risks => StepRisks.Of(Source, To);
}

/// <summary>A release in a graph.</summary>
/// <param name="Release">The release.</param>
/// <param name="Loadable">
/// Whether hosts of this graph may load it: the loader is new enough, no debug module. A module that the BIOS brought may run all the same.
/// </param>
public sealed record StepNode(ReleaseFacts Release, bool Loadable);

/// <summary>
/// All steps on hosts of one CPU family whose loader is of one class. Edges
/// are complete, not only between neighbours, and made when asked for.
/// </summary>
public sealed class StepGraph
{
    private StepGraph(ReleaseSet releases, CpuFamily family, ModuleVersion loader)
    {
        Family = family;
        Loader = loader;
        Nodes = [.. releases.Releases.Where(r => r.Fits(family.Signature)).Select(r => new StepNode(r, StepRules.Runs(SourceOf(r), r)))];
    }

    /// <summary>The CPU family.</summary>
    public CpuFamily Family { get; }

    /// <summary>The loader class: P-SEAMLDR of this line, from this update up to the next class.</summary>
    public ModuleVersion Loader { get; }

    /// <summary>The family's releases, sorted by version.</summary>
    public IReadOnlyList<StepNode> Nodes { get; }

    /// <summary>All edges, sorted by target, then source.</summary>
    public IEnumerable<StepEdge> Edges => Enumerable.Range(0, Nodes.Count).SelectMany(EdgesTo);

    /// <summary>The graphs of all families and loader classes, sorted by family, then loader.</summary>
    public static IReadOnlyList<StepGraph> All(ReleaseSet releases) =>
        [.. releases.Families.SelectMany(f => releases.LoaderClasses(f.Signature).Select(l => new StepGraph(releases, f, l)))];

    /// <summary>The edges to one node, sorted by source.</summary>
    public IEnumerable<StepEdge> EdgesTo(int node) =>
        Enumerable.Range(0, node).Where(from => Leads(from, node)).Select(from => Edge(Nodes[from].Release, Nodes[node].Release));

    /// <summary>The edge between two nodes, or null.</summary>
    public StepEdge? Between(int from, int to) => Leads(from, to) ? Edge(Nodes[from].Release, Nodes[to].Release) : null;

    /// <summary>How many edges there are, without making them.</summary>
    public long CountEdges() => Enumerable.Range(0, Nodes.Count).Sum(to => Enumerable.Range(0, to).LongCount(from => Leads(from, to)));

    /// <summary>
    /// Neighbours on a line between which no step leads: a reboot is needed. Releases that cannot be loaded at all are passed over.
    /// </summary>
    public IEnumerable<(ReleaseFacts From, ReleaseFacts To)> ColdTransitions()
    {
        var last = -1;
        for (var node = 0; node < Nodes.Count; node++)
        {
            if (!Nodes[node].Loadable)
            {
                continue;
            }

            if (last >= 0 && Nodes[last].Release.Version.SameLine(Nodes[node].Release.Version) && Between(last, node) is null)
            {
                yield return (Nodes[last].Release, Nodes[node].Release);
            }

            last = node;
        }
    }

    /// <summary>
    /// The islands of the default tier (strict where the mapping defines it):
    /// groups of releases that steps connect, sorted by their first release.
    /// A path never leads from one island to another.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<ReleaseFacts>> Islands()
    {
        var parent = Enumerable.Range(0, Nodes.Count).ToArray();
        int Root(int node)
        {
            while (parent[node] != node)
            {
                node = parent[node] = parent[parent[node]];
            }

            return node;
        }

        for (var to = 0; to < Nodes.Count; to++)
        {
            for (var from = 0; from < to; from++)
            {
                if (Between(from, to) is { } edge && (edge.Tier == StepAnswer.Strict || edge.To.StrictCompat is null))
                {
                    var (a, b) = (Root(from), Root(to));
                    parent[Math.Max(a, b)] = Math.Min(a, b);
                }
            }
        }

        return [.. Enumerable.Range(0, Nodes.Count).GroupBy(Root)
            .Select(g => (IReadOnlyList<ReleaseFacts>)[.. g.Select(n => Nodes[n].Release)])];
    }

    private bool Leads(int from, int to) =>
        from < to && Nodes[to].Loadable && StepRules.Replaces(SourceOf(Nodes[from].Release), Nodes[to].Release);

    private StepEdge Edge(ReleaseFacts from, ReleaseFacts to)
    {
        var source = SourceOf(from);
        return new(from, to, StepRules.Strict.Holds(source, to) ? StepAnswer.Strict : StepAnswer.TdPreserving, source);
    }

    private StepSource SourceOf(ReleaseFacts running) => new(Family.Signature, Loader, running.Version, running.Svn, running.Features0);
}
