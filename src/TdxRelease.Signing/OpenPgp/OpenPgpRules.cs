using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>The rules of OpenPGP signatures on packages, repositories and manifests: one a verdict.</summary>
public static class OpenPgpRules
{
    private static readonly Dictionary<OpenPgpVerdict, Rule> Rules = new()
    {
        [OpenPgpVerdict.Malformed] = New("PGP-001", Severity.Error, "the signature is a v4 RSA signature in its documented form"),
        [OpenPgpVerdict.UnknownKey] = New("PGP-002", Severity.Error, "the signature is by a key of the given certificate"),
        [OpenPgpVerdict.WrongSignature] = New("PGP-003", Severity.Critical, "the signature verifies"),
        [OpenPgpVerdict.WeakHash] = New("PGP-004", Severity.Error, "the signature uses SHA-256 or better"),
        [OpenPgpVerdict.WeakKey] = New("PGP-005", Severity.Error, "the signing key is as long as the policy asks for"),
        [OpenPgpVerdict.KeyExpired] = New("PGP-006", Severity.Error, "the signing key has not expired"),
        [OpenPgpVerdict.KeyRevoked] = New("PGP-007", Severity.Critical, "the signing key is not revoked"),
        [OpenPgpVerdict.BeforeKey] = New("PGP-008", Severity.Error, "the signature is not older than its key"),
        [OpenPgpVerdict.InFuture] = New("PGP-009", Severity.Error, "the signature is not dated after the time of the check"),
        [OpenPgpVerdict.SignatureExpired] = New("PGP-010", Severity.Error, "the signature has not expired"),
        [OpenPgpVerdict.NotBound] = New("PGP-011", Severity.Error, "a self-signature of the signing key is in force at the time of the check"),
    };

    /// <summary>All of them, by id.</summary>
    public static IReadOnlyList<Rule> All { get; } = [.. Rules.Values.OrderBy(r => r.Id, StringComparer.Ordinal)];

    /// <summary>The result as a finding; null where the signature is good.</summary>
    public static Finding? Finding(OpenPgpResult result, Place place) =>
        result.IsGood ? null : new Finding(Rules[result.Verdict], result.Message, place);

    private static Rule New(string id, Severity severity, string title) => new(id, severity, title, "RFC 9580");
}
