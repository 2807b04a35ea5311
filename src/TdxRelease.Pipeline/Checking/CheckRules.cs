using TdxRelease.Core.Findings;

namespace TdxRelease.Pipeline.Checking;

/// <summary>What a nightly check finds beyond the rules of its stages.</summary>
public static class CheckRules
{
    /// <summary>Upstream could not be fetched.</summary>
    public static readonly Rule Unreachable = new("CHK-001", Severity.Error, "upstream can be fetched", "docs/ci.md");

    /// <summary>Force-pushed or rolled back.</summary>
    public static readonly Rule Backward = new("CHK-002", Severity.Error, "upstream moves forward only", "docs/decisions/0006-lock.md");

    /// <summary>The metadata could not be read at all.</summary>
    public static readonly Rule Unreadable = new("CHK-003", Severity.Error, "upstream can be read", "docs/ci.md");

    /// <summary>Every rule, by id.</summary>
    public static IReadOnlyList<Rule> All { get; } = [Unreachable, Backward, Unreadable];
}
