using TdxRelease.Core.Findings;

namespace TdxRelease.Release.Audit;

/// <summary>What a receiver wants to know.</summary>
public enum AuditQuestion
{
    /// <summary>Is this Intel's?</summary>
    Origin,

    /// <summary>Is it unchanged?</summary>
    Unchanged,

    /// <summary>Is it what the maintainer published?</summary>
    Published,

    /// <summary>Is it the newest I have seen?</summary>
    Newest,

    /// <summary>Can it run on these CPUs?</summary>
    Runs,
}

/// <summary>A verdict.</summary>
public enum AuditVerdict
{
    /// <summary>Checked, and so.</summary>
    Yes,

    /// <summary>Checked, and not so.</summary>
    No,

    /// <summary>Not checked: something before it failed, or it was not asked for.</summary>
    Unknown,
}

/// <summary>A question and its verdict.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Verdict">The answer.</param>
/// <param name="Findings">What speaks against it; warnings included.</param>
public sealed record AuditAnswer(AuditQuestion Question, AuditVerdict Verdict, IReadOnlyList<Finding> Findings);

/// <summary>Sorts findings under the questions. A question that nobody checked is unknown, never yes.</summary>
public static class AuditAnswers
{
    /// <summary>The question that a rule of this project decides, by its id; null for rules of other areas.</summary>
    public static AuditQuestion? Of(string ruleId) => ruleId switch
    {
        "MAN-001" or "MAN-002" or "MAN-003" or "MAN-004" or "MAN-014" or "MAN-016" or "MAN-017" => AuditQuestion.Published,
        "MAN-005" or "MAN-006" or "MAN-007" or "MAN-008" => AuditQuestion.Newest,
        "MAN-009" or "MAN-010" or "MAN-011" or "MAN-012" or "MAN-013" or "MAN-015" => AuditQuestion.Unchanged,
        _ when ruleId.StartsWith("PGP-", StringComparison.Ordinal) || ruleId.StartsWith("PRV-", StringComparison.Ordinal) => AuditQuestion.Published,
        _ when ruleId.StartsWith("SBM-", StringComparison.Ordinal) => AuditQuestion.Unchanged,
        _ => null,
    };

    /// <summary>One answer a question, in the order of the enumeration.</summary>
    /// <param name="findings">Everything found.</param>
    /// <param name="checkedQuestions">The questions whose checks ran to the end.</param>
    /// <param name="others">Sorts the rules of other areas; null from it, or no function, counts against <see cref="AuditQuestion.Unchanged"/>, so that nothing is dropped.</param>
    public static IReadOnlyList<AuditAnswer> From(IReadOnlyList<Finding> findings, IReadOnlySet<AuditQuestion> checkedQuestions, Func<string, AuditQuestion?>? others = null)
    {
        var sorted = findings.ToLookup(f => Of(f.Rule.Id) ?? others?.Invoke(f.Rule.Id) ?? AuditQuestion.Unchanged);
        return [.. Enum.GetValues<AuditQuestion>().Select(q => new AuditAnswer(q, Verdict([.. sorted[q]], checkedQuestions.Contains(q)), [.. sorted[q]]))];
    }

    private static AuditVerdict Verdict(List<Finding> findings, bool ran) =>
        findings.Exists(f => f.Fails) ? AuditVerdict.No : ran ? AuditVerdict.Yes : AuditVerdict.Unknown;
}
