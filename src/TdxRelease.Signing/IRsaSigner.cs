using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing;

/// <summary>
/// An RSA private key that signs with PKCS#1 v1.5, wherever it is held: deterministic, so that signed output can be reproduced.
/// </summary>
public interface IRsaSigner
{
    /// <summary>The public half.</summary>
    RsaPublicKey PublicKey { get; }

    /// <summary>Signs the data.</summary>
    /// <param name="data">What is signed; the signer hashes it.</param>
    /// <param name="hash">SHA-256, SHA-384 or SHA-512.</param>
    /// <returns>The signature, big-endian, as long as the modulus; already verified against <see cref="PublicKey"/>.</returns>
    /// <exception cref="TdxException">Exit 6: the external program failed; exit 4: what it returned does not verify.</exception>
    byte[] Sign(ReadOnlySpan<byte> data, HashAlgorithmName hash);
}
