using System.Globalization;
using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Json;

/// <summary>
/// A JSON document whose every value knows its line and column, for our own files (lock, snapshot record), which are refused unless perfect:
/// duplicate keys, comments, trailing commas and anything unknown are errors of exit 3 that name the place.
/// </summary>
public sealed class PlacedJson
{
    private const int MaxDepth = 16;

    private readonly Dictionary<string, PlacedJson> members = new(StringComparer.Ordinal);
    private readonly List<PlacedJson> items = [];

    private PlacedJson(JsonTokenType kind, string text, Place place) => (Kind, Text, Place) = (kind, text, place);

    /// <summary>StartObject, StartArray, String, Number, True, False or Null.</summary>
    public JsonTokenType Kind { get; }

    /// <summary>Where the value begins.</summary>
    public Place Place { get; }

    private string Text { get; }

    /// <summary>Parses one document.</summary>
    /// <param name="utf8">The bytes; a byte order mark is refused.</param>
    /// <param name="file">How places call it.</param>
    public static PlacedJson Parse(ReadOnlySpan<byte> utf8, string file)
    {
        var lines = new Lines(utf8, file);
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var value = Value(ref reader, ref lines);
            return reader.Read() ? throw Error(lines.At(reader.TokenStartIndex), "more data after the document") : value;
        }
        catch (JsonException e)
        {
            var place = new Place(file, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            throw Error(place, "is not valid JSON");
        }
        catch (InvalidOperationException)
        {
            throw Error(lines.At(reader.TokenStartIndex), "text is not valid UTF-8 or UTF-16");
        }
    }

    /// <summary>The members, every one of which must be among the known keys.</summary>
    public PlacedJson Object(params ReadOnlySpan<string> known)
    {
        Expect(JsonTokenType.StartObject, "an object");
        foreach (var (key, value) in members)
        {
            if (!known.Contains(key))
            {
                throw value.Error($"unknown key \"{key}\"");
            }
        }

        return this;
    }

    /// <summary>A member that must be there.</summary>
    public PlacedJson Member(string key) => members.TryGetValue(key, out var value) ? value : throw Error($"key \"{key}\" is missing");

    /// <summary>A member that may be absent; an explicit null is a value, and none that fits.</summary>
    public PlacedJson? Optional(string key) => members.GetValueOrDefault(key);

    /// <summary>The items of an array; anything else is exit 3.</summary>
    public IReadOnlyList<PlacedJson> Items => Expect(JsonTokenType.StartArray, "an array").items;

    /// <summary>The text of a string; anything else is exit 3.</summary>
    public string String() => Expect(JsonTokenType.String, "a string").Text;

    /// <summary>A string that a predicate accepts.</summary>
    public string String(Func<string, bool> accepts, string want) => String() is var text && accepts(text) ? text : throw Error($"got \"{text}\", want {want}");

    /// <summary>A whole number of the given range.</summary>
    public long Integer(long from, long to)
    {
        Expect(JsonTokenType.Number, "a number");
        return long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to
            ? value
            : throw Error($"got {Text}, want a whole number from {from} to {to}");
    }

    /// <summary>An error of exit 3 at this value.</summary>
    public TdxException Error(string what) => Error(Place, what);

    private static TdxException Error(Place place, string what) => new(ExitCode.BadInput, $"{place}: {what}");

    private PlacedJson Expect(JsonTokenType kind, string want) => Kind == kind ? this : throw Error($"got {Name(Kind)}, want {want}");

    private static string Name(JsonTokenType kind) => kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };

    private static PlacedJson Value(ref Utf8JsonReader reader, ref Lines lines)
    {
        var kind = reader.TokenType;
        var text = kind switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
            _ => "",
        };
        var node = new PlacedJson(kind, text, lines.At(reader.TokenStartIndex));
        while (kind == JsonTokenType.StartArray && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            node.items.Add(Value(ref reader, ref lines));
        }

        while (kind == JsonTokenType.StartObject && reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            var place = lines.At(reader.TokenStartIndex);
            reader.Read();
            if (!node.members.TryAdd(key, Value(ref reader, ref lines)))
            {
                throw Error(place, $"key \"{key}\" appears twice");
            }
        }

        return node;
    }

    /// <summary>Turns growing byte offsets into lines and columns in one pass.</summary>
    private ref struct Lines(ReadOnlySpan<byte> utf8, string file)
    {
        private readonly ReadOnlySpan<byte> utf8 = utf8;
        private int line = 1;
        private int start;
        private int seen;

        public Place At(long offset)
        {
            for (; seen < offset; seen++)
            {
                if (utf8[seen] == (byte)'\n')
                {
                    line++;
                    start = seen + 1;
                }
            }

            return new Place(file, line, (int)offset - start + 1);
        }
    }
}
