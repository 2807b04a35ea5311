using TdxRelease.Core.Findings;

namespace TdxRelease.Release.Provenance;

/// <summary>The rules of attestations: DSSE envelopes, Sigstore bundles, provenance and verification summaries.</summary>
public static class ProvenanceRules
{
    /// <summary>It is one.</summary>
    public static readonly Rule Malformed = New("PRV-001", Severity.Error, "the attestation is canonical JSON of the documented form", "in-toto Statement v1, DSSE v1, Sigstore bundle v0.3");

    /// <summary>The signature is the key's.</summary>
    public static readonly Rule WrongSignature = New("PRV-002", Severity.Critical, "the attestation's signature verifies with the given key", "DSSE v1");

    /// <summary>The key is long enough.</summary>
    public static readonly Rule KeyTooSmall = New("PRV-003", Severity.Error, "the signing key is as long as the policy asks for", "release policy");

    /// <summary>It is about this kind of claim.</summary>
    public static readonly Rule OtherPredicate = New("PRV-004", Severity.Error, "the attestation is of the kind asked for", "in-toto Statement v1");

    /// <summary>Hashes fit.</summary>
    public static readonly Rule SubjectMismatch = New("PRV-005", Severity.Critical, "a file has the hashes of the subject of its name", "in-toto Statement v1");

    /// <summary>The file is a subject.</summary>
    public static readonly Rule NotASubject = New("PRV-006", Severity.Error, "every file asked about is a subject of the attestation", "in-toto Statement v1");

    /// <summary>The bundle names the key.</summary>
    public static readonly Rule OtherHint = New("PRV-007", Severity.Error, "the Sigstore bundle's hint names the given key", "Sigstore bundle v0.3");

    /// <summary>The summary says passed.</summary>
    public static readonly Rule NotPassed = New("PRV-008", Severity.Error, "the verification summary says PASSED", "SLSA VSA v1");

    /// <summary>The summary is about this resource.</summary>
    public static readonly Rule OtherResource = New("PRV-009", Severity.Error, "the verification summary is about the resource asked for", "SLSA VSA v1");

    /// <summary>Not from the future.</summary>
    public static readonly Rule InFuture = New("PRV-010", Severity.Error, "the attestation is not dated after the time of the check", "SLSA provenance v1, VSA v1");

    /// <summary>Made from the upstream commit that the manifest names.</summary>
    public static readonly Rule OtherSource = New("PRV-011", Severity.Critical, "the provenance names the upstream commit of the manifest", "SLSA provenance v1");

    /// <summary>All of them, by id.</summary>
    public static IReadOnlyList<Rule> All { get; } =
        [Malformed, WrongSignature, KeyTooSmall, OtherPredicate, SubjectMismatch, NotASubject, OtherHint, NotPassed, OtherResource, InFuture, OtherSource];

    private static Rule New(string id, Severity severity, string title, string source) => new(id, severity, title, source);
}
