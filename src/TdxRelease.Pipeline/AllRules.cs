using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Checking;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Planning.Site;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Upstream.Drift;
using TdxRelease.Upstream.Witnesses;
using TdxRelease.Verification;

namespace TdxRelease.Pipeline;

/// <summary>
/// Every rule of every project, for docs/rules.md and the reports of whole runs. A new file of
/// rules adds its list here, or to <see cref="RuleCatalog"/> where the verifier applies it.
/// </summary>
public static class AllRules
{
    /// <summary>All rules, in the order of docs/rules.md.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        .. RuleCatalog.All, .. DriftRules.All, .. CheckRules.All, .. WitnessRules.All, .. StepRules.All.Select(r => r.Rule),
        .. PlanConstraints.All, .. SiteRules.All, .. ManifestRules.All, .. ProvenanceRules.All, .. SbomRules.All, .. AuditRules.All,
    ];

    /// <summary>The text of docs/rules.md.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("# Rules\n\nGenerated from the code (`TDXREL_UPDATE=1` with the tests writes it anew). ")
            .Append($"{All.Count} rules. *error* and *critical* fail a run, *warning* and *note* do not.\n");
        foreach (var rules in All.GroupBy(r => r.Category))
        {
            text.Append($"\n## {rules.Key}\n\n| id | severity | what must hold | source |\n|---|---|---|---|\n");
            foreach (var rule in rules)
            {
                text.Append($"| {rule.Id} | {rule.Severity.ToString().ToLowerInvariant()} | {Cell(rule.Title)} | {Cell(rule.Source)} |\n");
            }
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
