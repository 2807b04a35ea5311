using System.Globalization;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Exports;

/// <summary>
/// Mermaid flowchart: thick is strict, dotted is TD-preserving, a cross needs a reboot. Only steps that smaller steps do not replace.
/// </summary>
public static class GraphMermaid
{
    /// <summary>Writes one graph.</summary>
    public static void Write(StepGraph graph, TextWriter output)
    {
        output.Write($"%% {Escape(graph.Family.Name)}, P-SEAMLDR {graph.Loader}\nflowchart LR\n");
        foreach (var line in graph.Nodes.Select(n => n.Release.Version.Line).Distinct())
        {
            output.Write(string.Create(CultureInfo.InvariantCulture,
                $"  subgraph line{line.Major}_{line.Minor}[\"line {line.Major}.{line.Minor}\"]\n"));
            for (var i = 0; i < graph.Nodes.Count; i++)
            {
                var node = graph.Nodes[i];
                if (node.Release.Version.Line == line)
                {
                    var style = node.Loadable ? "" : ":::unloadable";
                    output.Write($"    {Id(i)}[\"{Escape(node.Release.Spelling)}<br/>SVN {node.Release.Svn}\"]{style}\n");
                }
            }

            output.Write("  end\n");
        }

        foreach (var (from, to, tier) in CoveringSteps.Of(graph))
        {
            output.Write($"  {Id(from)} {(tier == StepAnswer.Strict ? "==>|strict|" : "-.->")} {Id(to)}\n");
        }

        var numbers = graph.Nodes.Select((n, i) => (n.Release, i)).ToDictionary(p => p.Release, p => p.i);
        foreach (var (from, to) in graph.ColdTransitions())
        {
            output.Write($"  {Id(numbers[from])} --x|reboot| {Id(numbers[to])}\n");
        }

        output.Write("  classDef unloadable stroke-dasharray: 4 3\n");
    }

    private static string Id(int node) => string.Create(CultureInfo.InvariantCulture, $"n{node}");

    private static string Escape(string text) =>
        string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ' ' or '-' ? $"{c}"
        : string.Create(CultureInfo.InvariantCulture, $"#{(int)c};")));
}
