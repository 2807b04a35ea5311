using System.Globalization;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Exports;

/// <summary>
/// A graph as a picture: one lane a line, releases downwards, the line between two says how
/// to get there; beside it the matrix of all steps. Islands have a colour and a letter.
/// Light and dark by the viewer's preference; no script, no link, no font of its own.
/// </summary>
public static class GraphSvg
{
    /// <summary>Conventional file name: <c>graph-sapphire-rapids-1.5.00.svg</c>.</summary>
    public static string NameOf(StepGraph graph, string extension) => $"graph-{graph.Family.Id}-{graph.Loader}.{extension}";

    /// <summary>
    /// The style sheet of <see cref="WriteFigure"/>, for the page's head; it
    /// says nothing about anything outside an SVG but classes of its own.
    /// </summary>
    public static string Rules => SvgStyle.Rules;

    /// <summary>Writes one graph as a document.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">More releases than a picture can show.</exception>
    public static void Write(StepGraph graph, TextWriter output)
    {
        var svg = new SvgText("");
        var (width, height) = Draw(graph, svg);
        var size = Invariant($"viewBox=\"0 0 {width:0} {height:0}\" width=\"{width:0}\" height=\"{height:0}\"");
        output.Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" {size} role=\"img\" aria-labelledby=\"title desc\">\n");
        Describe(graph, "", output);
        output.Write($"<style>\n{SvgStyle.Rules}</style>\n");
        output.Write(SvgStyle.Markers(""));
        output.Write(Invariant($"<rect class=\"page\" width=\"{width:0}\" height=\"{height:0}\"/>\n"));
        output.Write($"<text class=\"h1\" x=\"24\" y=\"38\">{SvgText.Escape(graph.Family.Name)}</text>\n");
        output.Write($"<text class=\"sub\" x=\"24\" y=\"59\">{SvgText.Escape(Describe(graph))}</text>\n");
        output.Write(svg.ToString());
        output.Write("</svg>\n");
    }

    /// <summary>
    /// Writes one graph as an element of an HTML page that has <see cref="Rules"/>:
    /// no heading, and the box of node N is in a group with <c>data-node="N"</c>.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="id">Prefix of all ids in it; unique in the page, letters and digits.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">More releases than a picture can show.</exception>
    public static void WriteFigure(StepGraph graph, string id, TextWriter output)
    {
        var svg = new SvgText(id);
        var (width, height) = Draw(graph, svg);
        var top = SvgLane.Header - 6;
        var size = Invariant($"viewBox=\"0 {top:0} {width:0} {height - top:0}\" width=\"{width:0}\" height=\"{height - top:0}\"");
        output.Write($"<svg {size} role=\"img\" aria-labelledby=\"{id}title {id}desc\">\n");
        Describe(graph, id, output);
        output.Write(SvgStyle.Markers(id));
        output.Write(svg.ToString());
        output.Write("</svg>\n");
    }

    internal static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static (double Width, double Height) Draw(StepGraph graph, SvgText svg)
    {
        var covering = CoveringSteps.Of(graph);
        var islands = SvgIslands.Of(graph);
        var lanes = graph.Nodes.Select((n, i) => (n.Release.Version.Line, Node: i)).GroupBy(n => n.Line, n => n.Node)
            .Select(g => new SvgLane(graph, [.. g], covering, islands, svg)).ToList();
        var width = lanes.Select(l => l.Width).Append(SvgLegend.Width).Max();
        var y = SvgLane.Header;
        foreach (var lane in lanes)
        {
            y = lane.Draw(y, width);
        }

        SvgLegend.Draw(svg, y, width);
        return (width, y + SvgLegend.Height);
    }

    private static void Describe(StepGraph graph, string id, TextWriter output)
    {
        var title = $"Updates of the TDX module on {graph.Family.Name} with P-SEAMLDR {graph.Loader}";
        output.Write($"<title id=\"{id}title\">{SvgText.Escape(title)}</title>\n");
        output.Write($"<desc id=\"{id}desc\">{SvgText.Escape(Describe(graph))}</desc>\n");
    }

    private static string Describe(StepGraph graph)
    {
        var strict = graph.Edges.Count(e => e.Tier == StepAnswer.Strict);
        var updates = Invariant($"{strict} strict and {graph.CountEdges() - strict} TD-preserving updates");
        return Invariant($"CPU {graph.Family.Signature}, P-SEAMLDR {graph.Loader} and later · {graph.Nodes.Count} releases · {updates}");
    }
}
