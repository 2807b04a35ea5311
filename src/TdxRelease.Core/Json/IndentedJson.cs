using System.Text.Encodings.Web;
using System.Text.Json;

namespace TdxRelease.Core.Json;

/// <summary>How our own JSON files are written: for people to read and git to diff.</summary>
public static class IndentedJson
{
    /// <summary>Indented by two blanks, LF, UTF-8 unescaped.</summary>
    public static JsonWriterOptions Options { get; } = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // never embedded in HTML
    };

    /// <summary>Writes a string unless it is null.</summary>
    public static void Optional(Utf8JsonWriter json, string key, string? value)
    {
        if (value is not null)
        {
            json.WriteString(key, value);
        }
    }
}
