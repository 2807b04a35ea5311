using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Verification.Trust;

/// <summary>The rules of signatures, of trust, and of the policy file itself.</summary>
public static class TrustRules
{
    private const string Rfc = "RFC 8017, section 8.2.2";
    private const string Policy = "the trust policy";

    private static readonly RuleSet Own = new("Signature and trust", AuditQuestion.Origin);
    private static readonly RuleSet PolicyFile = new("Trust policy file", AuditQuestion.Origin, ExitCode.BadInput);

    public static readonly Rule Signature = Own.Add("RSA-001", Severity.Critical,
        "the signature is RSA PKCS#1 v1.5 with SHA-384 over bytes 0 to 127 and everything from SEAMHASH on", Rfc);
    public static readonly Rule Disagreement = Own.Add("RSA-002", Severity.Critical,
        "the platform's RSA and BouncyCastle's agree", "two independent implementations");
    public static readonly Rule SeamHash = Own.Add("RSA-003", Severity.Critical, "SEAMHASH is the SHA-384 of the module", "tdx-loader");
    public static readonly Rule UnknownSigner = Own.Add("TRUST-001", Severity.Error,
        "the signer is pinned by the policy", "tdx-loader: the processor accepts one modulus hash");
    public static readonly Rule KeyTooSmall = Own.Add("TRUST-002", Severity.Error, "the RSA key is as large as the policy demands", Policy);
    public static readonly Rule Layout = Own.Add("TRUST-003", Severity.Error,
        "the signer uses the sigstruct layout that the policy names for it", Policy);
    public static readonly Rule Debug = Own.Add("TRUST-004", Severity.Error,
        "the module is not debug-signed unless the policy allows it", "tdx-loader");
    public static readonly Rule DeniedVersion = Own.Add("TRUST-005", Severity.Error, "the version is not denied", Policy);
    public static readonly Rule DeniedMeasurement = Own.Add("TRUST-006", Severity.Error, "the measurement is not denied", Policy);
    public static readonly Rule NotAllowedVersion = Own.Add("TRUST-007", Severity.Error, "the version is in an allowed range", Policy);
    public static readonly Rule License = Own.Add("TRUST-008", Severity.Error, "the licence text is one that the policy knows", Policy);
    public static readonly Rule PolicySyntax = PolicyFile.Add("POL-001", Severity.Error, "the policy is strict JSON", "RFC 8259");
    public static readonly Rule PolicyDuplicateKey = PolicyFile.Add("POL-002", Severity.Error,
        "no object of the policy names a key twice", "RFC 8259, section 4");
    public static readonly Rule PolicyMissingKey = PolicyFile.Add("POL-003", Severity.Error,
        "required keys of the policy are present", "schemas/trust-policy.schema.json");
    public static readonly Rule PolicyWrongType = PolicyFile.Add("POL-004", Severity.Error,
        "values of the policy have their type", "schemas/trust-policy.schema.json");
    public static readonly Rule PolicyUnknownKey = PolicyFile.Add("POL-005", Severity.Error,
        "no key of the policy is unknown", "schemas/trust-policy.schema.json");
    public static readonly Rule PolicyValue = PolicyFile.Add("POL-006", Severity.Error,
        "values of the policy have their form", "schemas/trust-policy.schema.json");
    public static readonly Rule PolicySense = PolicyFile.Add("POL-007", Severity.Error,
        "the policy makes sense: no signer pinned twice, no empty version range, no key size that the signer's layout cannot have",
        "a rule that can never match hides a mistake");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;

    /// <summary>Those of the policy file.</summary>
    public static IReadOnlyList<Rule> OfPolicyFile => PolicyFile.Rules;

    internal static JsonRules PolicyJson { get; } =
        new(PolicySyntax, PolicyDuplicateKey, PolicyMissingKey, PolicyWrongType, PolicyUnknownKey);
}
