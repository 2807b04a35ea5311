using System.Buffers.Binary;
using System.Security.Cryptography;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace TdxRelease.Verification.Trust;

/// <summary>RSASSA-PKCS1-v1_5 verification (RFC 8017, section 8.2.2) by two implementations. All numbers are big-endian.</summary>
public static class RsaPkcs1
{
    /// <summary>FIPS 186-5, section 5.1 takes no exponent below 2^16: forgeries against sloppy padding checks live on small ones.</summary>
    private static readonly BigInteger SmallestExponent = BigInteger.ValueOf(65537);

    /// <summary>DER of DigestInfo up to the digest (RFC 8017, section 9.2, note 1).</summary>
    /// <param name="hash">SHA-256, SHA-384 or SHA-512.</param>
    /// <exception cref="ArgumentException">Another hash: a defect of the caller, never of the input.</exception>
    public static ReadOnlySpan<byte> Prefix(HashAlgorithmName hash) => hash.Name switch
    {
        "SHA256" => [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20],
        "SHA384" => [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30],
        "SHA512" => [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40],
        _ => throw new ArgumentException($"no PKCS #1 prefix for \"{hash.Name}\", want SHA256, SHA384 or SHA512", nameof(hash)),
    };

    [ThreadStatic]
    private static (byte[] Modulus, uint Exponent, RSA Rsa)? lastKey;

    /// <summary>The platform's verdict.</summary>
    /// <returns>False for a bad signature or a key that the platform refuses; never throws.</returns>
    public static bool VerifyPlatform(byte[] modulus, uint exponent, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature,
        HashAlgorithmName hash)
    {
        if (exponent < 65537 || (exponent & 1) == 0 || modulus.Length == 0 || (modulus[^1] & 1) == 0 || modulus[0] < 0x80
            || signature.Length != modulus.Length)
        {
            return false;
        }

        try
        {
            return Key(modulus, exponent).VerifyHash(digest, signature, hash, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false; // the platform's refusal of a malformed key is a verdict, not a failure
        }
    }

    // Nearly all modules carry one and the same key, and taking it in costs five times the arithmetic: each thread keeps the last one.
    private static RSA Key(byte[] modulus, uint exponent)
    {
        if (lastKey is { } last && last.Exponent == exponent && last.Modulus.AsSpan().SequenceEqual(modulus))
        {
            return last.Rsa;
        }

        var e = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(e, exponent);
        var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = e.AsSpan().TrimStart((byte)0).ToArray() });
        lastKey?.Rsa.Dispose();
        lastKey = ([.. modulus], exponent, rsa);
        return rsa;
    }

    /// <summary>
    /// BouncyCastle's arithmetic with a comparison of the whole encoded message. Its own RsaDigestSigner also takes a DigestInfo without
    /// the NULL parameter; here only the one encoding of RFC 8017 passes.
    /// </summary>
    /// <returns>False for a bad signature or a malformed key; never throws.</returns>
    public static bool VerifyBouncyCastle(byte[] modulus, BigInteger exponent, ReadOnlySpan<byte> digest, byte[] signature,
        HashAlgorithmName hash)
    {
        var prefix = Prefix(hash);
        if (digest.Length != prefix[^1])
        {
            return false;
        }

        var n = new BigInteger(1, modulus);
        var s = new BigInteger(1, signature);
        var length = modulus.Length;
        if (!n.TestBit(0) || n.BitLength != 8 * length || exponent.CompareTo(SmallestExponent) < 0 || !exponent.TestBit(0)
            || s.CompareTo(n) >= 0
            || signature.Length != length || length < 11 + prefix.Length + digest.Length)
        {
            return false;
        }

        var encoded = new byte[length];
        encoded[1] = 1;
        var info = length - prefix.Length - digest.Length;
        encoded.AsSpan(2, info - 3).Fill(0xFF);
        prefix.CopyTo(encoded.AsSpan(info));
        digest.CopyTo(encoded.AsSpan(info + prefix.Length));

        var opened = s.ModPow(exponent, n).ToByteArrayUnsigned();
        return CryptographicOperations.FixedTimeEquals(encoded.AsSpan(length - opened.Length), opened)
            && !encoded.AsSpan(0, length - opened.Length).ContainsAnyExcept((byte)0);
    }
}
