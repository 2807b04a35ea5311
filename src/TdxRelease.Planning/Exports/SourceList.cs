using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Exports;

/// <summary>Versions in few words: runs of neighbours are joined.</summary>
internal static class SourceList
{
    /// <summary><c>1.5.06-1.5.13, 1.5.20</c>: runs of three or more consecutive nodes are shortened; <c>-</c> for none.</summary>
    public static string Print(StepGraph graph, IReadOnlyList<int> nodes)
    {
        var parts = new List<string>();
        for (var i = 0; i < nodes.Count;)
        {
            var end = i;
            while (end + 1 < nodes.Count && nodes[end + 1] == nodes[end] + 1)
            {
                end++;
            }

            if (end - i < 2)
            {
                end = i;
            }

            parts.Add(end == i ? Name(graph, nodes[i]) : $"{Name(graph, nodes[i])}-{Name(graph, nodes[end])}");
            i = end + 1;
        }

        return parts.Count == 0 ? "-" : string.Join(", ", parts);
    }

    /// <summary>The nodes from which a step of that tier leads to a node.</summary>
    public static IReadOnlyList<int> Of(StepGraph graph, int node, StepAnswer tier) =>
        [.. Enumerable.Range(0, node).Where(from => graph.Between(from, node)?.Tier == tier)];

    private static string Name(StepGraph graph, int node) => graph.Nodes[node].Release.Spelling;
}
