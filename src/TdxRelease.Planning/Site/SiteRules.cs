using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Planning.Site;

/// <summary>The rules of site-policy files (schemas/site-policy.schema.json).</summary>
public static class SiteRules
{
    private const string Source = "docs/planning.md";

    /// <summary>Not JSON.</summary>
    public static readonly Rule Syntax = new("SITE-001", Severity.Error, "the site policy is strict JSON", "RFC 8259");

    /// <summary>A key twice.</summary>
    public static readonly Rule DuplicateKey = new("SITE-002", Severity.Error, "no object names a key twice", Source);

    /// <summary>A key missing.</summary>
    public static readonly Rule MissingKey = new("SITE-003", Severity.Error, "required keys are present", Source);

    /// <summary>A value of another type.</summary>
    public static readonly Rule WrongType = new("SITE-004", Severity.Error, "values have their type", Source);

    /// <summary>A key nobody knows.</summary>
    public static readonly Rule UnknownKey = new("SITE-005", Severity.Error, "no key is unknown: a misspelt key must not widen the policy", Source);

    /// <summary>A value out of its domain.</summary>
    public static readonly Rule Value = new("SITE-006", Severity.Error, "values are versions, NuGet ranges, CPU families and the words documented", Source);

    /// <summary>A cycle of fixes.</summary>
    public static readonly Rule Cycle = new("SITE-007", Severity.Error, "following fixedIn from block to block ends", Source);

    /// <summary>A contradiction.</summary>
    public static readonly Rule Contradiction = new("SITE-008", Severity.Error, "no barrier, dead end or fix contradicts another rule of the file", Source);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } = [Syntax, DuplicateKey, MissingKey, WrongType, UnknownKey, Value, Cycle, Contradiction];

    internal static JsonRules Json { get; } = new(Syntax, DuplicateKey, MissingKey, WrongType, UnknownKey);
}
