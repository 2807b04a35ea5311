using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Testing;

/// <summary>Certificates of the test key that nobody may accept, packet by packet.</summary>
internal static class HostileCertificate
{
    private static readonly PgpKey Key = TestRelease.Certificate.Keys[0].Key;
    private static readonly byte[] UserId = Encoding.UTF8.GetBytes(TestRelease.UserId);

    /// <summary>By what is wrong.</summary>
    public static IReadOnlyDictionary<string, Func<byte[]>> All { get; } = new Dictionary<string, Func<byte[]>>
    {
        ["revocation with SHA-1"] = () => WithDirect(Revocation(2), SelfSignature(TestRelease.Created)),
        ["revocation with MD5"] = () => WithDirect(Revocation(1), SelfSignature(TestRelease.Created)),
        ["revocation behind the user id"] = () => Certificate(SelfSignature(TestRelease.Created), Revocation(10)),
        ["revocation with SHA-1 behind the user id"] = () => Certificate(SelfSignature(TestRelease.Created), Revocation(2)),
        ["self-signature of the future"] = () => Certificate(SelfSignature(TestRelease.Created.AddYears(60))),
        ["expired self-signature"] = () => Certificate(SelfSignature(TestRelease.Created, TimeSpan.FromDays(20))),
    };

    /// <summary>Key, user id, and these packets behind it.</summary>
    public static byte[] Certificate(params byte[][] behindUserId) => WithDirect([], behindUserId);

    /// <summary>A positive certification of the user id.</summary>
    public static byte[] SelfSignature(DateTimeOffset time, TimeSpan? lifetime = null)
    {
        var more = new ArrayBufferWriter<byte>();
        more.Subpacket(SubpacketType.KeyFlags, [CertifiedKey.Certify | CertifiedKey.Sign]);
        if (lifetime is { } life)
        {
            var seconds = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(seconds, (uint)life.TotalSeconds);
            more.Subpacket(SubpacketType.SignatureExpiration, seconds);
        }

        return Signature(SignatureType.PositiveCertification, 10, time, OpenPgpCertificate.HashedUserId(Key, UserId), more.WrittenSpan);
    }

    private static byte[] WithDirect(byte[] behindKey, params byte[][] behindUserId)
    {
        var packets = new ArrayBufferWriter<byte>();
        packets.Packet(PacketTag.PublicKey, Key.Body());
        packets.Write(behindKey);
        packets.Packet(PacketTag.UserId, UserId);
        foreach (var packet in behindUserId)
        {
            packets.Write(packet);
        }

        return packets.WrittenSpan.ToArray();
    }

    private static byte[] Revocation(byte hash)
    {
        var hashed = new ArrayBufferWriter<byte>();
        Key.WriteHashed(hashed);
        var more = new ArrayBufferWriter<byte>();
        more.Subpacket(SubpacketType.RevocationReason, [2]); // the key was compromised
        return Signature(SignatureType.KeyRevocation, hash, TestRelease.Created.AddDays(10), hashed.WrittenSpan, more.WrittenSpan);
    }

    // As SignatureBuilder, with any hash.
    private static byte[] Signature(SignatureType type, byte hash, DateTimeOffset time, ReadOnlySpan<byte> content, ReadOnlySpan<byte> more)
    {
        var hashed = new ArrayBufferWriter<byte>();
        hashed.Subpacket(SubpacketType.IssuerFingerprint, [4, .. Key.Fingerprint]);
        var seconds = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(seconds, PgpFormat.Seconds(time));
        hashed.Subpacket(SubpacketType.CreationTime, seconds);
        hashed.Write(more);
        var head = new ArrayBufferWriter<byte>();
        head.Write((ReadOnlySpan<byte>)[4, (byte)type, PgpFormat.Rsa, hash]);
        head.UInt16(hashed.WrittenCount);
        head.Write(hashed.WrittenSpan);
        var trailer = new byte[SignatureBuilder.TrailerLength];
        SignatureBuilder.WriteTrailer(trailer, head.WrittenCount);
        byte[] data = [.. content, .. head.WrittenSpan, .. trailer];
        var name = (PgpHash.Name(hash) ?? PgpHash.WeakName(hash))!.Value;
        var body = new ArrayBufferWriter<byte>();
        body.Write(head.WrittenSpan);
        body.UInt16(0);
        body.Write(CryptographicOperations.HashData(name, data).AsSpan(0, 2));
        body.Mpi(TestRelease.Signer.Sign(data, name));
        var packet = new ArrayBufferWriter<byte>();
        packet.Packet(PacketTag.Signature, body.WrittenSpan);
        return packet.WrittenSpan.ToArray();
    }
}
