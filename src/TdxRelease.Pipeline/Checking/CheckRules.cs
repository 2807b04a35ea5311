using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Pipeline.Checking;

/// <summary>What a nightly check finds beyond the rules of its stages.</summary>
public static class CheckRules
{
    private static readonly RuleSet Own = new("Nightly check");

    public static readonly Rule Unreachable = Own.Add("CHK-001", Severity.Error, "upstream can be fetched", "docs/ci.md");
    public static readonly Rule Backward = Own.Add("CHK-002", Severity.Error, "upstream moves forward only", "docs/decisions/0006-lock.md");
    public static readonly Rule Unreadable = Own.Add("CHK-003", Severity.Error, "upstream can be read", "docs/ci.md");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;
}
