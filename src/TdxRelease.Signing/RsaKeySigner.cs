using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing;

/// <summary>A private key held in this process, behind the platform's RSA. Disposing it drops the key.</summary>
public sealed class RsaKeySigner : IRsaSigner, IDisposable
{
    private readonly RSA rsa;
    private readonly Lock gate = new();

    /// <summary>Takes over the key, which is disposed with the signer.</summary>
    /// <param name="rsa">A private key.</param>
    /// <param name="minimumBits">Shorter keys are refused.</param>
    /// <param name="name">How messages call the key.</param>
    /// <exception cref="TdxException">Exit 5: the key is too short; exit 3: it cannot be used.</exception>
    public RsaKeySigner(RSA rsa, int minimumBits = RsaPublicKey.DefaultMinimumBits, string name = "signing key")
    {
        this.rsa = rsa;
        try
        {
            PublicKey = RsaPublicKey.Of(rsa);
            PublicKey.RequireBits(minimumBits, name);
        }
        catch (TdxException)
        {
            rsa.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public RsaPublicKey PublicKey { get; }

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> data, HashAlgorithmName hash)
    {
        byte[] signature;
        lock (gate)
        {
            signature = rsa.SignData(data, hash, RSASignaturePadding.Pkcs1);
        }

        // A fault in the CRT arithmetic would give the factors away with the signature: never let a wrong one out.
        return PublicKey.Verify(data, signature, hash)
            ? signature
            : throw new TdxException(ExitCode.InternalError, "the RSA signature just made does not verify",
                "suspect this machine's memory or processor");
    }

    /// <inheritdoc/>
    public void Dispose() => rsa.Dispose();

    /// <summary>The private numbers, for writing key files; the caller wipes them.</summary>
    internal RSAParameters ExportPrivate()
    {
        lock (gate)
        {
            return rsa.ExportParameters(includePrivateParameters: true);
        }
    }
}
