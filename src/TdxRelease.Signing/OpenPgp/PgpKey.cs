using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>A v4 RSA public-key packet: the numbers and the creation time, which together make the fingerprint.</summary>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Rsa">The public key.</param>
internal sealed record PgpKey(uint Created, RsaPublicKey Rsa)
{
    private byte[]? fingerprint;

    public ReadOnlySpan<byte> Fingerprint => fingerprint ??= ComputeFingerprint();

    public string FingerprintHex => Convert.ToHexString(Fingerprint);

    /// <summary>The last eight bytes of the fingerprint.</summary>
    public ReadOnlySpan<byte> KeyId => Fingerprint[12..];

    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeSeconds(Created);

    /// <summary>The packet's body (RFC 9580 section 5.5.2.2).</summary>
    public byte[] Body()
    {
        var body = new ArrayBufferWriter<byte>();
        WriteBody(body);
        return body.WrittenSpan.ToArray();
    }

    public void WriteBody(IBufferWriter<byte> to)
    {
        to.Byte(4);
        to.UInt32(Created);
        to.Byte(PgpFormat.Rsa);
        to.Mpi(Rsa.Modulus.Span);
        Span<byte> exponent = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(exponent, Rsa.Exponent);
        to.Mpi(exponent);
    }

    /// <summary>The form in which a key is hashed into fingerprints and certifications: 0x99, two bytes of length, body.</summary>
    public void WriteHashed(IBufferWriter<byte> to)
    {
        var body = Body();
        to.Byte(0x99);
        to.UInt16(body.Length);
        to.Write(body);
    }

    private byte[] ComputeFingerprint()
    {
        var hashed = new ArrayBufferWriter<byte>();
        WriteHashed(hashed);
        // SHA-1 is what a v4 fingerprint is; it names the key here, trust comes from the certificate given by the user.
        return SHA1.HashData(hashed.WrittenSpan);
    }
}
