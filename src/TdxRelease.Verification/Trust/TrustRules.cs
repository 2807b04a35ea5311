using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Verification.Trust;

/// <summary>The rules of signatures, of trust, and of the policy file itself.</summary>
public static class TrustRules
{
    private const string Rfc = "RFC 8017, section 8.2.2";
    private const string Policy = "the trust policy";

    /// <summary>Platform.</summary>
    public static readonly Rule Signature = new("RSA-001", Severity.Critical, "the signature is RSA PKCS#1 v1.5 with SHA-384 over bytes 0 to 127 and everything from SEAMHASH on", Rfc);

    /// <summary>Disagreement.</summary>
    public static readonly Rule Disagreement = new("RSA-002", Severity.Critical, "the platform's RSA and BouncyCastle's agree", "two independent implementations");

    /// <summary>SEAMHASH.</summary>
    public static readonly Rule SeamHash = new("RSA-003", Severity.Critical, "SEAMHASH is the SHA-384 of the module", "tdx-loader");

    /// <summary>Signer.</summary>
    public static readonly Rule UnknownSigner = new("TRUST-001", Severity.Error, "the signer is pinned by the policy", "tdx-loader: the processor accepts one modulus hash");

    /// <summary>Key size.</summary>
    public static readonly Rule KeyTooSmall = new("TRUST-002", Severity.Error, "the RSA key is as large as the policy demands", Policy);

    /// <summary>Layout.</summary>
    public static readonly Rule Layout = new("TRUST-003", Severity.Error, "the signer uses the sigstruct layout that the policy names for it", Policy);

    /// <summary>Debug.</summary>
    public static readonly Rule Debug = new("TRUST-004", Severity.Error, "the module is not debug-signed unless the policy allows it", "tdx-loader");

    /// <summary>Denied version.</summary>
    public static readonly Rule DeniedVersion = new("TRUST-005", Severity.Error, "the version is not denied", Policy);

    /// <summary>Denied measurement.</summary>
    public static readonly Rule DeniedMeasurement = new("TRUST-006", Severity.Error, "the measurement is not denied", Policy);

    /// <summary>Allowed.</summary>
    public static readonly Rule NotAllowedVersion = new("TRUST-007", Severity.Error, "the version is in an allowed range", Policy);

    /// <summary>Licence.</summary>
    public static readonly Rule License = new("TRUST-008", Severity.Error, "the licence text is one that the policy knows", Policy);

    /// <summary>Policy syntax.</summary>
    public static readonly Rule PolicySyntax = new("POL-001", Severity.Error, "the policy is strict JSON", "RFC 8259");

    /// <summary>Policy duplicate.</summary>
    public static readonly Rule PolicyDuplicateKey = new("POL-002", Severity.Error, "no object of the policy names a key twice", "RFC 8259, section 4");

    /// <summary>Policy missing.</summary>
    public static readonly Rule PolicyMissingKey = new("POL-003", Severity.Error, "required keys of the policy are present", "schemas/trust-policy.schema.json");

    /// <summary>Policy type.</summary>
    public static readonly Rule PolicyWrongType = new("POL-004", Severity.Error, "values of the policy have their type", "schemas/trust-policy.schema.json");

    /// <summary>Policy unknown.</summary>
    public static readonly Rule PolicyUnknownKey = new("POL-005", Severity.Error, "no key of the policy is unknown", "schemas/trust-policy.schema.json");

    /// <summary>Policy value.</summary>
    public static readonly Rule PolicyValue = new("POL-006", Severity.Error, "values of the policy have their form", "schemas/trust-policy.schema.json");

    /// <summary>Policy sense.</summary>
    public static readonly Rule PolicySense = new("POL-007", Severity.Error, "the policy makes sense: no signer pinned twice, no empty version range, no key size that the signer's layout cannot have", "a rule that can never match hides a mistake");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        Signature, Disagreement, SeamHash, UnknownSigner, KeyTooSmall, Layout, Debug, DeniedVersion, DeniedMeasurement, NotAllowedVersion, License,
        PolicySyntax, PolicyDuplicateKey, PolicyMissingKey, PolicyWrongType, PolicyUnknownKey, PolicyValue, PolicySense,
    ];

    internal static JsonRules PolicyJson { get; } = new(PolicySyntax, PolicyDuplicateKey, PolicyMissingKey, PolicyWrongType, PolicyUnknownKey);
}
