using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;
using TdxRelease.Signing;

namespace TdxRelease.Release.Provenance;

/// <summary>
/// A Sigstore bundle v0.3 around a DSSE envelope, with a plain public key: no certificate, no transparency log, verified offline.
/// </summary>
/// <param name="Hint">Names the key to the verifier: SHA-256 of the SubjectPublicKeyInfo, hex.</param>
/// <param name="Envelope">The signed statement.</param>
public sealed partial record SigstoreBundle(string Hint, DsseEnvelope Envelope)
{
    /// <summary>Media type of the format.</summary>
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    /// <summary>Wraps an envelope.</summary>
    public static SigstoreBundle Of(DsseEnvelope envelope, RsaPublicKey key) => new(key.Sha256, envelope);

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Write(new JsonObject
    {
        ["mediaType"] = MediaType,
        ["verificationMaterial"] = new JsonObject { ["publicKey"] = new JsonObject { ["hint"] = Hint } },
        ["dsseEnvelope"] = Envelope.ToNode(),
    });

    /// <summary>Reads a bundle in the form written here.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static SigstoreBundle Parse(ReadOnlySpan<byte> json, string name)
    {
        var root = DsseEnvelope.Open(json, name);
        _ = root.Text("mediaType", TypePattern(), $"\"{MediaType}\"");
        var material = root.Object("verificationMaterial");
        var key = material.Object("publicKey");
        var bundle = new SigstoreBundle(key.Text("hint", ManifestReader.Sha256Pattern(), "64 lower-case hex digits"),
            DsseEnvelope.Read(root.Object("dsseEnvelope")));
        key.Done();
        material.Done();
        root.Done();
        return bundle;
    }

    [GeneratedRegex(@"\Aapplication/vnd\.dev\.sigstore\.bundle\.v0\.3\+json\z")]
    private static partial Regex TypePattern();
}
