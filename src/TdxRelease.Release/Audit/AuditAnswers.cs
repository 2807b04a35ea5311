using TdxRelease.Core.Findings;

namespace TdxRelease.Release.Audit;

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
    /// <summary>One answer a question, in the order of the enumeration.</summary>
    /// <param name="findings">Everything found.</param>
    /// <param name="checkedQuestions">The questions whose checks ran to the end.</param>
    public static IReadOnlyList<AuditAnswer> From(IReadOnlyList<Finding> findings, IReadOnlySet<AuditQuestion> checkedQuestions)
    {
        var sorted = findings.ToLookup(f => f.Rule.Question);
        return [.. Enum.GetValues<AuditQuestion>()
            .Select(q => new AuditAnswer(q, Verdict([.. sorted[q]], checkedQuestions.Contains(q)), [.. sorted[q]]))];
    }

    private static AuditVerdict Verdict(List<Finding> findings, bool ran) =>
        findings.Exists(f => f.Fails) ? AuditVerdict.No : ran ? AuditVerdict.Yes : AuditVerdict.Unknown;
}
