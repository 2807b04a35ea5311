using System.Globalization;

namespace TdxRelease.Modules.Steps;

/// <summary>
/// A graph as a picture: one lane a line, releases downwards, the line between two says how to get there; beside it the matrix of all steps. Islands have a colour and a letter.
/// Light and dark by the viewer's preference; no script, no link, no font of its own.
/// </summary>
public static class GraphSvg
{
    /// <summary>Conventional file name: <c>graph-sapphire-rapids-1.5.00.svg</c>.</summary>
    public static string NameOf(StepGraph graph, string extension) => $"graph-{graph.Family.Id}-{graph.Loader}.{extension}";

    /// <summary>Writes one graph.</summary>
    /// <exception cref="Findings.TdxException">More releases than a picture can show.</exception>
    public static void Write(StepGraph graph, TextWriter output)
    {
        var covering = CoveringSteps.Of(graph);
        var islands = SvgIslands.Of(graph);
        var lanes = graph.Nodes.Select((n, i) => (n.Release.Version.Line, Node: i)).GroupBy(n => n.Line, n => n.Node).Select(g => g.ToList()).ToList();
        var svg = new SvgText();
        var y = SvgLane.Header;
        var width = 620.0;
        foreach (var nodes in lanes)
        {
            var lane = new SvgLane(graph, nodes, covering, islands, svg);
            y = lane.Draw(y);
            width = Math.Max(width, lane.Width);
        }

        SvgLegend.Draw(svg, y);
        var height = y + SvgLegend.Height;
        output.Write(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0} {height:0}\" width=\"{width:0}\" height=\"{height:0}\" role=\"img\" aria-labelledby=\"title desc\">\n"));
        output.Write($"<title id=\"title\">{SvgText.Escape($"Updates of the TDX module on {graph.Family.Name} with P-SEAMLDR {graph.Loader}")}</title>\n");
        output.Write($"<desc id=\"desc\">{SvgText.Escape(Describe(graph))}</desc>\n");
        output.Write(SvgStyle.Text);
        output.Write(Invariant($"<rect class=\"page\" width=\"{width:0}\" height=\"{height:0}\"/>\n"));
        output.Write($"<text class=\"h1\" x=\"24\" y=\"38\">{SvgText.Escape(graph.Family.Name)}</text>\n");
        output.Write($"<text class=\"sub\" x=\"24\" y=\"59\">{SvgText.Escape(Describe(graph))}</text>\n");
        output.Write(svg.ToString());
        output.Write("</svg>\n");
    }

    internal static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Describe(StepGraph graph)
    {
        var strict = graph.Edges.Count(e => e.Tier == StepAnswer.Strict);
        return Invariant($"CPU {graph.Family.Signature}, P-SEAMLDR {graph.Loader} and later · {graph.Nodes.Count} releases · {strict} strict and {graph.CountEdges() - strict} TD-preserving updates");
    }
}
