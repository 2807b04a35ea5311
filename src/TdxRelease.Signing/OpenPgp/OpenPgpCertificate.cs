using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>What one valid self-signature says of a key.</summary>
/// <param name="From">When it was made.</param>
/// <param name="To">When the self-signature itself expires, or null.</param>
/// <param name="Flags">Key flags (RFC 9580 section 5.2.3.29): 1 certify, 2 sign.</param>
/// <param name="KeyEnd">End of the key's life, or null.</param>
internal sealed record SelfSignature(DateTimeOffset From, DateTimeOffset? To, int Flags, DateTimeOffset? KeyEnd)
{
    public bool MaySign => (Flags & CertifiedKey.Sign) != 0;
}

/// <summary>A v4 RSA key of a certificate, with what the certificate says of it.</summary>
/// <param name="Key">The key.</param>
/// <param name="SelfSignatures">Newest first; empty only where the key is revoked.</param>
/// <param name="Revoked">Whether its owner took it back.</param>
internal sealed record CertifiedKey(PgpKey Key, IReadOnlyList<SelfSignature> SelfSignatures, bool Revoked)
{
    public const int Certify = 1;
    public const int Sign = 2;

    /// <summary>End of its life by the newest self-signature, or null.</summary>
    public DateTimeOffset? ExpiresAt => SelfSignatures is [var newest, ..] ? newest.KeyEnd : null;

    /// <summary>Whether it may sign by the newest self-signature.</summary>
    public bool MaySign => SelfSignatures is [{ MaySign: true }, ..];

    /// <summary>
    /// The self-signature in force at a time: the newest that is neither from later nor expired; null where there is none.
    /// </summary>
    public SelfSignature? At(DateTimeOffset time) =>
        SelfSignatures.FirstOrDefault(s => s.From <= time && (s.To is not { } end || time < end));
}

/// <summary>An OpenPGP certificate ("public key"): an RSA primary key, user ids bound by self-signatures, perhaps subkeys.</summary>
public sealed class OpenPgpCertificate
{
    private readonly byte[] packets;

    internal OpenPgpCertificate(byte[] packets, IReadOnlyList<CertifiedKey> keys, IReadOnlyList<string> userIds)
    {
        this.packets = packets;
        Keys = keys;
        UserIds = userIds;
    }

    /// <summary>The primary key first, then the subkeys that may sign.</summary>
    internal IReadOnlyList<CertifiedKey> Keys { get; }

    /// <summary>The user ids with a valid self-signature, as they stand in the certificate.</summary>
    public IReadOnlyList<string> UserIds { get; }

    /// <summary>Fingerprint of the primary key, 40 upper-case hex digits.</summary>
    public string Fingerprint => Keys[0].Key.FingerprintHex;

    /// <summary>When the primary key was made.</summary>
    public DateTimeOffset CreatedAt => Keys[0].Key.CreatedAt;

    /// <summary>When the primary key's life ends, or null.</summary>
    public DateTimeOffset? ExpiresAt => Keys[0].ExpiresAt;

    /// <summary>Whether the primary key was revoked.</summary>
    public bool Revoked => Keys[0].Revoked;

    /// <summary>The primary key's RSA key.</summary>
    public RsaPublicKey PublicKey => Keys[0].Key.Rsa;

    /// <summary>Whether the primary key or one of the subkeys that may sign has a fingerprint.</summary>
    public bool IsOf(string fingerprint) => Keys.Any(k => k.Key.FingerprintHex == fingerprint);

    /// <summary>The RSA key that signs, as in gpg: the last subkey that may, else the primary key; null where none may.</summary>
    public RsaPublicKey? SigningKey => Revoked ? null : Keys.LastOrDefault(k => !k.Revoked && k.MaySign)?.Key.Rsa;

