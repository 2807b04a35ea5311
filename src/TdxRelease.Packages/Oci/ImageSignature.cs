using System.Text;

namespace TdxRelease.Packages.Oci;

/// <summary>
/// The signature of a manifest as cosign keeps it beside an image: another image, under the tag <c>sha256-HEX.sig</c>, whose layer is the
/// signed payload and has the signature as an annotation (sigstore/cosign, specs/SIGNATURE_SPEC.md).
/// </summary>
/// <param name="Payload">What is signed: names the manifest by its digest.</param>
/// <param name="Signature">RSA PKCS#1 v1.5 with SHA-256, which is all that cosign takes of an RSA key.</param>
public sealed record ImageSignature(ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Signature)
{
    /// <summary>
    /// The name that the payload gives the image. Registries are not known when a release is made; whoever asks for a name asks for this
    /// one.
    /// </summary>
    public const string Reference = "tdx-module";

    /// <summary>The tag beside the image.</summary>
    /// <param name="digest">Digest of the image's manifest, <c>sha256:…</c>.</param>
    public static string TagOf(string digest) => $"{digest.Replace(':', '-')}.sig";

    /// <summary>What is signed.</summary>
    /// <param name="digest">Digest of the image's manifest, <c>sha256:…</c>.</param>
    public static byte[] PayloadOf(string digest) => Encoding.ASCII.GetBytes(
        $$$"""{"critical":{"identity":{"docker-reference":"{{{Reference}}}"},"image":{"docker-manifest-digest":"{{{digest}}}"},"""
        + "\"type\":\"cosign container image signature\"},\"optional\":null}");
}
