using System.Text.Json;
using TdxRelease.Core.Json;
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
        json.Array("parts", report.Parts, part => WritePart(json, part));
        json.Objects("answers", report.Answers, answer =>
        {
            json.WriteString("question", answer.Question);
            json.WriteString("answer", answer.Word);
            json.WriteString("reason", answer.Reason);
        });
        json.Array("findings", report.Findings, finding => FindingJson.Write(json, finding));
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
