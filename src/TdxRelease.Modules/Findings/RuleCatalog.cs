using System.Text;
using TdxRelease.Modules.Images;
using TdxRelease.Modules.Mapping;
using TdxRelease.Modules.Sigstructs;
using TdxRelease.Modules.Trust;
using TdxRelease.Modules.Verification;

namespace TdxRelease.Modules.Findings;

/// <summary>Every rule of the verifier, for reports and for docs/rules.md. A new file of rules adds its list here.</summary>
public static class RuleCatalog
{
    /// <summary>The groups in the order of docs/rules.md.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<Rule> Rules)> Groups { get; } =
    [
        ("Sigstruct", SigstructRules.All),
        ("Module and images", ImageRules.All),
        ("Signature, trust, policy file", TrustRules.All),
        ("Mapping file", MappingRules.All),
        ("Snapshot", SnapshotRules.All),
        ("Cross-checks between witnesses", CrossRules.All),
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
