using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Exports;

/// <summary>What the signs mean.</summary>
internal static class SvgLegend
{
    /// <summary>Its height.</summary>
    public const double Height = 96;

    /// <summary>Its width, margins included.</summary>
    public const double Width = 620;

    public static void Draw(SvgText svg, double y, double width)
    {
        svg.Line("rule", 24, y, width - 24, y);
        Sign(svg, "strict", 24, y + 24, "strict: nothing visible changes but versions", svg.Head(StepAnswer.Strict));
        Sign(svg, "live", 24, y + 48, "TD-preserving: running TDs survive", svg.Head(StepAnswer.TdPreserving));
        Sign(svg, "cold", 24, y + 72, "reboot: every TD ends", "");
        svg.Rect("mstrict", 356, y + 17.5, 13, 13, 3);
        svg.Text("small", 380, y + 28, "strict (matrix: row is loaded over column)");
        svg.Rect("mlive", 357, y + 42.5, 11, 11, 3);
        svg.Text("small", 380, y + 52, "TD-preserving");
        svg.Rect("i0", 355, y + 64, 16, 16, 8);
        svg.Text("letter", 363, y + 76, "A");
        svg.Text("small", 380, y + 76, "island: default-tier steps never leave it");
    }

    private static void Sign(SvgText svg, string style, double x, double y, string text, string extra)
    {
        svg.Path(style, GraphSvg.Invariant($"M{x:0.#} {y:0.#}H{x + 44:0.#}"), extra);
        svg.Text("small", x + 56, y + 4, text);
    }
}
