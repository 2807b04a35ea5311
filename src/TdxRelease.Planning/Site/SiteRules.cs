using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Planning.Site;

/// <summary>The rules of site-policy files (schemas/site-policy.schema.json).</summary>
public static class SiteRules
{
    private const string Source = "docs/planning.md";

    private static readonly RuleSet Own = new("Site policy", exitCode: ExitCode.BadInput);

    public static readonly Rule Syntax = Own.Add("SITE-001", Severity.Error, "the site policy is strict JSON", "RFC 8259");
    public static readonly Rule DuplicateKey = Own.Add("SITE-002", Severity.Error, "no object names a key twice", Source);
    public static readonly Rule MissingKey = Own.Add("SITE-003", Severity.Error, "required keys are present", Source);
    public static readonly Rule WrongType = Own.Add("SITE-004", Severity.Error, "values have their type", Source);
    public static readonly Rule UnknownKey = Own.Add("SITE-005", Severity.Error,
        "no key is unknown: a misspelt key must not widen the policy", Source);
    public static readonly Rule Value = Own.Add("SITE-006", Severity.Error,
        "values are versions, NuGet ranges, CPU families and the words documented", Source);
    public static readonly Rule Cycle = Own.Add("SITE-007", Severity.Error, "following fixedIn from block to block ends", Source);
    public static readonly Rule Contradiction = Own.Add("SITE-008", Severity.Error,
        "no barrier, dead end or fix contradicts another rule of the file", Source);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;

    internal static JsonRules Json { get; } = new(Syntax, DuplicateKey, MissingKey, WrongType, UnknownKey);
}
