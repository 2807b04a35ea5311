using System.Text;
using System.Text.Json;

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
public sealed record LocatedValue(JsonKind Kind, int Offset, string Text, IReadOnlyList<LocatedMember> Members, IReadOnlyList<LocatedValue> Items)
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
    /// <exception cref="JsonException">Not JSON; <see cref="JsonException.BytePositionInLine"/> and line number say where.</exception>
    public static LocatedValue Parse(ReadOnlySpan<byte> utf8, int maxValues = int.MaxValue)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
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
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>1-based line and column (in bytes) of a byte offset.</summary>
    public static (int Line, int Column) Locate(ReadOnlySpan<byte> utf8, int offset)
    {
        var before = utf8[..Math.Clamp(offset, 0, utf8.Length)];
        return (before.Count((byte)'\n') + 1, before.Length - (before.LastIndexOf((byte)'\n') + 1) + 1);
    }

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
