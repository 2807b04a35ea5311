using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Json;

/// <summary>
/// One text for one value: keys sorted by their bytes, no white space, whole
/// numbers, a line feed at the end; the bytes that <c>jq -cS .</c> prints.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The largest whole number that every JSON reader keeps exactly: 2^53 - 1.</summary>
    public const long MaxInteger = (1L << 53) - 1;

    private const int MaxDepth = 32;

    // Quote, backslash, and the control characters up to delete: what jq writes as an escape.
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\\x7F\0\x01\x02\x03\x04\x05\x06\a\b\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x1E\x1F");

    /// <summary>Writes a value.</summary>
    /// <exception cref="TdxException">Exit 1: a fraction, an exponent, a number beyond 2^53 - 1, unpaired surrogates.</exception>
    public static byte[] Write(JsonNode value)
    {
        var text = new ArrayBufferWriter<byte>();
        Write(text, value, 0);
        text.Write("\n"u8);
        return text.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads one value strictly: UTF-8 without mark, no comments, no trailing commas, no duplicate keys, nothing after it.
    /// </summary>
    /// <param name="json">The bytes.</param>
    /// <param name="name">How messages call the input.</param>
    /// <exception cref="TdxException">Exit 3, with line and column.</exception>
    public static JsonNode Read(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            var value = PositionedJson.Parse(json, maxDepth: MaxDepth);
            return value.Duplicate() is { } twice
                ? throw new TdxException(ExitCode.BadInput,
                    $"{new TextLines(json, name).At(twice.Offset)}: key \"{twice.Name}\" appears twice")
                : Node(value) ?? throw new TdxException(ExitCode.BadInput, $"{name}: is null");
        }
        catch (JsonException e)
        {
            throw e.InnerException is InvalidOperationException
                ? new TdxException(ExitCode.BadInput, $"{name}: text that is not valid Unicode", inner: e)
                : new TdxException(ExitCode.BadInput,
                    $"{PositionedJson.Where(e, name)}: not JSON as it is wanted here: {PositionedJson.Reason(e)}", inner: e);
        }
    }

    /// <summary>Reads a value that must be in canonical form: whatever is accepted writes back to the same bytes.</summary>
    /// <exception cref="TdxException">Exit 3: not JSON, or not canonical (the first differing byte is named).</exception>
    public static JsonNode ReadCanonical(ReadOnlySpan<byte> json, string name)
    {
        var value = Read(json, name);
        byte[] again;
        try
        {
            again = Write(value);
        }
        catch (TdxException e)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: {e.Message}", inner: e);
        }

        return json.SequenceEqual(again)
            ? value
            : throw new TdxException(ExitCode.BadInput, $"{name}: not canonical JSON from byte {json.CommonPrefixLength(again)} on",
                "jq -cS . prints the canonical form");
    }

    private static JsonNode? Node(LocatedValue value) => value.Kind switch
    {
        JsonKind.Object => new JsonObject(value.Members.Select(m => KeyValuePair.Create(m.Name, Node(m.Value)))),
        JsonKind.Array => new JsonArray([.. value.Items.Select(Node)]),
        JsonKind.String => JsonValue.Create(value.Text),
        JsonKind.Number => JsonNode.Parse(value.Text),
        JsonKind.Boolean => JsonValue.Create(value.Text == "true"),
        _ => null,
    };

    private static void Write(ArrayBufferWriter<byte> to, JsonNode? value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Bad($"nested deeper than {MaxDepth}");
        }

        switch (value)
        {
            case null:
                to.Write("null"u8);
                break;
            case JsonObject members:
                WriteObject(to, members, depth);
                break;
            case JsonArray items:
                to.Write("["u8);
                for (var i = 0; i < items.Count; i++)
                {
                    to.Write(i > 0 ? ","u8 : ""u8);
                    Write(to, items[i], depth + 1);
                }

                to.Write("]"u8);
                break;
            default:
                WriteScalar(to, value.AsValue());
                break;
        }
    }

    private static void WriteObject(ArrayBufferWriter<byte> to, JsonObject members, int depth)
    {
        var sorted = members.Select(m => (m.Key, Bytes: Encoding.UTF8.GetBytes(m.Key), m.Value)).ToArray();
        Array.Sort(sorted, (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
        to.Write("{"u8);
        for (var i = 0; i < sorted.Length; i++)
        {
            to.Write(i > 0 ? ","u8 : ""u8);
            WriteString(to, sorted[i].Key);
            to.Write(":"u8);
            Write(to, sorted[i].Value, depth + 1);
        }

        to.Write("}"u8);
    }

    private static void WriteScalar(ArrayBufferWriter<byte> to, JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.True:
                to.Write("true"u8);
                break;
            case JsonValueKind.False:
                to.Write("false"u8);
                break;
            case JsonValueKind.String:
                WriteString(to, value.GetValue<string>());
                break;
            default:
                var number = value.TryGetValue<long>(out var wide) ? wide
                    : value.TryGetValue<int>(out var narrow) ? narrow
                    : throw Bad($"{value.ToJsonString()} is not a whole number");
                to.Write(Encoding.ASCII.GetBytes(number is >= -MaxInteger and <= MaxInteger ? number.ToString(CultureInfo.InvariantCulture)
                    : throw Bad($"{number} is beyond 2^53 - 1")));
                break;
        }
    }

    private static void WriteString(ArrayBufferWriter<byte> to, ReadOnlySpan<char> text)
    {
        to.Write("\""u8);
        for (var at = text.IndexOfAny(Escaped); at >= 0; at = text.IndexOfAny(Escaped))
        {
            WriteText(to, text[..at]);
            to.Write(Encoding.ASCII.GetBytes(Escape(text[at])));
            text = text[(at + 1)..];
        }

        WriteText(to, text);
        to.Write("\""u8);
    }

    private static void WriteText(ArrayBufferWriter<byte> to, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        // A UTF-16 unit takes three bytes of UTF-8 at most.
        if (Utf8.FromUtf16(text, to.GetSpan(3 * text.Length), out _, out var written,
            replaceInvalidSequences: false) != OperationStatus.Done)
        {
            throw Bad("a text contains half a surrogate pair");
        }

        to.Advance(written);
    }

    private static string Escape(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)c:x4}",
    };

    private static TdxException Bad(string what) => new(ExitCode.InternalError, $"canonical JSON: {what}");
}
