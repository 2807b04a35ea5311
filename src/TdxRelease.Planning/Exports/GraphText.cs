using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Planning.Exports;

/// <summary>A graph for people: one row a release, what may be replaced by it at which tier, and what changes.</summary>
public static class GraphText
{
    /// <summary>Writes all graphs, a blank line between two.</summary>
    public static void Write(IReadOnlyList<StepGraph> graphs, TextWriter output)
    {
        for (var i = 0; i < graphs.Count; i++)
        {
            output.Write(i > 0 ? "\n" : "");
            Write(graphs[i], output);
        }
    }

    private static void Write(StepGraph graph, TextWriter output)
    {
        output.Write($"{graph.Family.Name} ({graph.Family.Signature}), P-SEAMLDR {graph.Loader} and later on its line\n");
        string[][] rows = [["version", "SVN", "strict from", "TD-preserving from", "features"],
            .. Enumerable.Range(0, graph.Nodes.Count).Select(n => Row(graph, n))];
        TextTable.Write(rows, output);
        var islands = graph.Islands().Where(i => i.Count > 1).ToList();
        var alone = graph.Islands().Where(i => i.Count == 1).Select(i => i[0].Spelling).ToList();
        foreach (var island in islands)
        {
            output.Write($"  island: {string.Join(", ", island.Select(r => r.Spelling))}\n");
        }

        output.Write(alone.Count > 0 ? $"  alone: {string.Join(", ", alone)}\n" : "");
        foreach (var (from, to) in graph.ColdTransitions())
        {
            output.Write($"  cold: {from.Spelling} -> {to.Spelling} needs a reboot\n");
        }
    }

    private static string[] Row(StepGraph graph, int node)
    {
        var release = graph.Nodes[node].Release;
        return
        [
            release.Spelling,
            release.Svn.ToString(),
            graph.Nodes[node].Loadable ? SourceList.Print(graph, SourceList.Of(graph, node, StepAnswer.Strict))
                : release.IsDebug ? "debug module" : "not loadable",
            SourceList.Print(graph, SourceList.Of(graph, node, StepAnswer.TdPreserving)),
            Features(graph, node),
        ];
    }

    /// <summary>What changes against the node before on the same line.</summary>
    private static string Features(StepGraph graph, int node)
    {
        var release = graph.Nodes[node].Release;
        if (node == 0 || !graph.Nodes[node - 1].Release.Version.SameLine(release.Version))
        {
            return $"0x{release.Features0:X}";
        }

        var before = graph.Nodes[node - 1].Release.Features0;
        var changes = TdxFeatures0.NamesOf(release.Features0 & ~before).Select(n => $"+{n}")
            .Concat(TdxFeatures0.NamesOf(before & ~release.Features0).Select(n => $"-{n}"));
        return string.Join(' ', changes) is { Length: > 0 } text ? text : "=";
    }
}
