using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.External;

/// <summary>What the external program gets on its standard input.</summary>
public enum SigningInput
{
    /// <summary>The bytes to sign; the program hashes them.</summary>
    Payload,

    /// <summary>The hash alone, as <c>openssl pkeyutl -sign -pkeyopt digest:sha512</c> and most KMS clients take it.</summary>
    Digest,

    /// <summary>The DER DigestInfo of PKCS#1, as PKCS#11's mechanism CKM_RSA_PKCS takes it.</summary>
    DigestInfo,
}

/// <summary>An RSA key behind an external program: HSM, KMS, smart card. It prints the raw signature, big-endian.</summary>
/// <param name="program">The program. <c>{hash}</c> in its arguments becomes <c>sha256</c>, <c>sha384</c> or <c>sha512</c>.</param>
/// <param name="input">What the program gets.</param>
/// <param name="publicKey">The key's public half, which every signature is checked against before it is used.</param>
/// <param name="minimumBits">Shorter keys are refused.</param>
public sealed class ExternalRsaSigner(SigningProgram program, SigningInput input, RsaPublicKey publicKey,
    int minimumBits = RsaPublicKey.DefaultMinimumBits) : IRsaSigner
{
    /// <inheritdoc/>
    public RsaPublicKey PublicKey { get; } = Checked(publicKey, minimumBits, program.Name);

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> data, HashAlgorithmName hash)
    {
        var digest = CryptographicOperations.HashData(hash, data);
        var given = input switch
        {
            SigningInput.Payload => data.ToArray(),
            SigningInput.Digest => digest,
            _ => [.. Prefix(hash), .. digest],
        };
        var signature = program.Run(given, ("{hash}", hash.Name!.ToLowerInvariant()));
        return PublicKey.Verify(data, signature, hash)
            ? signature
            : throw new TdxException(ExitCode.VerificationFailed,
                $"the signing program \"{program.Name}\" returned {signature.Length} bytes "
                + $"that are not a {hash.Name} signature by key {PublicKey.Sha256}",
                "check that it signs with this key, PKCS#1 v1.5, and prints the raw signature");
    }

    private static RsaPublicKey Checked(RsaPublicKey key, int minimumBits, string name)
    {
        key.RequireBits(minimumBits, $"key of the signing program \"{name}\"");
        return key;
    }

    /// <summary>RFC 8017 section 9.2, note 1.</summary>
    private static byte[] Prefix(HashAlgorithmName hash)
    {
        var (id, length) = hash.Name switch
        {
            "SHA256" => (1, 32),
            "SHA384" => (2, 48),
            "SHA512" => (3, 64),
            _ => throw new TdxException(ExitCode.InternalError, $"no DigestInfo for {hash.Name}"),
        };
        return [0x30, (byte)(17 + length), 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, (byte)id, 0x05, 0x00,
            0x04, (byte)length];
    }
}
