using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Release.Manifests;

/// <summary>The rules of a signed bundle.</summary>
public static class ManifestRules
{
    private static readonly RuleSet Own = new("Manifest of a bundle");

    public static readonly Rule SignatureMissing = New("MAN-001", Severity.Error, "the manifest is signed", AuditQuestion.Published);
    public static readonly Rule WrongSignature = New("MAN-002", Severity.Critical,
        "the manifest's signature verifies with the given key", AuditQuestion.Published);
    public static readonly Rule KeyTooSmall = New("MAN-003", Severity.Error,
        "the signing key is as long as the policy asks for", AuditQuestion.Published);
    public static readonly Rule Malformed = New("MAN-004", Severity.Error,
        "the manifest is canonical JSON of the documented format and does not contradict itself", AuditQuestion.Published);
    public static readonly Rule Expired = New("MAN-005", Severity.Error, "the manifest has not expired", AuditQuestion.Newest);
    public static readonly Rule InFuture = New("MAN-006", Severity.Error,
        "the manifest was not created after the time of the check", AuditQuestion.Newest);
    public static readonly Rule RolledBack = New("MAN-007", Severity.Critical,
        "the sequence number is not lower than the highest one seen", AuditQuestion.Newest);
    public static readonly Rule Equivocation = New("MAN-008", Severity.Critical,
        "a sequence number seen before has the content seen before", AuditQuestion.Newest);
    public static readonly Rule FileMissing = New("MAN-009", Severity.Error, "every file of the manifest is there");
    public static readonly Rule ExtraFile = New("MAN-010", Severity.Error, "every file that is there is in the manifest");
    public static readonly Rule WrongLength = New("MAN-011", Severity.Critical, "every file has the length in the manifest");
    public static readonly Rule WrongSha256 = New("MAN-012", Severity.Critical, "every file has the SHA-256 in the manifest");
    public static readonly Rule WrongSha384 = New("MAN-013", Severity.Critical, "every file has the SHA-384 in the manifest");
    public static readonly Rule Unsigned = New("MAN-014", Severity.Error,
        "the manifest does not call itself unsigned", AuditQuestion.Published);
    public static readonly Rule DuplicateFile = New("MAN-015", Severity.Error,
        "no two files have the same path, or paths that differ in case only");
    public static readonly Rule OtherName = New("MAN-016", Severity.Critical, "the bundle is the one asked for", AuditQuestion.Published);
    public static readonly Rule WrongOpenPgpSignature = New("MAN-017", Severity.Critical,
        "the manifest's OpenPGP signature verifies with the given certificate", AuditQuestion.Published);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;

    private static Rule New(string id, Severity severity, string title, AuditQuestion question = AuditQuestion.Unchanged) =>
        Own.Add(id, severity, title, "docs/formats.md", question);
}
