namespace TdxRelease.Planning.Exports;

/// <summary>
/// The style sheet and arrow heads of the picture. Colours were chosen to
/// differ in lightness too, so that tiers and islands stay apart in grey.
/// </summary>
internal static class SvgStyle
{
    /// <summary>How many island colours there are before they repeat.</summary>
    public const int Islands = 6;

    /// <summary>The style sheet.</summary>
    public const string Rules =
        """
        svg{--page:#ffffff;--ink:#17202a;--soft:#5b6876;--rule:#e3e8ee;--strict:#0b6bcb;--live:#b3680a;--cold:#c0302b;--box:#ffffff;
        --i0:#0f7f78;--i1:#8a3fc0;--i2:#3f7d20;--i3:#b02a6b;--i4:#4a55c8;--i5:#7d6608}
        @media (prefers-color-scheme:dark){
        svg{--page:#11161c;--ink:#e8edf2;--soft:#9aa8b6;--rule:#2a323c;--strict:#5fb0ff;--live:#e8a548;--cold:#ff7a70;--box:#1a212a;
        --i0:#4fd1c5;--i1:#c191ee;--i2:#9bd46a;--i3:#f083b4;--i4:#9aa5ff;--i5:#d9c34a}}
        text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:13px;fill:var(--ink)}
        .page{fill:var(--page)}.h1{font-size:22px;font-weight:650}.h2{font-size:15px;font-weight:650}.sub{fill:var(--soft)}
        .small{font-size:11px;fill:var(--soft)}
        .mid{text-anchor:middle}.end{text-anchor:end}.num{font-variant-numeric:tabular-nums}
        .ver{font-weight:600;font-variant-numeric:tabular-nums}
        .rule{stroke:var(--rule)}.box{fill:var(--box);stroke:var(--soft);stroke-width:1.2}
        .off{fill:none;stroke:var(--soft);stroke-dasharray:3 3}
        .strict,.live,.cold{fill:none;stroke-width:2}.strict{stroke:var(--strict);stroke-width:2.6}
        .live{stroke:var(--live);stroke-dasharray:6 4}.cold{stroke:var(--cold);stroke-dasharray:1.5 4.5;stroke-linecap:round}
        .coldtext{font-size:11px;fill:var(--cold)}.mstrict{fill:var(--strict)}.mlive{fill:none;stroke:var(--live);stroke-width:1.6}
        .mself{fill:var(--rule)}.mnone{fill:var(--soft);opacity:.45}
        .i0{fill:var(--i0)}.i1{fill:var(--i1)}.i2{fill:var(--i2)}.i3{fill:var(--i3)}.i4{fill:var(--i4)}.i5{fill:var(--i5)}
        .ix{fill:var(--soft)}.letter{font-size:10.5px;font-weight:700;fill:var(--page);text-anchor:middle}
        .hs{fill:var(--strict)}.hl{fill:var(--live)}

        """;

    private const string HeadSize =
        "markerWidth=\"9\" markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\" markerUnits=\"userSpaceOnUse\"";

    /// <summary>The arrow heads; the prefix keeps ids apart where a page has several pictures.</summary>
    public static string Markers(string id) =>
        $"""
        <defs>
        <marker id="{id}s" {HeadSize}><path class="hs" d="M0 0 9 4 0 8z"/></marker>
        <marker id="{id}l" {HeadSize}><path class="hl" d="M0 0 9 4 0 8z"/></marker>
        </defs>

        """;
}
