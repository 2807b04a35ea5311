using TdxRelease.Core.Findings;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Verification;

/// <summary>
/// Every rule of the verifier, for its reports. A new file of rules adds
/// its list here; docs/rules.md lists those of the other projects too.
/// </summary>
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
}
