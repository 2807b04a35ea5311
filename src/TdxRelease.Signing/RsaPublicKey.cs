using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing;

/// <summary>An RSA public key: what a verifier needs, and all it needs.</summary>
public sealed class RsaPublicKey
{
    /// <summary>
    /// The smallest key that this project signs with, in bits (facts/5: RSA-2048 ends in 2030; releases are verified for longer).
    /// </summary>
    public const int DefaultMinimumBits = 4096;

    /// <summary>The largest modulus taken, in bits: a bound on the work that hostile input can ask for.</summary>
    public const int MaximumBits = 16384;

    private readonly byte[] spki;

    private RsaPublicKey(byte[] spki, byte[] modulus, uint exponent)
    {
        this.spki = spki;
        Modulus = modulus;
        Exponent = exponent;
        Bits = (modulus.Length * 8) - byte.LeadingZeroCount(modulus[0]);
    }

    /// <summary>Length of the modulus in bits.</summary>
    public int Bits { get; }

    /// <summary>The modulus, big-endian, without leading zeros.</summary>
    public ReadOnlyMemory<byte> Modulus { get; }

    /// <summary>The public exponent: odd, 65537 or larger.</summary>
    public uint Exponent { get; }

    /// <summary>SHA-256 of the DER, lower-case hex: how messages and reports name the key.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(spki));

    /// <summary>Takes a modulus and an exponent.</summary>
    /// <param name="modulus">Big-endian; leading zeros are dropped.</param>
    /// <param name="exponent">Big-endian.</param>
    /// <exception cref="TdxException">Exit 3: not an RSA key that can be used.</exception>
    public static RsaPublicKey FromParameters(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        modulus = modulus.TrimStart((byte)0);
        exponent = exponent.TrimStart((byte)0);
        if (modulus.Length is < 128 or > MaximumBits / 8 || (modulus[^1] & 1) == 0)
        {
            throw new TdxException(ExitCode.BadInput,
                $"RSA modulus of {modulus.Length * 8} bits cannot be used: want an odd number of 1024 to {MaximumBits} bits");
        }

        Span<byte> wide = stackalloc byte[4];
        if (exponent.Length <= 4)
        {
            exponent.CopyTo(wide[(4 - exponent.Length)..]);
        }

        var e = BinaryPrimitives.ReadUInt32BigEndian(wide);
        if (e < 65537 || (e & 1) == 0)
        {
            var given = exponent.Length > 4 ? $"of {exponent.Length} bytes" : $"{e}";
            throw new TdxException(ExitCode.BadInput,
                $"RSA public exponent {given} cannot be used: want an odd number from 65537 to 4294967295");
        }

        using var rsa = RSA.Create(new RSAParameters { Modulus = modulus.ToArray(), Exponent = exponent.ToArray() });
        return new RsaPublicKey(rsa.ExportSubjectPublicKeyInfo(), modulus.ToArray(), e);
    }

    /// <summary>The public half of a key.</summary>
    internal static RsaPublicKey Of(RSA rsa)
    {
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return FromParameters(parameters.Modulus, parameters.Exponent);
    }

    /// <summary>Reads a DER SubjectPublicKeyInfo; trailing bytes are refused.</summary>
    /// <param name="der">The bytes.</param>
    /// <param name="name">How messages call the key.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static RsaPublicKey FromSpki(ReadOnlySpan<byte> der, string name = "public key")
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(der, out var read);
            if (read != der.Length)
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: {der.Length - read} bytes follow the public key");
            }
        }
        catch (CryptographicException e)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: not an RSA public key in SubjectPublicKeyInfo form", inner: e);
        }

        return Of(rsa);
    }

    /// <summary>Reads a PEM block <c>PUBLIC KEY</c>; text before it is a comment, a second block is refused.</summary>
    /// <param name="pem">The file's bytes.</param>
    /// <param name="name">How messages call the key.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static RsaPublicKey FromPem(ReadOnlySpan<byte> pem, string name = "public key")
    {
        if (!PemEncoding.TryFindUtf8(pem, out var fields) || !pem[fields.Label].SequenceEqual("PUBLIC KEY"u8))
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: no PEM block \"PUBLIC KEY\" in it",
                "openssl pkey -in KEY -pubout writes one");
        }

        if (pem[fields.Location.End..].IndexOf("-----"u8) >= 0)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: more than one PEM block");
        }

        var der = new byte[fields.DecodedDataLength];
        return Convert.TryFromBase64String(Encoding.ASCII.GetString(pem[fields.Base64Data]), der, out var length) && length == der.Length
            ? FromSpki(der, name)
            : throw new TdxException(ExitCode.BadInput, $"{name}: broken base64 in the PEM block");
    }

    /// <summary>SubjectPublicKeyInfo in PEM, with a line feed at the end.</summary>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", spki) + "\n";

    /// <summary>
    /// Whether the signature is this key's over the data (PKCS#1 v1.5). A signature of any other length than the modulus is wrong.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash) =>
        VerifyHash(CryptographicOperations.HashData(hash, data), signature, hash);

    /// <summary>As <see cref="Verify"/>, of data whose hash is known.</summary>
    public bool VerifyHash(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        if (signature.Length != Modulus.Length)
        {
            return false;
        }

        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(spki, out _);
        return rsa.VerifyHash(digest, signature, hash, RSASignaturePadding.Pkcs1);
    }

    /// <summary>Whether both are the same key.</summary>
    public bool SameKey(RsaPublicKey other) => spki.AsSpan().SequenceEqual(other.spki);

    /// <summary>Refuses a key under the limit.</summary>
    /// <param name="minimumBits">The policy's limit.</param>
    /// <param name="name">How messages call the key.</param>
    /// <exception cref="TdxException">Exit 5.</exception>
    public void RequireBits(int minimumBits, string name)
    {
        if (Bits < minimumBits)
        {
            throw new TdxException(ExitCode.Refused, $"{name}: RSA key of {Bits} bits, want {minimumBits} or more",
                "tdxrel keys create makes a key that is long enough");
        }
    }
}
