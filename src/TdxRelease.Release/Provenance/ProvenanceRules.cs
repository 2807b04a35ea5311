using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Release.Provenance;

/// <summary>The rules of attestations: DSSE envelopes, Sigstore bundles, provenance and verification summaries.</summary>
public static class ProvenanceRules
{
    private static readonly RuleSet Own = new("Provenance", AuditQuestion.Published);

    public static readonly Rule Malformed = Own.Add("PRV-001", Severity.Error,
        "the attestation is canonical JSON of the documented form", "in-toto Statement v1, DSSE v1, Sigstore bundle v0.3");
    public static readonly Rule WrongSignature = Own.Add("PRV-002", Severity.Critical,
        "the attestation's signature verifies with the given key", "DSSE v1");
    public static readonly Rule KeyTooSmall = Own.Add("PRV-003", Severity.Error,
        "the signing key is as long as the policy asks for", "release policy");
    public static readonly Rule OtherPredicate = Own.Add("PRV-004", Severity.Error,
        "the attestation is of the kind asked for", "in-toto Statement v1");
    public static readonly Rule SubjectMismatch = Own.Add("PRV-005", Severity.Critical,
        "a file has the hashes of the subject of its name", "in-toto Statement v1");
    public static readonly Rule NotASubject = Own.Add("PRV-006", Severity.Error,
        "every file asked about is a subject of the attestation", "in-toto Statement v1");
    public static readonly Rule OtherHint = Own.Add("PRV-007", Severity.Error,
        "the Sigstore bundle's hint names the given key", "Sigstore bundle v0.3");
    public static readonly Rule NotPassed = Own.Add("PRV-008", Severity.Error, "the verification summary says PASSED", "SLSA VSA v1");
    public static readonly Rule OtherResource = Own.Add("PRV-009", Severity.Error,
        "the verification summary is about the resource asked for", "SLSA VSA v1");
    public static readonly Rule InFuture = Own.Add("PRV-010", Severity.Error,
        "the attestation is not dated after the time of the check", "SLSA provenance v1, VSA v1");
    public static readonly Rule OtherSource = Own.Add("PRV-011", Severity.Critical,
        "the provenance names the upstream commit of the manifest", "SLSA provenance v1");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;
}
