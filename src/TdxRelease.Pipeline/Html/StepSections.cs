using System.Globalization;
using System.Text;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Pipeline.Html;

/// <summary>The steps, graph by graph: picture, form and answers; for readers without a script a table of the default answers.</summary>
internal static class StepSections
{
    /// <summary>Above this a graph is neither drawn nor planned here; the JSON and the text have it.</summary>
    public const int MaxNodes = 100;

    public static void Write(HtmlPage page, ReleaseSet? releases, IReadOnlyList<StepGraph> graphs)
    {
        if (releases is null || graphs.Count == 0)
        {
            page.Markup("<p>No steps are shown: something here does not verify, and nothing unverified is ever a step.</p>\n");
            return;
        }

        var plans = graphs.Select(g => g.Nodes.Count <= MaxNodes ? StepPlans.Of(g, releases) : null).ToList();
        page.Markup("<p>Which module may replace which on a running host, for each CPU family and P-SEAMLDR. "
            + "The tables answer for the default policy and fewest updates.</p>\n");
        page.Markup("<form class=\"ask\" hidden=\"\"><label>Processor and loader <select id=\"which\"></select></label>")
            .Markup("<label>Prefer <select id=\"prefer\"><option>fewest</option><option>smallest</option></select></label>")
            .Markup("<label>Steps <select id=\"tier\"><option>default</option><option>strict</option>")
            .Markup("<option>td-preserving</option></select></label></form>\n");
        for (var i = 0; i < graphs.Count; i++)
        {
            Graph(page, graphs[i], plans[i], releases, i);
        }

        var risks = plans.OfType<StepPlans>().SelectMany(p => p.Default).SelectMany(p => p.Risks).Distinct()
            .OrderBy(r => r.Id, StringComparer.Ordinal).ToList();
        if (risks.Count > 0)
        {
            page.Markup("<h3>Known risks</h3>\n").Facts(risks.Select(r => (r.Id, $"{r.Title}; {r.Advice}")));
        }

        page.Markup($"<script type=\"application/json\" id=\"plans\">\n{StepPlans.ToJson(plans)}\n</script>\n");
    }

    private static void Graph(HtmlPage page, StepGraph graph, StepPlans? plans, ReleaseSet releases, int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"g{number}");
        var name = HtmlPage.Escape($"{graph.Family.Name} ({graph.Family.Signature}), P-SEAMLDR {graph.Loader} and later");
        page.Markup($"<section class=\"graph\" id=\"{id}\" aria-labelledby=\"{id}-name\">\n<h3 id=\"{id}-name\">{name}</h3>\n");
        if (plans is null)
        {
            page.Markup($"<p>{graph.Nodes.Count} releases are too many for a page: tdxrel graph and tdxrel plan show them.</p>\n")
                .EndSection();
            return;
        }

        using var svg = new StringWriter { NewLine = "\n" };
        GraphSvg.WriteFigure(graph, id, svg);
        page.Markup("<div class=\"versions\"></div>\n")
            .Markup($"<figure class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Picture: {name}\">\n{svg}</figure>\n")
            .Markup("<div class=\"answer\" role=\"status\"></div>\n");
        page.Table($"Updates from each running version on {graph.Family.Name}, P-SEAMLDR {graph.Loader}",
            ["Running", "SVN", "Reaches", "Path", "Remarks"], graph.Nodes.Select((n, i) => Row(n.Release, plans.Default[i], releases)))
            .EndSection();
    }

    private static Cell[] Row(ReleaseFacts running, PlanResult plan, ReleaseSet releases) =>
    [
        running.Spelling,
        running.Svn.ToString(),
        plan.Path.Count > 0 ? new Cell(plan.Path[^1].To.Spelling) : plan.Outcome == PlanOutcome.UpToDate ? new Cell("up to date", "keep")
            : new Cell("no path", "no keep"),
        new(plan.Path.Count > 0 ? Print(plan, releases) : "–", "keep"),
        new(string.Join("; ",
            plan.Risks.Select(r => $"risk {r.Id}").Concat(plan.Notes.Where(n => n.Id != "tier").Select(n => n.Message)).Concat(plan.Hints)),
            "long"),
    ];

    private static string Print(PlanResult plan, ReleaseSet releases)
    {
        var text = new StringBuilder(releases.Spell(plan.Path[0].From));
        foreach (var step in plan.Path)
        {
            text.Append($" → {step.To.Spelling} ({step.Tier.Word()})");
        }

        return text.ToString();
    }
}
