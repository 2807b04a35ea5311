using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Planning.Exports;

/// <summary>One line of releases: spine, arcs, boxes, what is new, and the matrix of all steps.</summary>
internal sealed class SvgLane(StepGraph graph, IReadOnlyList<int> nodes, IReadOnlyList<(int From, int To, StepAnswer Tier)> covering,
    SvgIslands islands, SvgText svg)
{
    /// <summary>Room above the first lane.</summary>
    public const double Header = 82;

    private const double Row = 42;
    private const double BoxLeft = 104;
    private const double BoxWidth = 92;
    private const double Spine = BoxLeft + (BoxWidth / 2);
    private const double Text = BoxLeft + BoxWidth + 16;
    private const double Matrix = 640;
    private const double Changes = 370;
    private const double Cell = 18;

    public double Width => Matrix + Math.Max(nodes.Count * Cell, 180) + 30;

    /// <summary>Draws the lane from that height on, rules as wide as the picture.</summary>
    /// <returns>Where the next may begin.</returns>
    public double Draw(double top, double width)
    {
        svg.Line("rule", 24, top, width - 24, top);
        svg.Text("h2", 24, top + 26, $"Line {graph.Nodes[nodes[0]].Release.Version.LineName}");
        svg.Text("small", Text, top + 26, "SVN");
        svg.Text("small", Text + 44, top + 26, "what changes");
        svg.Text("small", Matrix, top + 14, "may be loaded over (all updates)");
        var first = top + 58;
        for (var i = 0; i < nodes.Count; i++)
        {
            var update = graph.Nodes[nodes[i]].Release.Version.Update;
            svg.Text("small mid num", Matrix + ((i + 0.5) * Cell), top + 32, $"{update:00}");
            svg.Line("rule", Text, first + (i * Row) + (Row / 2), width - 24, first + (i * Row) + (Row / 2));
        }

        Connections(first);
        for (var i = 0; i < nodes.Count; i++)
        {
            Box(i, first + (i * Row));
            Cells(i, first + (i * Row));
        }

        return first + (nodes.Count * Row) + 8;
    }

    private void Connections(double first)
    {
        var cold = graph.ColdTransitions().Select(t => t.To).ToHashSet();
        for (var i = 1; i < nodes.Count; i++)
        {
            var (from, to) = (first + ((i - 1) * Row) + 12, first + (i * Row) - 12);
            if (graph.Between(nodes[i - 1], nodes[i]) is { } edge)
            {
                Arrow(edge.Tier, GraphSvg.Invariant($"M{Spine:0.#} {from:0.#}V{to:0.#}"));
            }
            else if (cold.Contains(graph.Nodes[nodes[i]].Release))
            {
                svg.Line("cold", Spine, from + 2, Spine, to - 1);
                svg.Text("coldtext", Spine + 8, ((from + to) / 2) + 4, "reboot");
            }
        }

        foreach (var (from, to, tier) in covering)
        {
            var (a, b) = (Position(from), Position(to));
            if (a >= 0 && b > a + 1)
            {
                var bend = BoxLeft - Math.Min(70, 14 + (9 * (b - a)) + (tier == StepAnswer.Strict ? 0 : 5));
                var (y1, y2) = (first + (a * Row) + 5, first + (b * Row) - 5);
                Arrow(tier, GraphSvg.Invariant(
                    $"M{BoxLeft:0.#} {y1:0.#}C{bend:0.#} {y1 + 10:0.#} {bend:0.#} {y2 - 10:0.#} {BoxLeft - 1:0.#} {y2:0.#}"));
            }
        }
    }

    private void Arrow(StepAnswer tier, string data) =>
        svg.Path(tier == StepAnswer.Strict ? "strict" : "live", data, svg.Head(tier));

    private void Box(int row, double y)
    {
        var node = graph.Nodes[nodes[row]];
        var (letter, mark) = islands[node.Release];
        svg.Open(nodes[row]);
        svg.Rect("box", BoxLeft, y - 12, BoxWidth, 24, 7, $"MRSEAM {node.Release.MrSeam}");
        if (!node.Loadable)
        {
            svg.Rect("off", BoxLeft + 3, y - 9, BoxWidth - 6, 18, 5);
        }

        svg.Rect(mark, BoxLeft + 6, y - 8, 16, 16, 8);
        svg.Text("letter", BoxLeft + 14, y + 4, letter.Length == 0 ? "–" : letter);
        svg.Text("ver", BoxLeft + 29, y + 4.5, node.Release.Spelling);
        svg.Close();
        svg.Text("num", Text, y + 4.5, node.Release.Svn.ToString());
        var changes = node.Loadable ? New(row) : node.Release.IsDebug ? "debug module, not loadable" : "not loadable with this loader";
        var style = node.Loadable ? "" : "sub";
        var (line, rest) = Split(changes);
        if (rest.Length == 0)
        {
            svg.Text(style, Text + 44, y + 4.5, line, line.EndsWith('…') ? changes : null);
            return;
        }

        svg.Text(style, Text + 44, y - 3, line);
        svg.Text(style, Text + 44, y + 13, Short(rest), changes);
    }

    private void Cells(int row, double y)
    {
        var to = graph.Nodes[nodes[row]].Release;
        for (var from = 0; from <= row; from++)
        {
            var x = Matrix + ((from + 0.5) * Cell);
            if (from == row)
            {
                svg.Rect(islands[to].Style, x - 2.5, y - 2.5, 5, 5, 2.5);
                continue;
            }

            var edge = graph.Between(nodes[from], nodes[row]);
            var title = $"{graph.Nodes[nodes[from]].Release.Spelling} -> {to.Spelling}: {(edge?.Tier ?? StepAnswer.Cold).Word()}";
            switch (edge?.Tier)
            {
                case StepAnswer.Strict:
                    svg.Rect("mstrict", x - 6.5, y - 6.5, 13, 13, 3, title);
                    break;
                case StepAnswer.TdPreserving:
                    svg.Rect("mlive", x - 5.5, y - 5.5, 11, 11, 3, title);
                    break;
                default:
                    svg.Rect("mnone", x - 1.5, y - 1.5, 3, 3, 1.5, title);
                    break;
            }
        }
    }

    private string New(int row)
    {
        if (row == 0)
        {
            return "first release of the line for this processor";
        }

        var (before, after) = (graph.Nodes[nodes[row - 1]].Release.Features0, graph.Nodes[nodes[row]].Release.Features0);
        var names = TdxFeatures0.NamesOf(after & ~before).Select(n => $"+{n}")
            .Concat(TdxFeatures0.NamesOf(before & ~after).Select(n => $"−{n}"));
        return string.Join("  ", names) is { Length: > 0 } text ? text : "same features";
    }

    private int Position(int node)
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            if (nodes[i] == node)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>As many of the names as fit one line, and the others.</summary>
    private static (string First, string Others) Split(string text)
    {
        var end = text.Length;
        while (end > 0 && Fits(text[..end]) < end)
        {
            end = text.LastIndexOf("  ", end - 1, StringComparison.Ordinal);
        }

        return end > 0 ? (text[..end], text[end..].TrimStart()) : (Short(text), "");
    }

    /// <summary>Cuts a text to the room there is.</summary>
    private static string Short(string text) => Fits(text) is var end && end < text.Length ? text[..end].TrimEnd() + "…" : text;

    /// <summary>How many characters fit; widths are estimates on the wide side, capitals being wider.</summary>
    private static int Fits(string text)
    {
        var room = Changes;
        for (var i = 0; i < text.Length; i++)
        {
            room -= char.IsAsciiLetterUpper(text[i]) || text[i] is '_' or '+' or '−' ? 9.2 : 7.6;
            if (room < 0)
            {
                return i;
            }
        }

        return text.Length;
    }
}
