using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>
/// What happens when a signature would be dated before its key: verifiers such as sqv refuse it ("no binding signature at time").
/// </summary>
public enum EarlyTime
{
    /// <summary>The signature takes the key's creation time. Still reproducible: both times are inputs.</summary>
    RaiseToKey,

    /// <summary>Exit 5.</summary>
    Refuse,
}

/// <summary>
/// OpenPGP on top of any RSA signer. The certificate says who signs; the RSA key must be its primary key or a signing subkey.
/// </summary>
public sealed class OpenPgpSigner : IOpenPgpSigner
{
    private readonly IRsaSigner signer;
    private readonly PgpKey key;
    private readonly DateTimeOffset? expires;
    private readonly EarlyTime earlyTime;
    private readonly byte[] certificate;

    /// <summary>Binds a signer to its certificate.</summary>
    /// <param name="signer">Holds the private key.</param>
    /// <param name="certificate">The parsed certificate.</param>
    /// <param name="earlyTime">What to do with times before the key's.</param>
    /// <exception cref="TdxException">Exit 3: the certificate is another key's; exit 5: the key is revoked or may not sign.</exception>
    public OpenPgpSigner(IRsaSigner signer, OpenPgpCertificate certificate, EarlyTime earlyTime = EarlyTime.RaiseToKey)
    {
        this.signer = signer;
        this.earlyTime = earlyTime;
        this.certificate = certificate.ToArray();
        var signing = certificate.SigningKeyFor(signer.PublicKey);
        key = signing.Key;
        expires = signing.ExpiresAt;
    }

    /// <inheritdoc/>
    public string Fingerprint => key.FingerprintHex;

    /// <inheritdoc/>
    public byte[] Certificate => [.. certificate];

    /// <inheritdoc/>
    public byte[] SignDetached(ReadOnlySpan<byte> content, DateTimeOffset time) =>
        SignatureBuilder.Build(signer, key, SignatureType.Binary, SignatureTime(time), content);

    /// <inheritdoc/>
    public string SignDetachedArmored(ReadOnlySpan<byte> content, DateTimeOffset time) =>
        Armor.Encode(Armor.Signature, SignDetached(content, time));

    /// <inheritdoc/>
    public string ClearSign(string text, DateTimeOffset time) =>
        Cleartext.Frame(text,
            Armor.Encode(Armor.Signature,
            SignatureBuilder.Build(signer, key, SignatureType.Text, SignatureTime(time), Cleartext.Canonical(text))));

    private uint SignatureTime(DateTimeOffset time)
    {
        if (expires is { } end && time >= end)
        {
            throw new TdxException(ExitCode.Refused,
                $"signature of {Utc(time)} would be made after its key {Fingerprint} expires, {Utc(end)}");
        }

        if (time >= key.CreatedAt)
        {
            return PgpFormat.Seconds(time);
        }

        return earlyTime == EarlyTime.RaiseToKey
            ? key.Created
            : throw new TdxException(ExitCode.Refused,
                $"signature of {Utc(time)} would be older than its key {Fingerprint}, {Utc(key.CreatedAt)}",
                "verifiers refuse such signatures; raise SOURCE_DATE_EPOCH or allow the time to be raised to the key's");
    }

    private static string Utc(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";
}
