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
    /// <summary>All rules, in the order of docs/rules.md.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        .. SigstructRules.All, .. ImageRules.All, .. TrustRules.All, .. TrustRules.OfPolicyFile, .. MappingRules.All, .. SnapshotRules.All,
        .. CrossRules.All,
    ];
}
