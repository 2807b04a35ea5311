using System.Text.Json;
using TdxRelease.Release.Composition;

namespace TdxRelease.Cli;

/// <summary>The JSON of <c>bundle</c>: schemas/bundle-result.schema.json.</summary>
internal static class BundleJson
{
    public static void Write(Utf8JsonWriter json, Bundle bundle, string folder)
    {
        json.WriteStartObject();
        json.WriteString("format", "tdxrel-bundle-result/1");
        json.WriteString("folder", folder);
        json.WriteString("name", bundle.Name);
        json.WriteString("version", bundle.Version);
        json.WriteString("packageVersion", bundle.Package.ToString());
        json.WriteBoolean("unsigned", bundle.Manifest.Unsigned);
        json.WriteNumber("modules", bundle.Manifest.Modules.Count);
        json.WriteStartArray("files");
        foreach (var file in bundle.Files)
        {
            json.WriteStringValue(file.Path);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
