using System.Security.Cryptography;
using TdxRelease.Bundles.Signing;

namespace TdxRelease.Bundles.Packages.Rpm;

/// <summary>
/// Puts lead, signature header, main header and payload together. The header is hashed and signed; it carries the payload's digest,
/// so one header-only signature covers everything, and the MD5 and SHA-1 of older packages are not needed (rpm 4.14 and later).
/// </summary>
internal static class RpmAssembler
{
    /// <summary>SHA-256 as OpenPGP numbers hash algorithms (RFC 9580, 9.5).</summary>
    public const int Sha256Id = 8;

    public static void Write(Stream output, string nevr, bool source, RpmHeaderBuilder header, RpmPayload payload, IOpenPgpSigner? signer, DateTimeOffset time)
    {
        payload.Describe(header);
        var main = header.Build();
        var signature = Signature(main, payload, signer, time);
        output.Write(RpmLead.Write(nevr, source));
        output.Write(signature);
        output.Write(stackalloc byte[RpmHeader.Padding(signature.Length, 8)]);
        output.Write(main);
        output.Write(payload.Compressed);
    }

    private static byte[] Signature(byte[] main, RpmPayload payload, IOpenPgpSigner? signer, DateTimeOffset time)
    {
        var header = new RpmHeaderBuilder(RpmTag.HeaderSignatures);
        if (signer is not null)
        {
            header.Bytes(RpmTag.RsaHeader, signer.SignDetached(main, time));
        }

        header.Text(RpmTag.Sha256Header, Convert.ToHexStringLower(SHA256.HashData(main)));
        header.Int32(RpmSignatureTag.Size, (long)main.Length + payload.Compressed.Length);
        header.Int32(RpmSignatureTag.PayloadSize, payload.UncompressedLength);
        return header.Build();
    }
}
