using TdxRelease.Core.Findings;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Release.Audit;

/// <summary>Turns findings into the answers that an auditor wants, one a question. What was not checked in every part is unknown.</summary>
internal static class AuditQuestions
{
    public static IReadOnlyList<AuditedQuestion> Answer(IReadOnlyList<AuditedPart> parts, IReadOnlyList<Finding> findings,
        AuditRequest request)
    {
        var ran = new HashSet<AuditQuestion>(Enum.GetValues<AuditQuestion>());
        foreach (var part in parts)
        {
            ran.IntersectWith(part.Checked);
        }

        if (parts.Count == 0)
        {
            ran.Clear();
        }

        return [.. AuditAnswers.From(findings, ran)
            .Select(a => new AuditedQuestion(a.Question, Words(a.Question), a.Verdict, Reason(a, parts, request)))];
    }

    private static string Words(AuditQuestion question) => question switch
    {
        AuditQuestion.Origin => "Is this Intel's?",
        AuditQuestion.Unchanged => "Is it unchanged?",
        AuditQuestion.Published => "Is it what the maintainer published?",
        AuditQuestion.Newest => "Is it the newest I have seen?",
        _ => "Can it run on these CPUs?",
    };

    private static string Reason(AuditAnswer answer, IReadOnlyList<AuditedPart> parts, AuditRequest request) => answer.Verdict switch
    {
        AuditVerdict.No => answer.Findings.First(f => f.Fails).ToString(),
        AuditVerdict.Unknown => Unknown(answer.Question, parts, request),
        _ => Yes(answer.Question, parts, request),
    };

    private static string Unknown(AuditQuestion question, IReadOnlyList<AuditedPart> parts, AuditRequest request)
    {
        if (parts.Count == 0 || parts.Any(p => p.Manifest is null))
        {
            return "not checked: there is no trusted manifest";
        }

        return question switch
        {
            AuditQuestion.Published => "the bundle is UNSIGNED",
            AuditQuestion.Unchanged =>
                $"the bundle is; {parts.Sum(p => p.Uncovered)} files around it are covered by no signature that was checked",
            AuditQuestion.Newest when request.State is null => $"{Sequence(parts)}; no state file says what was seen before",
            AuditQuestion.Newest => $"{Sequence(parts)}; never seen before, or expired and allowed to be",
            _ => "not every part could be checked",
        };
    }

    private static string Yes(AuditQuestion question, IReadOnlyList<AuditedPart> parts, AuditRequest request) => question switch
    {
        AuditQuestion.Origin => $"{parts.Max(p => p.Modules)} modules verify down to {Join(parts.SelectMany(p => p.Signers))}",
        AuditQuestion.Unchanged => $"{parts.Max(p => p.Manifest!.Files.Count)} files have the lengths and hashes of the manifest"
            + (parts.Count > 1 ? $", in each of {parts.Count} forms" : Beside(parts[0])),
        AuditQuestion.Published => $"signed by key {request.Key!.Sha256} (RSA-{request.Key.Bits})",
        AuditQuestion.Newest => $"{Sequence(parts)}; nothing newer was seen before",
        _ => "for " + Join(request.Cpus.Count > 0 ? request.Cpus.Select(c => CpuFamily.Of(c).Name) : parts.SelectMany(p => p.Cpus))
            + "; images are v2, for Linux 7.2 and later",
    };

    // What is said of one file must say how far it goes.
    private static string Beside(AuditedPart part) => part switch
    {
        { Kind: "tar", CoveredBy: { } by } => $"; {by}",
        { CoveredBy: { } by } => $"; for the package's own files vouches {by}",
        _ => "",
    };

    private static string Sequence(IReadOnlyList<AuditedPart> parts)
    {
        var manifest = parts.Select(p => p.Manifest!).MaxBy(m => m.Sequence)!;
        return $"sequence {manifest.Sequence}, expires {manifest.Expires:yyyy-MM-dd}";
    }

    private static string Join(IEnumerable<string> words) =>
        string.Join(", ", words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
