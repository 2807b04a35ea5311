using System.Security.Cryptography;
using TdxRelease.Signing;

namespace TdxRelease.Packages.Rpm;

/// <summary>
/// Puts lead, signature header, main header and payload together. The header is hashed and signed; it carries the payload's digest,
/// so one header-only signature covers everything, and the MD5 and SHA-1 of older packages are not needed (rpm 4.14 and later).
/// </summary>
internal static class RpmAssembler
{
    /// <summary>SHA-256 as OpenPGP numbers hash algorithms (RFC 9580, 9.5).</summary>
    public const int Sha256Id = 8;

    public static void Write(Stream output, string nevr, bool source, RpmHeaderBuilder header, RpmPayload payload, IOpenPgpSigner? signer,
        DateTimeOffset time)
    {
        payload.Describe(header);
        var main = header.Build();
        var signature = Signature(main, signer?.SignDetached(main, time), payload.Compressed.Length, payload.UncompressedLength);
        output.Write(RpmLead.Write(nevr, source));
        output.Write(signature);
        output.Write(stackalloc byte[RpmHeader.Padding(signature.Length, 8)]);
        output.Write(main);
        output.Write(payload.Compressed);
    }

    /// <summary>The signature header.</summary>
    /// <param name="main">The main header.</param>
    /// <param name="openPgp">The signature over it, or null.</param>
    /// <param name="compressed">Bytes of the payload.</param>
    /// <param name="uncompressed">Bytes of the payload when decompressed.</param>
    public static byte[] Signature(ReadOnlySpan<byte> main, ReadOnlySpan<byte> openPgp, long compressed, long uncompressed)
    {
        var header = new RpmHeaderBuilder(RpmTag.HeaderSignatures);
        if (openPgp.Length > 0)
        {
            header.Bytes(RpmTag.RsaHeader, openPgp);
        }

        header.Text(RpmTag.Sha256Header, Convert.ToHexStringLower(SHA256.HashData(main)));
        header.Int32(RpmSignatureTag.Size, main.Length + compressed);
        header.Int32(RpmSignatureTag.PayloadSize, uncompressed);
        return header.Build();
    }
}
