using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>Packet tags of RFC 9580 section 5 that occur here.</summary>
internal enum PacketTag
{
    Signature = 2,
    SecretKey = 5,
    PublicKey = 6,
    SecretSubkey = 7,
    Marker = 10,
    Trust = 12,
    UserId = 13,
    PublicSubkey = 14,
    UserAttribute = 17,
}

/// <summary>Signature types of RFC 9580 section 5.2.1.</summary>
internal enum SignatureType
{
    Binary = 0x00,
    Text = 0x01,
    GenericCertification = 0x10,
    PersonaCertification = 0x11,
    CasualCertification = 0x12,
    PositiveCertification = 0x13,
    SubkeyBinding = 0x18,
    PrimaryKeyBinding = 0x19,
    DirectKey = 0x1F,
    KeyRevocation = 0x20,
    SubkeyRevocation = 0x28,
    CertificationRevocation = 0x30,
}

/// <summary>Subpacket types of RFC 9580 section 5.2.3.7 that are written or understood.</summary>
internal enum SubpacketType
{
    CreationTime = 2,
    SignatureExpiration = 3,
    Exportable = 4,
    KeyExpiration = 9,
    PreferredCiphers = 11,
    Issuer = 16,
    Notation = 20,
    PreferredHashes = 21,
    PreferredCompression = 22,
    KeyServerPreferences = 23,
    PreferredKeyServer = 24,
    PrimaryUserId = 25,
    PolicyUri = 26,
    KeyFlags = 27,
    SignersUserId = 28,
    RevocationReason = 29,
    Features = 30,
    EmbeddedSignature = 32,
    IssuerFingerprint = 33,
}

/// <summary>
/// The hash algorithms taken: SHA-2 of 256 bits and more (RFC 9580 section 9.5). MD5, SHA-1 and RIPEMD are refused everywhere.
/// </summary>
internal static class PgpHash
{
    public const byte Sha512 = 10;

    public static HashAlgorithmName? Name(int id) => id switch
    {
        8 => HashAlgorithmName.SHA256,
        9 => HashAlgorithmName.SHA384,
        10 => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary>Hashes that count in revocations only.</summary>
    public static HashAlgorithmName? WeakName(int id) => id switch
    {
        1 => HashAlgorithmName.MD5,
        2 => HashAlgorithmName.SHA1,
        _ => null,
    };

    /// <summary>Whether OpenPGP ever had the algorithm for RSA signatures: RIPEMD-160 and SHA-224 are not in the platform.</summary>
    public static bool IsKnown(int id) => id is >= 1 and <= 3 or >= 8 and <= 11;

    public static string Display(int id) => id switch
    {
        1 => "MD5",
        2 => "SHA-1",
        3 => "RIPEMD-160",
        8 => "SHA-256",
        9 => "SHA-384",
        10 => "SHA-512",
        11 => "SHA-224",
        _ => $"hash algorithm {id}",
    };
}

/// <summary>
/// Writes the encodings of OpenPGP: numbers big-endian, multi-precision
/// integers, subpackets, packets with the old header that every reader takes.
/// </summary>
internal static class PgpFormat
{
    /// <summary>RSA (encrypt or sign), RFC 9580 section 9.1.</summary>
    public const byte Rsa = 1;

    public static void Byte(this IBufferWriter<byte> to, int value)
    {
        to.GetSpan(1)[0] = (byte)value;
        to.Advance(1);
    }

    public static void UInt16(this IBufferWriter<byte> to, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to.GetSpan(2), (ushort)value);
        to.Advance(2);
    }

    public static void UInt32(this IBufferWriter<byte> to, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    public static void Mpi(this IBufferWriter<byte> to, ReadOnlySpan<byte> number)
    {
        number = number.TrimStart((byte)0);
        to.UInt16(number.IsEmpty ? 0 : (number.Length * 8) - BitOperations.LeadingZeroCount((uint)number[0]) + 24);
        to.Write(number);
    }

    public static void Subpacket(this IBufferWriter<byte> to, SubpacketType type, ReadOnlySpan<byte> body)
    {
        if (body.Length + 1 >= 192)
        {
            to.UInt16(0xC000 + body.Length + 1 - 192);
        }
        else
        {
            to.Byte(body.Length + 1);
        }

        to.Byte((int)type);
        to.Write(body);
    }

    public static void Packet(this IBufferWriter<byte> to, PacketTag tag, ReadOnlySpan<byte> body)
    {
        var header = 0x80 | ((int)tag << 2);
        if (body.Length < 256)
        {
            to.Byte(header);
            to.Byte(body.Length);
        }
        else
        {
            to.Byte(header | 1);
            to.UInt16(body.Length);
        }

        to.Write(body);
    }

    /// <summary>Seconds since 1970 as OpenPGP stores them.</summary>
    public static uint Seconds(DateTimeOffset time) => (uint)time.ToUnixTimeSeconds();
}
