using TdxRelease.Bundles.Manifests;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Stages.Audit;

/// <summary>The answer to one question of an auditor.</summary>
/// <param name="Question">The question.</param>
/// <param name="Answer">True, false, or null where it could not be decided.</param>
/// <param name="Reason">Why, in one line.</param>
public sealed record AuditAnswer(string Question, bool? Answer, string Reason);

/// <summary>The outcome of an audit.</summary>
/// <param name="Subject">What was audited, as the user named it.</param>
/// <param name="Manifest">The verified manifest, or null.</param>
/// <param name="Answers">One a question, always in the same order.</param>
/// <param name="Findings">Everything found.</param>
public sealed record AuditReport(string Subject, Manifest? Manifest, IReadOnlyList<AuditAnswer> Answers, IReadOnlyList<Finding> Findings)
{
    /// <summary>No question is answered with no, and no finding fails.</summary>
    public bool Passed => Manifest is not null && Answers.All(a => a.Answer != false) && !Findings.Any(f => f.Fails);
}
