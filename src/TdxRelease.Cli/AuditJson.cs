using System.Text.Json;
using TdxRelease.Release.Audit;

namespace TdxRelease.Cli;

/// <summary>The JSON of <c>audit</c>: schemas/audit.schema.json.</summary>
internal static class AuditJson
{
    public static void Write(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartObject();
        json.WriteString("format", "tdxrel-audit/1");
        json.WriteString("subject", report.Subject);
        json.WriteBoolean("passed", report.Passed);
        json.WriteStartArray("parts");
        foreach (var part in report.Parts)
        {
            WritePart(json, part);
        }

        json.WriteEndArray();
        json.WriteStartArray("answers");
        foreach (var answer in report.Answers)
        {
            json.WriteStartObject();
            json.WriteString("question", answer.Question);
            json.WriteString("answer", answer.Word);
            json.WriteString("reason", answer.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            FindingJson.Write(json, finding);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, AuditedPart part)
    {
        json.WriteStartObject();
        json.WriteString("name", part.Name);
        json.WriteString("kind", part.Kind);
        json.WriteBoolean("passed", part.Passed);
        json.WriteString("bundle", part.Manifest?.Name);
        if (part.Manifest is { } manifest)
        {
            json.WriteNumber("sequence", manifest.Sequence);
        }

        json.WriteNumber("modules", part.Modules);
        json.WriteNumber("uncovered", part.Uncovered);
        json.WriteEndObject();
    }
}
