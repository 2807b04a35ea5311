using System.Globalization;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Exports;

/// <summary>Graphviz DOT: solid is strict, dashed is TD-preserving, dotted needs a reboot.</summary>
public static class GraphDot
{
    /// <summary>Writes one graph as a digraph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="output">Where to.</param>
    /// <param name="complete">Every step, not only those that smaller steps do not replace.</param>
    public static void Write(StepGraph graph, TextWriter output, bool complete = false)
    {
        output.Write($"digraph {Quote($"{graph.Family.Name}, P-SEAMLDR {graph.Loader}")} {{\n");
        output.Write("  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
            + "  edge [fontname=\"sans-serif\", fontsize=10];\n");
        foreach (var line in graph.Nodes.Select(n => n.Release.Version.LineName).Distinct())
        {
            output.Write($"  subgraph {Quote($"cluster_{line}")} {{\n    label={Quote($"line {line}")};\n");
            foreach (var node in graph.Nodes.Where(n => n.Release.Version.LineName == line))
            {
                var style = node.Loadable ? "" : ", style=\"rounded,dashed\"";
                var name = Escape(node.Release.Spelling);
                output.Write($"    \"{name}\" [label=\"{name}\\nSVN {node.Release.Svn}\"{style}];\n");
            }

            output.Write("  }\n");
        }

        foreach (var (from, to, tier) in Steps(graph, complete))
        {
            var (style, label) = tier == StepAnswer.Strict ? ("solid", "strict") : ("dashed", "");
            output.Write($"  {Quote(Name(graph, from))} -> {Quote(Name(graph, to))} [style={style}, label=\"{label}\"];\n");
        }

        foreach (var (from, to) in graph.ColdTransitions())
        {
            output.Write($"  {Quote(from.Spelling)} -> {Quote(to.Spelling)} [style=dotted, label=\"reboot\", color=firebrick];\n");
        }

        output.Write("}\n");
    }

    private static IEnumerable<(int From, int To, StepAnswer Tier)> Steps(StepGraph graph, bool complete)
    {
        if (!complete)
        {
            return CoveringSteps.Of(graph);
        }

        return Enumerable.Range(0, graph.Nodes.Count).SelectMany(to =>
            Enumerable.Range(0, to).Where(from => graph.Between(from, to) is not null)
            .Select(from => (from, to, graph.Between(from, to)!.Value.Tier)));
    }

    private static string Name(StepGraph graph, int node) => graph.Nodes[node].Release.Spelling;

    private static string Quote(string text) => $"\"{Escape(text)}\"";

    private static string Escape(string text) =>
        string.Concat(text.Select(c => c is '"' or '\\' ? $"\\{c}"
            : char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\\\x{(int)c:x2}") : $"{c}"));
}
