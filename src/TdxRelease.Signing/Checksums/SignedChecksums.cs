using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Signing.Checksums;

/// <summary>
/// Signatures over a checksum list. Nothing in them is left unsigned, so that no byte of them can be changed without notice either.
/// </summary>
public static class SignedChecksums
{
    /// <summary>Signs a list with a raw RSA key.</summary>
    /// <exception cref="TdxException">As the signer says.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> list, IRsaSigner signer) => signer.Sign(list, HashAlgorithmName.SHA512);

    /// <summary>Signs a list as OpenPGP, armored: with one key, since of two signatures one could go without notice.</summary>
    /// <exception cref="TdxException">As the signer says; exit 5: it adds parts that its signature does not cover.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> list, IOpenPgpSigner signer, DateTimeOffset time)
    {
        var signature = Encoding.ASCII.GetBytes(signer.First.SignDetachedArmored(list, time));
        return DetachedSignature.IsCovered(signature)
            ? signature
            : throw new TdxException(ExitCode.Refused,
                $"the OpenPGP signature over {ChecksumList.FileName} has unsigned parts besides the issuer",
                "make it with gpg or sq without notations outside the signed part");
    }

    /// <summary>Whether an armored signature over a list holds.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Refusal(ReadOnlySpan<byte> list, ReadOnlySpan<byte> signature, OpenPgpVerifier verifier)
    {
        var result = verifier.VerifyDetached(list, signature);
        return !result.IsGood ? result.Message
            : !DetachedSignature.IsCovered(signature) ? "holds parts that are not signed"
            : null;
    }
}
