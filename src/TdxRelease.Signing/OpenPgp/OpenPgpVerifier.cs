using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>How a check of a signature ended.</summary>
public enum OpenPgpVerdict
{
    /// <summary>The certificate's key made this signature over this content, and nothing speaks against it.</summary>
    Good,

    /// <summary>Not a signature, or one of a kind that is not taken.</summary>
    Malformed,

    /// <summary>Another key made it.</summary>
    UnknownKey,

    /// <summary>The key is named but the signature does not fit the content.</summary>
    WrongSignature,

    /// <summary>MD5, SHA-1 or another hash below SHA-256.</summary>
    WeakHash,

    /// <summary>The key is shorter than the limit.</summary>
    WeakKey,

    /// <summary>The key's life has ended.</summary>
    KeyExpired,

    /// <summary>The owner took the key back.</summary>
    KeyRevoked,

    /// <summary>The signature is dated before its key.</summary>
    BeforeKey,

    /// <summary>The signature is dated after the time of the check.</summary>
    InFuture,

    /// <summary>The signature's own life has ended.</summary>
    SignatureExpired,

    /// <summary>No self-signature vouches for the key at the time of the check: all are expired or from later.</summary>
    NotBound,
}

/// <summary>The result of a check.</summary>
/// <param name="Verdict">How it ended.</param>
/// <param name="Message">The reason in words, for findings; for a good signature, who and when.</param>
/// <param name="Fingerprint">The key that signed, where it is known.</param>
/// <param name="SignedAt">The signature's creation time, where it is known.</param>
/// <param name="Text">The text that was signed, LF line ends, without trailing blanks: clear-signed input only, and only when good.</param>
public sealed record OpenPgpResult(OpenPgpVerdict Verdict, string Message, string? Fingerprint = null, DateTimeOffset? SignedAt = null,
    string? Text = null)
{
    /// <summary>Whether the signature is accepted.</summary>
    public bool IsGood => Verdict == OpenPgpVerdict.Good;
}

