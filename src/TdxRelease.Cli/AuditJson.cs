using System.Text.Json;
using TdxRelease.Stages.Audit;

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
        json.WriteStartArray("answers");
        foreach (var answer in report.Answers)
        {
            json.WriteStartObject();
            json.WriteString("question", answer.Question);
            json.WriteString("answer", answer.Answer switch { true => "yes", false => "no", null => "unknown" });
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
}
