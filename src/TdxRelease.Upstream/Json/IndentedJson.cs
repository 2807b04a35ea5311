using System.Text.Encodings.Web;
using System.Text.Json;

namespace TdxRelease.Upstream.Json;

/// <summary>How our own JSON files are written: for people to read and git to diff.</summary>
internal static class IndentedJson
{
    public static JsonWriterOptions Options { get; } = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // never embedded in HTML
    };

    public static void Optional(Utf8JsonWriter json, string key, string? value)
    {
        if (value is not null)
        {
            json.WriteString(key, value);
        }
    }
}
