using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>A parsed v4 RSA signature. Only the hashed subpackets count; the unhashed ones are hints that anyone can change.</summary>
internal sealed class SignaturePacket
{
    private const int CriticalBit = 0x80;
    private byte[] head = [];
    private byte[] value = [];
    private ushort left16;

    public SignatureType Type { get; private set; }

    public int HashId { get; private set; }

    public uint Created { get; private set; }

    /// <summary>Seconds after the key's creation; 0 for never.</summary>
    public uint KeyLifetime { get; private set; }

    /// <summary>Seconds after the signature's creation; 0 for never.</summary>
    public uint Lifetime { get; private set; }

    /// <summary>Null where the signature has none.</summary>
    public int? KeyFlags { get; private set; }

    public byte[]? IssuerFingerprint { get; private set; }

    public byte[]? IssuerKeyId { get; private set; }

    /// <summary>The back signature of a signing subkey.</summary>
    public byte[]? Embedded { get; private set; }

    /// <summary>The subpackets that are not signed, as they stand.</summary>
    public byte[] Unhashed { get; private set; } = [];

    /// <summary>Outside the signed part stands nothing but, perhaps, the issuer's key id, which is the end of its fingerprint.</summary>
    public bool OnlyIssuerUnsigned { get; private set; } = true;

    public bool IsCertification => Type is >= SignatureType.GenericCertification and <= SignatureType.PositiveCertification;

    /// <summary>Parses the packet's body.</summary>
    /// <returns>Null with the reason where it is malformed or of a kind that is not taken.</returns>
    public static SignaturePacket? Parse(ReadOnlySpan<byte> body, out string problem)
    {
        var reader = new PgpReader(body);
        var version = reader.Byte();
        var type = reader.Byte();
        var algorithm = reader.Byte();
        var hash = reader.Byte();
        if (reader.Failed || version != 4)
        {
            problem = $"signature of version {version}, want 4";
            return null;
        }

        var packet = new SignaturePacket { Type = (SignatureType)type, HashId = hash };
        var hashed = reader.Bytes(reader.UInt16());
        packet.head = body[..(body.Length - reader.Rest.Length)].ToArray();
        var unhashed = reader.Bytes(reader.UInt16());
        packet.Unhashed = unhashed.ToArray();
        packet.left16 = (ushort)reader.UInt16();
        if (reader.Failed)
        {
            problem = "signature packet is cut short";
            return null;
        }

        if (algorithm is not PgpFormat.Rsa and not 3)
        {
            problem = $"public-key algorithm {algorithm}, want RSA";
            return null;
        }

        packet.value = reader.Mpi().ToArray();
        problem = reader.AtEnd && packet.value.Length > 0 ? packet.ReadHashed(hashed) ?? packet.ReadUnhashed(unhashed) ?? ""
            : "signature number is malformed";
        return problem.Length == 0 ? packet : null;
    }

    /// <summary>Whether the key made this signature over the content (in the form that the type hashes). False for weak hashes.</summary>
    public bool IsBy(PgpKey key, ReadOnlySpan<byte> content) => IsBy(key.Rsa, content);

    /// <summary>As above, for a key that is known by its numbers alone.</summary>
    public bool IsBy(RsaPublicKey key, ReadOnlySpan<byte> content) =>
        PgpHash.Name(HashId) is { } hash && Verifies(key, content, hash, out var digest)
        && BinaryPrimitives.ReadUInt16BigEndian(digest) == left16;

    /// <summary>
    /// Whether this is the key's revocation of the content. A weak hash is no excuse
    /// to go on with a key, and one that cannot be computed here is not either;
    /// nor are two bytes of the digest that were copied wrong, which gpgv and sqv do not look at.
    /// </summary>
    public bool Revokes(PgpKey key, ReadOnlySpan<byte> content) =>
        PgpHash.WeakName(HashId) is { } weak ? Verifies(key.Rsa, content, weak, out _)
        : PgpHash.Name(HashId) is { } hash ? Verifies(key.Rsa, content, hash, out _)
        : PgpHash.IsKnown(HashId);

