using System.Text.Json;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Provenance;

namespace TdxRelease.Release.Audit;

/// <summary>What an attestation claims to be, before its signature is checked: only decides which verifier looks at it.</summary>
internal static class AttestationKind
{
    /// <summary>The predicate's URI, or null where it cannot be read; the verifier then says why.</summary>
    public static string? Of(AuditFile file)
    {
        try
        {
            var json = file.Content.Span;
            var envelope = json.StartsWith("{\"dsseEnvelope\":"u8) ? SigstoreBundle.Parse(json, file.Path).Envelope
                : DsseEnvelope.Parse(json, file.Path);
            return (JsonNode.Parse(envelope.Payload.Span) as JsonObject)?["predicateType"] is JsonValue value
                && value.TryGetValue<string>(out var type) ? type : null;
        }
        catch (Exception e) when (e is TdxException or JsonException)
        {
            return null;
        }
    }
}
