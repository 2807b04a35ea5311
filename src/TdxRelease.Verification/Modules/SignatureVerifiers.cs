using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Verification.Modules;

/// <summary>The two implementations that decide about a signature. One reads decoded fields, the other raw bytes.</summary>
/// <param name="Platform">The platform's RSA.</param>
/// <param name="BouncyCastle">BouncyCastle's.</param>
internal sealed record SignatureVerifiers(Func<Sigstruct, bool> Platform, Func<ReadOnlyMemory<byte>, bool> BouncyCastle)
{
    /// <summary>The real pair.</summary>
    public static SignatureVerifiers Real { get; } =
        new(SigstructSignature.VerifyPlatform, raw => SigstructSignature.VerifyBouncyCastle(raw.Span));
}
