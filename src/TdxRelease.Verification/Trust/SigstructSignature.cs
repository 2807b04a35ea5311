using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;
using TdxRelease.Verification.Sigstructs;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace TdxRelease.Verification.Trust;

/// <summary>
/// RSA PKCS#1 v1.5 with SHA-384 over a sigstruct, decided by two implementations that share neither code nor byte handling.
/// Both check the key that the sigstruct itself carries: who signed is a question for the <see cref="TrustPolicy"/>.
/// </summary>
public static class SigstructSignature
{
    /// <summary>The platform's verdict (OpenSSL behind .NET).</summary>
    /// <returns>False for a bad signature or a key that the platform refuses; never throws.</returns>
    public static bool VerifyPlatform(Sigstruct sigstruct)
    {
        var layout = sigstruct.Layout;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        hash.AppendData(sigstruct.SignedHeader);
        hash.AppendData(sigstruct.SignedBody);
        Span<byte> digest = stackalloc byte[SHA384.HashSizeInBytes];
        hash.GetHashAndReset(digest);

        var modulus = sigstruct.Modulus.ToArray();
        modulus.AsSpan().Reverse();
        Span<byte> signature = stackalloc byte[layout.KeyLength];
        sigstruct.Signature.CopyTo(signature);
        signature.Reverse();
        return RsaPkcs1.VerifyPlatform(modulus, sigstruct.Exponent, digest, signature, HashAlgorithmName.SHA384);
    }

    /// <summary>BouncyCastle's verdict, from offsets into the raw bytes instead of the decoded fields.</summary>
    /// <returns>False for a bad signature or a malformed key; never throws.</returns>
    public static bool VerifyBouncyCastle(ReadOnlySpan<byte> raw)
    {
        // Intel's two numbers, written out again on purpose: an error in SigstructLayout must not blind both verifiers.
        var key = raw.Length switch { 2048 => 384, 2304 => 512, _ => 0 };
        if (key == 0)
        {
            return false;
        }

        var digest = new Sha384Digest();
        var signed = new byte[128 + 1148];
        raw[..128].CopyTo(signed);
        raw[^1148..].CopyTo(signed.AsSpan(128));
        digest.BlockUpdate(signed, 0, signed.Length);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);

        var exponent = new BigInteger(1, Reversed(raw.Slice(128 + key, 4)));
        return RsaPkcs1.VerifyBouncyCastle(Reversed(raw.Slice(128, key)), exponent, hash, Reversed(raw.Slice(132 + key, key)),
            HashAlgorithmName.SHA384);
    }

    private static byte[] Reversed(ReadOnlySpan<byte> littleEndian)
    {
        var bigEndian = new byte[littleEndian.Length];
        for (var i = 0; i < bigEndian.Length; i++)
        {
            bigEndian[i] = littleEndian[littleEndian.Length - 1 - i];
        }

        return bigEndian;
    }
}
