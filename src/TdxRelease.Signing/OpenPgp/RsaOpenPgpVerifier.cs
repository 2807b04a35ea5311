using System.Buffers;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>
/// Checks detached OpenPGP signatures with the RSA key alone, as whoever has no
/// certificate does: whether the key expired or was revoked only a certificate says.
/// Takes one binary v4 signature and nothing beside it, neither armor nor a second signature. Pure; every input may be hostile.
/// </summary>
/// <param name="key">The RSA key of whoever signs.</param>
/// <param name="now">The time of the check.</param>
/// <param name="minimumBits">A shorter key is refused.</param>
public sealed class RsaOpenPgpVerifier(RsaPublicKey key, DateTimeOffset now,
    int minimumBits = RsaPublicKey.DefaultMinimumBits) : IDetachedVerifier
{
    /// <inheritdoc/>
    public OpenPgpResult VerifyDetached(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        var reader = new PgpReader(signature);
        if (!reader.Packet(out var tag, out var body) || tag != PacketTag.Signature || !reader.AtEnd)
        {
            return new OpenPgpResult(OpenPgpVerdict.Malformed, "not one binary OpenPGP signature");
        }

        if (SignaturePacket.Parse(body, out var problem) is not { } packet)
        {
            return new OpenPgpResult(OpenPgpVerdict.Malformed, problem);
        }

        var at = DateTimeOffset.FromUnixTimeSeconds(packet.Created);
        OpenPgpResult Result(OpenPgpVerdict verdict, string message) => new(verdict, message, null, at);
        return packet.Type != SignatureType.Binary
            ? Result(OpenPgpVerdict.Malformed, $"signature of type 0x{(int)packet.Type:x2}, want 0x00")
            : PgpHash.Name(packet.HashId) is null
            ? Result(OpenPgpVerdict.WeakHash, $"signed with {PgpHash.Display(packet.HashId)}, want SHA-256 or better")
            : key.Bits < minimumBits ? Result(OpenPgpVerdict.WeakKey, $"RSA key of {key.Bits} bits, want {minimumBits} or more")
            : !packet.IsBy(key, content)
            ? Result(OpenPgpVerdict.WrongSignature,
            $"does not verify with key {key.Sha256}; where the OpenPGP key is another one, give --certificate")
            : at > now + OpenPgpVerifier.Skew
            ? Result(OpenPgpVerdict.InFuture,
            $"signed {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, after the time of the check, {now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}")
            : packet.Lifetime > 0 && now >= at.AddSeconds(packet.Lifetime) ? Result(OpenPgpVerdict.SignatureExpired, "signature expired")
            : Result(OpenPgpVerdict.Good, $"good signature by key {key.Sha256} of {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");
    }

    /// <summary>
    /// Whether nothing in a signature can be changed without the change being noticed:
    /// one packet in the shortest old form, as this program and gpg write it, and
    /// unsigned nothing but the issuer that the signed part names.
    /// </summary>
    public static bool IsRigid(ReadOnlySpan<byte> signature)
    {
        var reader = new PgpReader(signature);
        reader.Packet(out _, out var body);
        if (SignaturePacket.Parse(body, out _) is not { IssuerFingerprint: { } fingerprint } packet)
        {
            return false;
        }

        var unhashed = new ArrayBufferWriter<byte>();
        unhashed.Subpacket(SubpacketType.Issuer, fingerprint.AsSpan()[^8..]);
        var again = new ArrayBufferWriter<byte>();
        again.Packet(PacketTag.Signature, body);
        return packet.Unhashed.SequenceEqual(unhashed.WrittenSpan) && signature.SequenceEqual(again.WrittenSpan);
    }
}
