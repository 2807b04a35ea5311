using System.Text;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Exports;

/// <summary>Builds SVG text; coordinates are written with at most one decimal, whatever the culture.</summary>
/// <param name="id">Prefix of the ids that it refers to.</param>
internal sealed class SvgText(string id)
{
    private readonly StringBuilder text = new();

    /// <summary>Text for XML: the five specials escaped, control characters replaced.</summary>
    public static string Escape(string value) => string.Concat(value.Select(c => c switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#39;",
        _ when char.IsControl(c) => " ",
        _ => c.ToString(),
    }));

    /// <summary>Where an arrow of that tier ends.</summary>
    public string Head(StepAnswer tier) => $" marker-end=\"url(#{id}{(tier == StepAnswer.Strict ? 's' : 'l')})\"";

    /// <summary>Begins the group of a node.</summary>
    public void Open(int node) => text.Append(GraphSvg.Invariant($"<g class=\"node\" data-node=\"{node}\">\n"));

    /// <summary>Ends a group.</summary>
    public void Close() => text.Append("</g>\n");

    public void Line(string style, double x1, double y1, double x2, double y2, string extra = "") =>
        text.Append(GraphSvg.Invariant(
            $"<line class=\"{style}\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"{extra}/>\n"));

    public void Path(string style, string data, string extra = "") =>
        text.Append(GraphSvg.Invariant($"<path class=\"{style}\" d=\"{data}\"{extra}/>\n"));

    public void Rect(string style, double x, double y, double width, double height, double radius, string? title = null)
    {
        var end = title is null ? "/>\n" : $"><title>{Escape(title)}</title></rect>\n";
        text.Append(GraphSvg.Invariant(
            $"<rect class=\"{style}\" x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\" rx=\"{radius:0.#}\"{end}"));
    }

    public void Text(string style, double x, double y, string value, string? title = null)
    {
        var tip = title is null ? "" : $"<title>{Escape(title)}</title>";
        text.Append(GraphSvg.Invariant($"<text class=\"{style}\" x=\"{x:0.#}\" y=\"{y:0.#}\">{tip}{Escape(value)}</text>\n"));
    }

    public override string ToString() => text.ToString();
}
