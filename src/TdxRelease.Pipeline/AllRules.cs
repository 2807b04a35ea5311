using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Checking;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Planning.Site;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Signing.OpenPgp;
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
    /// <summary>The groups in the order of docs/rules.md.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<Rule> Rules)> Groups { get; } =
    [
        .. RuleCatalog.Groups,
        ("Drift between two states of upstream", DriftRules.All),
        ("Nightly check", CheckRules.All),
        ("Release notes as a witness", WitnessRules.All),
        ("Steps and constraints of a plan", [.. StepRules.All.Select(r => r.Rule), .. PlanConstraints.All]),
        ("Site policy", SiteRules.All),
        ("Manifest of a bundle", ManifestRules.All),
        ("OpenPGP signatures", OpenPgpRules.All),
        ("Provenance", ProvenanceRules.All),
        ("SBOM", SbomRules.All),
        ("Audit", AuditRules.All),
    ];

    /// <summary>All rules, group by group.</summary>
    public static IReadOnlyList<Rule> All { get; } = [.. Groups.SelectMany(g => g.Rules)];

    /// <summary>The text of docs/rules.md.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("# Rules\n\nGenerated from the code (`TDXREL_UPDATE=1` with the tests writes it anew). ")
            .Append($"{All.Count} rules. *error* and *critical* fail a run, *warning* and *note* do not.\n");
        foreach (var (title, rules) in Groups)
        {
            text.Append($"\n## {title}\n\n| id | severity | what must hold | source |\n|---|---|---|---|\n");
            foreach (var rule in rules)
            {
                text.Append($"| {rule.Id} | {rule.Severity.ToString().ToLowerInvariant()} | {Cell(rule.Title)} | {Cell(rule.Source)} |\n");
            }
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
