using TdxRelease.Core.Findings;
using TdxRelease.Planning.Rules;
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

/// <summary>One thing that holds a bundle: a tar, a package, an image layout.</summary>
/// <param name="Name">Its path below what was audited, or its name.</param>
/// <param name="Kind">folder, tar, deb, rpm, arch or oci.</param>
/// <param name="Manifest">Its manifest where the signature holds, or null.</param>
/// <param name="Modules">How many modules verify down to the pinned key.</param>
/// <param name="Signers">Who signed them.</param>
/// <param name="Cpus">CPU families they run on, by name.</param>
/// <param name="Checked">The questions whose checks ran to the end.</param>
/// <param name="Findings">Everything found in it.</param>
public sealed record AuditedPart(
    string Name,
    string Kind,
    Manifest? Manifest,
    int Modules,
    IReadOnlyList<string> Signers,
    IReadOnlyList<string> Cpus,
    IReadOnlySet<AuditQuestion> Checked,
    IReadOnlyList<Finding> Findings)
{
    /// <summary>Files in it outside the bundle that no signature covers.</summary>
    public int Uncovered { get; init; }

    /// <summary>The releases in it with what their sigstructs say, for planning; null where mapping file or modules could not be read.</summary>
    public ReleaseSet? Releases { get; init; }

    /// <summary>What vouches for all of it, in words; null where nothing does beyond the manifest.</summary>
    public string? CoveredBy { get; init; }

    internal string ManifestSha256 { get; init; } = "";

    /// <summary>No finding fails.</summary>
    public bool Passed => Manifest is not null && !Findings.Any(f => f.Fails);
}

/// <summary>The outcome of an audit.</summary>
/// <param name="Subject">What was audited, as the user named it.</param>
/// <param name="Parts">Everything in it that holds a bundle.</param>
/// <param name="Answers">One a question, always in the same order.</param>
/// <param name="Findings">Everything found.</param>
public sealed record AuditReport(string Subject, IReadOnlyList<AuditedPart> Parts, IReadOnlyList<AuditedQuestion> Answers, IReadOnlyList<Finding> Findings)
{
    /// <summary>The manifest of the newest part, or null.</summary>
    public Manifest? Manifest => Parts.Select(p => p.Manifest).OfType<Manifest>().MaxBy(m => m.Sequence);

    /// <summary>Something was audited, no question is answered with no, and no finding fails.</summary>
    public bool Passed => Parts.Count > 0 && Parts.All(p => p.Manifest is not null) && Answers.All(a => a.Verdict != AuditVerdict.No) && !Findings.Any(f => f.Fails);
}