/// <summary>Checks v4 RSA signatures against the certificates of a keyring at one time. Pure; every input may be hostile.</summary>
/// <param name="keyring">Whose signatures are accepted.</param>
/// <param name="now">The time of the check.</param>
/// <param name="minimumBits">Shorter keys are refused.</param>
public sealed class OpenPgpVerifier(OpenPgpKeyring keyring, DateTimeOffset now,
    int minimumBits = RsaPublicKey.DefaultMinimumBits) : IDetachedVerifier
{
    /// <summary>Against one certificate.</summary>
    public OpenPgpVerifier(OpenPgpCertificate certificate, DateTimeOffset now, int minimumBits = RsaPublicKey.DefaultMinimumBits)
        : this(new OpenPgpKeyring([certificate]), now, minimumBits)
    {
    }

    /// <summary>The largest detached signature taken, in bytes of binary form.</summary>
    private const int MaxSignature = 64 << 10;

    private const int MaxSignatures = 16;

    /// <summary>How far the clocks of signer and verifier may differ.</summary>
    internal static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <summary>Checks what a signer signed until a time. A key that is younger dates its signatures up to its own creation.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3: its certificate is damaged.</exception>
    public static OpenPgpVerifier Of(IOpenPgpSigner signer, DateTimeOffset time)
    {
        var keyring = OpenPgpKeyring.Parse(signer.Certificate, "signer's certificate");
        var created = keyring.Certificates.SelectMany(c => c.Keys).Max(k => k.Key.CreatedAt);
        return new OpenPgpVerifier(keyring, created > time ? created : time);
    }

    /// <summary>
    /// Checks a detached signature, binary or armored. Every signature in it must be good: gpgv too refuses a file with one by a stranger.
    /// </summary>
    /// <param name="content">What is said to be signed.</param>
    /// <param name="signature">The signature file.</param>
    public OpenPgpResult VerifyDetached(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        try
        {
            var binary = Armor.IsArmored(signature) ? Armor.Decode(signature, Armor.Signature, "signature") : signature.ToArray();
            return Verify(content, binary, SignatureType.Binary);
        }
        catch (TdxException e)
        {
            return new OpenPgpResult(OpenPgpVerdict.Malformed, e.Message);
        }
    }

    /// <summary>Checks a clear-signed text and gives back exactly what was signed. Anything outside the frame is refused.</summary>
    /// <param name="signed">The file.</param>
    public OpenPgpResult VerifyClearSigned(ReadOnlySpan<byte> signed)
    {
        try
        {
            var (text, signature) = Cleartext.Unframe(signed);
            var result = Verify(Cleartext.Canonical(text), signature, SignatureType.Text);
            return result.IsGood ? result with { Text = text } : result;
        }
        catch (TdxException e)
        {
            return new OpenPgpResult(OpenPgpVerdict.Malformed, e.Message);
        }
    }

    private OpenPgpResult Verify(ReadOnlySpan<byte> content, ReadOnlySpan<byte> packets, SignatureType type)
    {
        if (packets.Length > MaxSignature)
        {
            return new OpenPgpResult(OpenPgpVerdict.Malformed, $"signature of {packets.Length} bytes, the limit is {MaxSignature}");
        }

        OpenPgpResult? good = null;
        var reader = new PgpReader(packets);
        for (var count = 0; reader.Packet(out var tag, out var body); count++)
        {
            if (tag != PacketTag.Signature || count == MaxSignatures)
            {
                return new OpenPgpResult(OpenPgpVerdict.Malformed,
                    tag == PacketTag.Signature ? $"more than {MaxSignatures} signatures" : $"packet {(int)tag} among the signatures");
            }

            var result = VerifyOne(content, body, type);
            if (!result.IsGood)
            {
                return result;
            }

            good ??= result;
        }

        return !reader.AtEnd ? new OpenPgpResult(OpenPgpVerdict.Malformed, "not a sequence of OpenPGP packets")
            : good ?? new OpenPgpResult(OpenPgpVerdict.Malformed, "no signature in it");
    }

    private OpenPgpResult VerifyOne(ReadOnlySpan<byte> content, ReadOnlySpan<byte> body, SignatureType type)
    {
        if (SignaturePacket.Parse(body, out var problem) is not { } signature)
        {
            return new OpenPgpResult(OpenPgpVerdict.Malformed, problem);
        }

        if (!signature.NamesSomeone)
        {
            return new OpenPgpResult(OpenPgpVerdict.Malformed, "the signature does not say which key made it");
        }

        var certificate = keyring.Certificates.FirstOrDefault(c => c.Keys.Any(k => signature.Names(k.Key)));
        if (certificate is null)
        {
            var id = Convert.ToHexString((signature.IssuerFingerprint ?? signature.IssuerKeyId)!);
            return new OpenPgpResult(OpenPgpVerdict.UnknownKey, $"made by key {id}, want {keyring.Fingerprints}");
        }

        var key = certificate.Keys.First(k => signature.Names(k.Key));

        var at = DateTimeOffset.FromUnixTimeSeconds(signature.Created);
        OpenPgpResult Result(OpenPgpVerdict verdict, string message) => new(verdict, message, key.Key.FingerprintHex, at);
        if (signature.Type != type)
        {
            return Result(OpenPgpVerdict.Malformed, $"signature of type 0x{(int)signature.Type:x2}, want 0x{(int)type:x2}");
        }

        if (PgpHash.Name(signature.HashId) is null)
        {
            return Result(OpenPgpVerdict.WeakHash, $"signed with {PgpHash.Display(signature.HashId)}, want SHA-256 or better");
        }

        return !signature.IsBy(key.Key, content)
            ? Result(OpenPgpVerdict.WrongSignature, $"does not verify with key {key.Key.FingerprintHex}")
            : Refusal(certificate, key, signature, at) is var (verdict, message) ? Result(verdict, message)
            : Result(OpenPgpVerdict.Good, $"good signature by {key.Key.FingerprintHex} of {Utc(at)}");
    }

    private (OpenPgpVerdict Verdict, string Message)? Refusal(OpenPgpCertificate certificate, CertifiedKey key, SignaturePacket signature,
        DateTimeOffset at)
    {
        var id = key.Key.FingerprintHex;
        var shortest = Math.Min(key.Key.Rsa.Bits, certificate.PublicKey.Bits);
        var (self, main) = (key.At(now + Skew), certificate.Keys[0].At(now + Skew));
        var end = Earliest(self?.KeyEnd, main?.KeyEnd);
        return key.Revoked || certificate.Revoked ? (OpenPgpVerdict.KeyRevoked, $"key {id} is revoked")
            : shortest < minimumBits ? (OpenPgpVerdict.WeakKey, $"RSA key of {shortest} bits, want {minimumBits} or more")
            : at > now + Skew ? (OpenPgpVerdict.InFuture, $"signed {Utc(at)}, after the time of the check, {Utc(now)}")
            : self is null || main is null ? (OpenPgpVerdict.NotBound, $"key {id} has no self-signature that is in force at {Utc(now)}")
            : !self.MaySign ? (OpenPgpVerdict.Malformed, $"key {id} may not sign by its key flags")
            : at < key.Key.CreatedAt ? (OpenPgpVerdict.BeforeKey, $"signed {Utc(at)}, before its key was made, {Utc(key.Key.CreatedAt)}")
            : end is { } expiry && (now >= expiry || at >= expiry) ? (OpenPgpVerdict.KeyExpired, $"key {id} expired {Utc(expiry)}")
            : signature.Lifetime > 0 && now >= at.AddSeconds(signature.Lifetime)
            ? (OpenPgpVerdict.SignatureExpired, $"signature expired {Utc(at.AddSeconds(signature.Lifetime))}")
            : null;
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a < b ? a : b ?? a;

    private static string Utc(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";
}