    /// <summary>
    /// Makes a certificate for a key: one user id, self-signed with SHA-512, key flags certify and sign, modern preferences.
    /// </summary>
    /// <param name="signer">Holds the private key.</param>
    /// <param name="userId">Usually <c>Name &lt;mail&gt;</c>.</param>
    /// <param name="created">Creation time of key and self-signature; part of the fingerprint.</param>
    /// <param name="expires">End of the key's life, or null for none.</param>
    /// <exception cref="TdxException">Exit 2: an empty or unprintable user id, an expiry before the creation.</exception>
    public static OpenPgpCertificate Create(IRsaSigner signer, string userId, DateTimeOffset created, DateTimeOffset? expires = null)
    {
        if (string.IsNullOrWhiteSpace(userId) || userId.Length > 256 || userId.Any(char.IsControl))
        {
            throw new TdxException(ExitCode.Usage,
                $"\"{string.Concat(userId.Where(c => !char.IsControl(c)))}\" is not a user id: want 1 to 256 printable characters");
        }

        if (expires <= created)
        {
            throw new TdxException(ExitCode.Usage, "the key would expire before it is made");
        }

        var key = new PgpKey(PgpFormat.Seconds(created), signer.PublicKey);
        var id = Encoding.UTF8.GetBytes(userId);
        var packets = new ArrayBufferWriter<byte>();
        packets.Packet(PacketTag.PublicKey, key.Body());
        packets.Packet(PacketTag.UserId, id);
        packets.Write(SignatureBuilder.Build(signer, key, SignatureType.PositiveCertification, key.Created, HashedUserId(key, id),
            SelfSigned(key, expires)));
        return Parse(packets.WrittenSpan);
    }

    /// <summary>
    /// Parses and checks a certificate, binary or armored: exactly one, its self-signatures verified with SHA-256 or better.
    /// </summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">How messages call it.</param>
    /// <exception cref="TdxException">Exit 3: malformed, more than one certificate, or no usable self-signature.</exception>
    public static OpenPgpCertificate Parse(ReadOnlySpan<byte> bytes, string name = "OpenPGP certificate")
    {
        var binary = Armor.IsArmored(bytes) ? Armor.Decode(bytes, Armor.PublicKey, name) : bytes.ToArray();
        return CertificateParser.Parse(binary, name);
    }

    /// <summary>The binary form, as it was read.</summary>
    public byte[] ToArray() => [.. packets];

    /// <summary>The armored form.</summary>
    public string ToArmored() => Armor.Encode(Armor.PublicKey, packets);

    /// <summary>The key of the certificate that is this RSA key and may sign.</summary>
    internal CertifiedKey SigningKeyFor(RsaPublicKey rsa)
    {
        var key = Keys.FirstOrDefault(k => k.Key.Rsa.SameKey(rsa))
            ?? throw new TdxException(ExitCode.BadInput, $"OpenPGP certificate {Fingerprint} is not the signing key's",
                "give the certificate that was made for this private key");
        if (key.Revoked || Revoked)
        {
            throw new TdxException(ExitCode.Refused, $"OpenPGP key {key.Key.FingerprintHex} is revoked");
        }

        return key.MaySign ? key
            : throw new TdxException(ExitCode.Refused, $"OpenPGP key {key.Key.FingerprintHex} may not sign by its key flags");
    }

    /// <summary>What a certification of a user id hashes before the signature's own head (RFC 9580 section 5.2.4).</summary>
    internal static byte[] HashedUserId(PgpKey primary, ReadOnlySpan<byte> userId)
    {
        var hashed = new ArrayBufferWriter<byte>();
        primary.WriteHashed(hashed);
        hashed.Byte(0xB4);
        hashed.UInt32((uint)userId.Length);
        hashed.Write(userId);
        return hashed.WrittenSpan.ToArray();
    }

    private static byte[] SelfSigned(PgpKey key, DateTimeOffset? expires)
    {
        var hashed = new ArrayBufferWriter<byte>();
        hashed.Subpacket(SubpacketType.KeyFlags, [CertifiedKey.Certify | CertifiedKey.Sign]);
        if (expires is { } end)
        {
            Span<byte> seconds = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(seconds, PgpFormat.Seconds(end) - key.Created);
            hashed.Subpacket(SubpacketType.KeyExpiration, seconds);
        }

        hashed.Subpacket(SubpacketType.PrimaryUserId, [1]);
        hashed.Subpacket(SubpacketType.PreferredCiphers, [9, 8, 7]); // AES-256, -192, -128
        hashed.Subpacket(SubpacketType.PreferredHashes, [10, 9, 8]); // SHA-512, -384, -256
        hashed.Subpacket(SubpacketType.PreferredCompression, [0]); // none
        hashed.Subpacket(SubpacketType.Features, [1]); // modification detection
        hashed.Subpacket(SubpacketType.KeyServerPreferences, [0x80]); // only the owner changes it
        return hashed.WrittenSpan.ToArray();
    }
}
