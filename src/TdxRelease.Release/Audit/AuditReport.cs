using TdxRelease.Core.Findings;
using TdxRelease.Release.Manifests;

namespace TdxRelease.Release.Audit;

/// <summary>The verdict on one question of an auditor.</summary>
/// <param name="Id">Which question.</param>
/// <param name="Question">The question in words.</param>
/// <param name="Verdict">Yes, no, or unknown where it was not checked.</param>
/// <param name="Reason">Why, in one line.</param>
public sealed record AuditedQuestion(AuditQuestion Id, string Question, AuditVerdict Verdict, string Reason)
{
    /// <summary><c>yes</c>, <c>no</c> or <c>unknown</c>.</summary>
    public string Word => Verdict.ToString().ToLowerInvariant();
}

/// <summary>The outcome of an audit.</summary>
/// <param name="Subject">What was audited, as the user named it.</param>
/// <param name="Parts">Everything in it that holds a bundle.</param>
/// <param name="Answers">One a question, always in the same order.</param>
/// <param name="Findings">Everything found.</param>
public sealed record AuditReport(string Subject, IReadOnlyList<AuditedPart> Parts, IReadOnlyList<AuditedQuestion> Answers,
    IReadOnlyList<Finding> Findings)
{
    /// <summary>The manifest of the newest part, or null.</summary>
    public Manifest? Manifest => Parts.Select(p => p.Manifest).OfType<Manifest>().MaxBy(m => m.Sequence);

    /// <summary>Something was audited, no question is answered with no, and no finding fails.</summary>
    public bool Passed =>
        Parts.Count > 0 && Parts.All(p => p.Manifest is not null) && Answers.All(a => a.Verdict != AuditVerdict.No)
        && !Findings.Any(f => f.Fails);
}
