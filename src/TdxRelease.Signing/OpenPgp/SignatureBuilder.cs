using System.Buffers;
using System.Security.Cryptography;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>Makes v4 signature packets with SHA-512. Nothing random goes in, so the same input gives the same bytes.</summary>
internal static class SignatureBuilder
{
    /// <summary>Bytes of what is hashed behind the head.</summary>
    public const int TrailerLength = 6;

    /// <summary>
    /// Signs <paramref name="content"/> (already in the form that the signature type hashes) and returns the whole packet.
    /// </summary>
    public static byte[] Build(IRsaSigner signer, PgpKey key, SignatureType type, uint time, ReadOnlySpan<byte> content,
        ReadOnlySpan<byte> moreHashed = default)
    {
        var head = HashedHead(key, type, time, moreHashed);
        var data = new byte[content.Length + head.Length + TrailerLength];
        content.CopyTo(data);
        head.CopyTo(data.AsSpan(content.Length));
        WriteTrailer(data.AsSpan(content.Length + head.Length), head.Length);

        var signature = signer.Sign(data, HashAlgorithmName.SHA512);
        var body = new ArrayBufferWriter<byte>();
        body.Write(head);
        var unhashed = new ArrayBufferWriter<byte>();
        unhashed.Subpacket(SubpacketType.Issuer, key.KeyId);
        body.UInt16(unhashed.WrittenCount);
        body.Write(unhashed.WrittenSpan);
        body.Write(SHA512.HashData(data).AsSpan(0, 2));
        body.Mpi(signature);

        var packet = new ArrayBufferWriter<byte>();
        packet.Packet(PacketTag.Signature, body.WrittenSpan);
        return packet.WrittenSpan.ToArray();
    }

    /// <summary>The trailer of RFC 9580 section 5.2.4: version, 0xFF, length of the hashed head.</summary>
    public static void WriteTrailer(Span<byte> to, int headLength)
    {
        to[0] = 4;
        to[1] = 0xFF;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(to[2..], (uint)headLength);
    }

    private static byte[] HashedHead(PgpKey key, SignatureType type, uint time, ReadOnlySpan<byte> more)
    {
        var hashed = new ArrayBufferWriter<byte>();
        Span<byte> issuer = stackalloc byte[21];
        issuer[0] = 4;
        key.Fingerprint.CopyTo(issuer[1..]);
        hashed.Subpacket(SubpacketType.IssuerFingerprint, issuer);
        Span<byte> seconds = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(seconds, time);
        hashed.Subpacket(SubpacketType.CreationTime, seconds);
        hashed.Write(more);

        var head = new ArrayBufferWriter<byte>();
        head.Byte(4);
        head.Byte((int)type);
        head.Byte(PgpFormat.Rsa);
        head.Byte(PgpHash.Sha512);
        head.UInt16(hashed.WrittenCount);
        head.Write(hashed.WrittenSpan);
        return head.WrittenSpan.ToArray();
    }
}
