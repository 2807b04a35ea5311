namespace TdxRelease.Signing.OpenPgp;

/// <summary>Checks detached OpenPGP signatures of one signer at one time.</summary>
public interface IDetachedVerifier
{
    /// <summary>Checks a detached signature. Wrong input is a verdict, never an exception.</summary>
    /// <param name="content">What is said to be signed.</param>
    /// <param name="signature">The signature.</param>
    OpenPgpResult VerifyDetached(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature);
}
