using TdxRelease.Signing;

namespace TdxRelease.Tests.Signing;

/// <summary>A signer that has this certificate and gives this armored signature to everything; nothing else is asked of it.</summary>
internal sealed record FixedSigner(byte[] Certificate, string Armored = "") : IOpenPgpSigner
{
    public string Fingerprint => throw new NotSupportedException();

    public byte[] SignDetached(ReadOnlySpan<byte> content, DateTimeOffset time) => throw new NotSupportedException();

    public string SignDetachedArmored(ReadOnlySpan<byte> content, DateTimeOffset time) => Armored;

    public string ClearSign(string text, DateTimeOffset time) => throw new NotSupportedException();
}
