using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;
using TdxRelease.Signing;

namespace TdxRelease.Release.Provenance;

/// <summary>A DSSE envelope (v1.0.2 of its specification) with one RSA PKCS#1 v1.5 signature with SHA-256 and an empty key id.</summary>
/// <remarks>SHA-256 because Sigstore's verifiers take no other hash with RSA; no key id because a popular Go verifier skips signatures
/// whose id it does not expect (both tried).</remarks>
/// <param name="PayloadType">Media type of the payload.</param>
/// <param name="Payload">What is signed.</param>
/// <param name="Signature">Over <see cref="PreAuthEncoding"/>.</param>
public sealed partial record DsseEnvelope(string PayloadType, ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Signature)
{
    /// <summary>The largest payload taken, in bytes.</summary>
    public const int MaxPayload = 16 << 20;

    /// <summary>Signs a payload.</summary>
    public static DsseEnvelope Sign(IRsaSigner signer, string payloadType, ReadOnlyMemory<byte> payload) =>
        new(payloadType, payload, signer.Sign(PreAuthEncoding(payloadType, payload.Span), HashAlgorithmName.SHA256));

    /// <summary>Signs a statement.</summary>
    public static DsseEnvelope Sign(IRsaSigner signer, Statement statement) => Sign(signer, Statement.PayloadType, statement.ToJson());

    /// <summary>The bytes that are signed: <c>DSSEv1 SP length(type) SP type SP length(payload) SP payload</c>.</summary>
    public static byte[] PreAuthEncoding(string payloadType, ReadOnlySpan<byte> payload) =>
        [.. Encoding.UTF8.GetBytes($"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} "), .. payload];

    /// <summary>Whether the signature is this key's.</summary>
    public bool IsBy(RsaPublicKey key) => key.Verify(PreAuthEncoding(PayloadType, Payload.Span), Signature.Span, HashAlgorithmName.SHA256);

    /// <summary>Canonical JSON of the envelope.</summary>
    public byte[] ToJson() => CanonicalJson.Write(ToNode());

    /// <summary>Reads an envelope in the form written here.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static DsseEnvelope Parse(ReadOnlySpan<byte> json, string name) => Read(Open(json, name));

    /// <summary>The JSON of an envelope, or of a bundle around one.</summary>
    internal static StrictObject Open(ReadOnlySpan<byte> json, string name) => json.Length <= MaxPayload * 2L
        ? StrictObject.Of(CanonicalJson.ReadCanonical(json, name), name)
        : throw new TdxException(ExitCode.BadInput, $"{name}: {json.Length} bytes, the limit is {MaxPayload * 2L}");

    internal JsonObject ToNode() => new()
    {
        ["payloadType"] = PayloadType,
        ["payload"] = Convert.ToBase64String(Payload.Span),
        ["signatures"] = new JsonArray(new JsonObject { ["keyid"] = "", ["sig"] = Convert.ToBase64String(Signature.Span) }),
    };

    internal static DsseEnvelope Read(StrictObject json)
    {
        var signatures = json.Objects("signatures");
        if (signatures.Count != 1)
        {
            throw json.Bad("signatures", "exactly one signature");
        }

        _ = signatures[0].Text("keyid", EmptyPattern(), "an empty key id");
        var envelope = new DsseEnvelope(json.Text("payloadType", ManifestReader.LinePattern(), "a media type"), Base64(json, "payload"),
            Base64(signatures[0], "sig"));
        signatures[0].Done();
        json.Done();
        return envelope;
    }

    [GeneratedRegex(@"\A\z")]
    private static partial Regex EmptyPattern();

    private static byte[] Base64(StrictObject json, string key)
    {
        if (json.Node(key) is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0)
        {
            var bytes = new byte[text.Length / 4 * 3];
            // One text for one content: other spellings of the same bytes are refused.
            if (Convert.TryFromBase64String(text, bytes, out var length) && Convert.ToBase64String(bytes, 0, length) == text)
            {
                return bytes[..length];
            }
        }

        throw json.Bad(key, "standard base64");
    }
}