    private bool Verifies(RsaPublicKey key, ReadOnlySpan<byte> content, HashAlgorithmName hash, out byte[] digest)
    {
        digest = [];
        if (value.Length > key.Modulus.Length)
        {
            return false;
        }

        Span<byte> trailer = stackalloc byte[SignatureBuilder.TrailerLength];
        SignatureBuilder.WriteTrailer(trailer, head.Length);
        using var hasher = IncrementalHash.CreateHash(hash);
        hasher.AppendData(content);
        hasher.AppendData(head);
        hasher.AppendData(trailer);
        digest = hasher.GetHashAndReset();
        var padded = new byte[key.Modulus.Length];
        value.CopyTo(padded.AsSpan(padded.Length - value.Length));
        return key.VerifyHash(digest, padded, hash);
    }

    /// <summary>Whether it says who made it. gpgv and sqv look for no key on their own; a revocation counts all the same.</summary>
    public bool NamesSomeone => IssuerFingerprint is not null || IssuerKeyId is not null;

    /// <summary>Whether the signature names the key, or names none.</summary>
    public bool Names(PgpKey key) =>
        IssuerFingerprint is { } fingerprint ? key.Fingerprint.SequenceEqual(fingerprint)
        : IssuerKeyId is not { } id || key.KeyId.SequenceEqual(id);

    private string? ReadHashed(ReadOnlySpan<byte> area)
    {
        var reader = new PgpReader(area);
        var seenTime = false;
        while (reader.Subpacket(out var type, out var body))
        {
            switch ((SubpacketType)(type & ~CriticalBit))
            {
                case SubpacketType.CreationTime when body.Length == 4 && !seenTime:
                    Created = BinaryPrimitives.ReadUInt32BigEndian(body);
                    seenTime = true;
                    break;
                case SubpacketType.SignatureExpiration when body.Length == 4:
                    Lifetime = BinaryPrimitives.ReadUInt32BigEndian(body);
                    break;
                case SubpacketType.KeyExpiration when body.Length == 4:
                    KeyLifetime = BinaryPrimitives.ReadUInt32BigEndian(body);
                    break;
                case SubpacketType.KeyFlags when body.Length > 0:
                    KeyFlags = body[0];
                    break;
                case SubpacketType.IssuerFingerprint when body.Length == 21 && body[0] == 4:
                    IssuerFingerprint = body[1..].ToArray();
                    break;
                case SubpacketType.Issuer when body.Length == 8:
                    IssuerKeyId = body.ToArray();
                    break;
                case SubpacketType.EmbeddedSignature:
                    Embedded = body.ToArray();
                    break;
                case var read when IsRead(read):
                    return $"subpacket {type & ~CriticalBit} is malformed or repeated";
                case var unknown when (type & CriticalBit) != 0 && !IsIgnored(unknown):
                    return $"critical subpacket {type & ~CriticalBit} is not understood";
                default:
                    break;
            }
        }

        return reader.Failed ? "hashed subpackets are malformed" : seenTime ? null : "no creation time in the signed part";
    }

    private static bool IsRead(SubpacketType type) => type is SubpacketType.CreationTime or SubpacketType.SignatureExpiration
        or SubpacketType.KeyExpiration or SubpacketType.KeyFlags or SubpacketType.IssuerFingerprint or SubpacketType.Issuer;

    // They change nothing that is decided here, even where they are critical.
    private static bool IsIgnored(SubpacketType type) => type is SubpacketType.Exportable or SubpacketType.PreferredCiphers
        or SubpacketType.PreferredHashes or SubpacketType.PreferredCompression or SubpacketType.KeyServerPreferences
        or SubpacketType.PreferredKeyServer or SubpacketType.PrimaryUserId or SubpacketType.PolicyUri or SubpacketType.SignersUserId
        or SubpacketType.RevocationReason or SubpacketType.Features;

    private string? ReadUnhashed(ReadOnlySpan<byte> area)
    {
        var reader = new PgpReader(area);
        while (reader.Subpacket(out var type, out var body))
        {
            OnlyIssuerUnsigned &= type == (int)SubpacketType.Issuer && IssuerFingerprint is { } fingerprint
                && fingerprint.AsSpan()[^8..].SequenceEqual(body) && IssuerKeyId is null;
            if ((SubpacketType)(type & ~CriticalBit) == SubpacketType.Issuer && body.Length == 8)
            {
                IssuerKeyId ??= body.ToArray();
            }
            else if ((SubpacketType)(type & ~CriticalBit) == SubpacketType.EmbeddedSignature)
            {
                // Verified by itself, so it need not stand in the signed part (gpg puts it here).
                Embedded ??= body.ToArray();
            }
        }

        return reader.Failed ? "unhashed subpackets are malformed" : null;
    }
}
