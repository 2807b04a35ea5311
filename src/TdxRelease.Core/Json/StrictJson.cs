using System.Globalization;
using System.Text.Json;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Json;

/// <summary>
/// A JSON document whose every value knows its line and column, for our
/// own files (lock, snapshot record), which are refused unless perfect:
/// duplicate keys, comments, trailing commas and anything unknown are errors of exit 3 that name the place.
/// </summary>
public sealed class StrictJson
{
    private const int MaxDepth = 16;

    private readonly LocatedValue value;
    private readonly TextLines lines;

    private StrictJson(LocatedValue value, TextLines lines) => (this.value, this.lines) = (value, lines);

    /// <summary>Where the value begins.</summary>
    public Location Location => lines.At(value.Offset);

    /// <summary>Parses one document.</summary>
    /// <param name="utf8">The bytes; a byte order mark is refused.</param>
    /// <param name="file">How places call it.</param>
    public static StrictJson Parse(ReadOnlySpan<byte> utf8, string file)
    {
        try
        {
            var lines = new TextLines(utf8, file);
            var value = PositionedJson.Parse(utf8, maxDepth: MaxDepth);
            return value.Duplicate() is { } twice
                ? throw Error(lines.At(twice.Offset), $"key \"{twice.Name}\" appears twice")
                : new(value, lines);
        }
        catch (JsonException e)
        {
            throw Error(PositionedJson.Where(e, file),
                e.InnerException is InvalidOperationException ? "text is not valid UTF-8 or UTF-16" : "is not valid JSON");
        }
    }

    /// <summary>The members, every one of which must be among the known keys.</summary>
    public StrictJson Object(params ReadOnlySpan<string> known)
    {
        Expect(JsonKind.Object);
        foreach (var member in value.Members)
        {
            if (!known.Contains(member.Name))
            {
                throw Of(member.Value).Error($"unknown key \"{member.Name}\"");
            }
        }

        return this;
    }

    /// <summary>A member that must be there.</summary>
    public StrictJson Member(string key) => Optional(key) ?? throw Error($"key \"{key}\" is missing");

    /// <summary>A member that may be absent; an explicit null is a value, and none that fits.</summary>
    public StrictJson? Optional(string key) => value[key] is { } member ? Of(member.Value) : null;

    /// <summary>The items of an array; anything else is exit 3.</summary>
    public IReadOnlyList<StrictJson> Items => [.. Expect(JsonKind.Array).Items.Select(Of)];

    /// <summary>The text of a string; anything else is exit 3.</summary>
    public string String() => Expect(JsonKind.String).Text;

    /// <summary>A string that a predicate accepts.</summary>
    public string String(Func<string, bool> accepts, string want) =>
        String() is var text && accepts(text) ? text : throw Error($"got \"{text}\", want {want}");

    /// <summary>A whole number of the given range.</summary>
    public long Integer(long from, long to)
    {
        var text = Expect(JsonKind.Number).Text;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= from
            && number <= to
            ? number
            : throw Error($"got {text}, want a whole number from {from} to {to}");
    }

    /// <summary>An error of exit 3 at this value.</summary>
    public TdxException Error(string what) => Error(Location, what);

    private static TdxException Error(Location place, string what) => new(ExitCode.BadInput, $"{place}: {what}");

    private StrictJson Of(LocatedValue part) => new(part, lines);

    private LocatedValue Expect(JsonKind kind) => value.Kind == kind ? value : throw Error($"got {value.Kind.Name()}, want {kind.Name()}");
}
