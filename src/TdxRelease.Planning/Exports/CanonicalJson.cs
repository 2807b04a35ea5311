using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TdxRelease.Planning.Exports;

/// <summary>Canonical JSON: keys sorted (by whoever writes them), no white space, no escapes that are not needed, one line feed at the end of a document.</summary>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Document(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            write(json);
        }

        output.Write("\n"u8);
    }

    public static void Strings(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
