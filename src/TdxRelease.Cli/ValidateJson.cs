using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Pipeline;

namespace TdxRelease.Cli;

/// <summary>The JSON of <c>validate</c>: schemas/validate.schema.json.</summary>
internal static class ValidateJson
{
    public static void Write(Utf8JsonWriter json, Validation validation)
    {
        json.WriteStartObject();
        json.WriteString("format", "tdxrel-validate/1");
        json.WriteString("subject", validation.Subject);
        json.WriteBoolean("valid", validation.Valid);
        json.WriteNumber("releases", validation.Mapping?.Releases.Count ?? 0);
        json.Array("findings", validation.Findings, finding => FindingJson.Write(json, finding));
        json.WriteEndObject();
    }
}
