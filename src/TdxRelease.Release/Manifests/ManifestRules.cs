using TdxRelease.Core.Findings;

namespace TdxRelease.Release.Manifests;

/// <summary>The rules of a signed bundle.</summary>
public static class ManifestRules
{
    /// <summary>There is a signature.</summary>
    public static readonly Rule SignatureMissing = Error("MAN-001", "the manifest is signed");

    /// <summary>The signature is the key's.</summary>
    public static readonly Rule WrongSignature = Critical("MAN-002", "the manifest's signature verifies with the given key");

    /// <summary>The key is long enough.</summary>
    public static readonly Rule KeyTooSmall = Error("MAN-003", "the signing key is as long as the policy asks for");

    /// <summary>The manifest is one.</summary>
    public static readonly Rule Malformed = Error("MAN-004", "the manifest is canonical JSON of the documented format and does not contradict itself");

    /// <summary>Not expired.</summary>
    public static readonly Rule Expired = Error("MAN-005", "the manifest has not expired");

    /// <summary>Not from the future.</summary>
    public static readonly Rule InFuture = Error("MAN-006", "the manifest was not created after the time of the check");

    /// <summary>Not older than one seen.</summary>
    public static readonly Rule RolledBack = Critical("MAN-007", "the sequence number is not lower than the highest one seen");

    /// <summary>One content per sequence number.</summary>
    public static readonly Rule Equivocation = Critical("MAN-008", "a sequence number seen before has the content seen before");

    /// <summary>Nothing is missing.</summary>
    public static readonly Rule FileMissing = Error("MAN-009", "every file of the manifest is there");

    /// <summary>Nothing was added.</summary>
    public static readonly Rule ExtraFile = Error("MAN-010", "every file that is there is in the manifest");

    /// <summary>Lengths fit.</summary>
    public static readonly Rule WrongLength = Critical("MAN-011", "every file has the length in the manifest");

    /// <summary>SHA-256 fits.</summary>
    public static readonly Rule WrongSha256 = Critical("MAN-012", "every file has the SHA-256 in the manifest");

    /// <summary>SHA-384 fits.</summary>
    public static readonly Rule WrongSha384 = Critical("MAN-013", "every file has the SHA-384 in the manifest");

    /// <summary>Signed as it says.</summary>
    public static readonly Rule Unsigned = Error("MAN-014", "the manifest does not call itself unsigned");

    /// <summary>One file per name.</summary>
    public static readonly Rule DuplicateFile = Error("MAN-015", "no two files have the same path, or paths that differ in case only");

    /// <summary>The bundle asked for.</summary>
    public static readonly Rule OtherName = Critical("MAN-016", "the bundle is the one asked for");

    /// <summary>The OpenPGP signature fits too.</summary>
    public static readonly Rule WrongOpenPgpSignature = Critical("MAN-017", "the manifest's OpenPGP signature verifies with the given certificate");

    /// <summary>All of them, by id.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        SignatureMissing, WrongSignature, KeyTooSmall, Malformed, Expired, InFuture, RolledBack, Equivocation, FileMissing,
        ExtraFile, WrongLength, WrongSha256, WrongSha384, Unsigned, DuplicateFile, OtherName, WrongOpenPgpSignature,
    ];

    private static Rule Error(string id, string title) => new(id, Severity.Error, title, "docs/formats.md");

    private static Rule Critical(string id, string title) => new(id, Severity.Critical, title, "docs/formats.md");
}
