using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Json;

/// <summary>The kinds of JSON value.</summary>
public enum JsonKind
{
    /// <summary>An object.</summary>
    Object,

    /// <summary>An array.</summary>
    Array,

    /// <summary>A string.</summary>
    String,

    /// <summary>A number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>null.</summary>
    Null,
}

/// <summary>A JSON value that knows where it stands, so that findings can name line and column.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Byte offset of its first character.</param>
/// <param name="Text">The unescaped string, the number as written, <c>true</c> or <c>false</c>; empty otherwise.</param>
/// <param name="Members">Members of an object in file order, duplicates included.</param>
/// <param name="Items">Items of an array in file order.</param>
public sealed record LocatedValue(JsonKind Kind, int Offset, string Text, IReadOnlyList<LocatedMember> Members,
    IReadOnlyList<LocatedValue> Items)
{
    /// <summary>The first member of that name, or null.</summary>
    public LocatedMember? this[string name]
    {
        get
        {
            foreach (var member in Members)
            {
                if (member.Name == name)
                {
                    return member;
                }
            }

            return null;
        }
    }

    /// <summary>The first member, at whatever depth, whose object names it a second time; null where there is none.</summary>
    public LocatedMember? Duplicate()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in Members)
        {
            if ((seen.Add(member.Name) ? member.Value.Duplicate() : member) is { } twice)
            {
                return twice;
            }
        }

        return Items.Select(item => item.Duplicate()).FirstOrDefault(twice => twice is not null);
    }
}

/// <summary>A member of an object.</summary>
/// <param name="Name">The unescaped name.</param>
/// <param name="Offset">Byte offset of the name.</param>
/// <param name="Value">Its value.</param>
public sealed record LocatedMember(string Name, int Offset, LocatedValue Value);

/// <summary>Strict JSON (RFC 8259: no comments, no trailing commas, no byte-order mark) into values with positions.</summary>
public static class PositionedJson
{
    /// <summary>Deepest nesting taken.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most values that a small configuration file may have: bounds memory, as each value costs some hundred bytes.</summary>
    public const int SmallFile = 50_000;

    /// <summary>Parses one JSON document that fills the whole input.</summary>
    /// <param name="utf8">The document.</param>
    /// <param name="maxValues">Most values taken, containers included.</param>
    /// <param name="maxDepth">Deepest nesting taken.</param>
    /// <exception cref="JsonException">Not JSON; <see cref="JsonException.BytePositionInLine"/> and line number say where.</exception>
    public static LocatedValue Parse(ReadOnlySpan<byte> utf8, int maxValues = int.MaxValue, int maxDepth = MaxDepth)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            reader.Read();
            var left = maxValues;
            var value = Value(ref reader, ref left);
            reader.Read(); // throws on anything behind the document
            return value;
        }
        catch (InvalidOperationException e)
        {
            // A lone surrogate in an escape surfaces only when the string is taken.
            var place = new TextLines(utf8, "").At((int)reader.TokenStartIndex);
            throw new JsonException(e.Message, path: null, place.Line - 1, place.Column - 1, e);
        }
    }

    /// <summary>The place that the parser gave up at.</summary>
    public static Location Where(JsonException e, string file) =>
        new(file, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);

    /// <summary>What the parser says without its own position and link, as the place is said already.</summary>
    public static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var text = (end > 0 ? e.Message[..end] : e.Message).TrimEnd('.', ' ');
        return text.Length > 0 ? char.ToLowerInvariant(text[0]) + text[1..] : "malformed";
    }

    /// <summary>How messages name a kind: <c>an object</c>.</summary>
    public static string Name(this JsonKind kind) => kind switch
    {
        JsonKind.Object => "an object",
        JsonKind.Array => "an array",
        JsonKind.String => "a string",
        JsonKind.Number => "a number",
        JsonKind.Boolean => "a boolean",
        _ => "null",
    };

    private static LocatedValue Value(ref Utf8JsonReader reader, ref int left)
    {
        if (left-- == 0)
        {
            throw new JsonException("more values than such a file may have");
        }

        var offset = (int)reader.TokenStartIndex;
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => Object(ref reader, offset, ref left),
            JsonTokenType.StartArray => Array(ref reader, offset, ref left),
            JsonTokenType.String => new(JsonKind.String, offset, reader.GetString()!, [], []),
            JsonTokenType.Number => new(JsonKind.Number, offset, Encoding.ASCII.GetString(reader.ValueSpan), [], []),
            JsonTokenType.True => new(JsonKind.Boolean, offset, "true", [], []),
            JsonTokenType.False => new(JsonKind.Boolean, offset, "false", [], []),
            _ => new(JsonKind.Null, offset, "", [], []),
        };
    }

    private static LocatedValue Object(ref Utf8JsonReader reader, int offset, ref int left)
    {
        var members = new List<LocatedMember>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var at = (int)reader.TokenStartIndex;
            var name = reader.GetString()!;
            reader.Read();
            members.Add(new(name, at, Value(ref reader, ref left)));
        }

        return new(JsonKind.Object, offset, "", members, []);
    }

    private static LocatedValue Array(ref Utf8JsonReader reader, int offset, ref int left)
    {
        var items = new List<LocatedValue>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Value(ref reader, ref left));
        }

        return new(JsonKind.Array, offset, "", [], items);
    }
}
