namespace TdxRelease.Signing;

/// <summary>Makes OpenPGP v4 RSA signatures (RFC 4880, RFC 9580) that are the same bytes for the same content, time and key.</summary>
public interface IOpenPgpSigner
{
    /// <summary>Fingerprint of the signing key: 40 upper-case hex digits (v4: SHA-1 over the key packet, as the format demands).</summary>
    string Fingerprint { get; }

    /// <summary>
    /// The binary OpenPGP certificate that verifies the signatures, for gpgv's <c>--keyring</c> and apt's <c>Signed-By</c>; of several keys
    /// one after the other.
    /// </summary>
    byte[] Certificate { get; }

    /// <summary>Signs what one key alone signs; this itself, unless it stands for several.</summary>
    IOpenPgpSigner First => this;

    /// <summary>One binary signature packet (type 0x00) over the bytes; of several keys one each.</summary>
    /// <param name="content">What is signed.</param>
    /// <param name="time">
    /// Signature creation time, seconds; earlier than the key it is raised to the key's creation or refused, as the signer was set up.
    /// </param>
    byte[] SignDetached(ReadOnlySpan<byte> content, DateTimeOffset time);

    /// <summary>As <see cref="SignDetached"/>, in ASCII armor with LF line ends.</summary>
    /// <param name="content">What is signed.</param>
    /// <param name="time">As in <see cref="SignDetached"/>.</param>
    string SignDetachedArmored(ReadOnlySpan<byte> content, DateTimeOffset time);

    /// <summary>
    /// The cleartext signature framework (type 0x01), as apt's InRelease. LF line ends; a missing last one is added; CR is refused.
    /// </summary>
    /// <param name="text">What is signed.</param>
    /// <param name="time">As in <see cref="SignDetached"/>.</param>
    string ClearSign(string text, DateTimeOffset time);
}
