using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TdxRelease.Core.Json;

/// <summary>
/// How JSON is written here: UTF-8 with no escapes that are not needed, LF,
/// one line feed at the end of a document. It is never embedded in HTML.
/// </summary>
public static class JsonText
{
    /// <summary>For people to read and git to diff: indented by two blanks.</summary>
    public static JsonWriterOptions Indented { get; } = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a document without white space. Its keys are sorted by whoever writes them.</summary>
    public static void Document(IBufferWriter<byte> output, Action<Utf8JsonWriter> write) => Document(output, Compact, write);

    /// <summary>The bytes of an indented document.</summary>
    public static byte[] Document(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        Document(output, Indented, write);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes a string unless it is null.</summary>
    public static void Optional(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>Writes an array of strings.</summary>
    public static void Strings(this Utf8JsonWriter json, string name, IEnumerable<string> values) =>
        json.Array(name, values, json.WriteStringValue);

    /// <summary>Writes an array of objects, the braces around each included.</summary>
    public static void Objects<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> members) =>
        json.Array(name, items, item =>
    {
        json.WriteStartObject();
        members(item);
        json.WriteEndObject();
    });

    /// <summary>Writes an array.</summary>
    public static void Array<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(item);
        }

        json.WriteEndArray();
    }

    private static void Document(IBufferWriter<byte> output, JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(output, options))
        {
            write(json);
        }

        output.Write("\n"u8);
    }
}
