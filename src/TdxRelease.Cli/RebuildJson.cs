using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Release.Rebuild;

namespace TdxRelease.Cli;

/// <summary>The JSON of <c>rebuild</c>: schemas/rebuild.schema.json.</summary>
internal static class RebuildJson
{
    public static void Write(Utf8JsonWriter json, RebuildResult result)
    {
        json.WriteStartObject();
        json.WriteString("format", "tdxrel-rebuild/1");
        json.WriteString("name", result.Parameters.Name);
        json.WriteBoolean("reproduced", result.Reproduced);
        json.WriteBoolean("signatures", result.Signatures);
        json.Strings("same", result.Same);
        json.Objects("differences", result.Differences, difference =>
        {
            json.WriteString("path", difference.Path);
            json.WriteString("reason", difference.Reason);
        });
        json.WriteEndObject();
    }
}
