using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Json;

/// <summary>A JSON object of which every member must be asked for: what was not is an unknown key and refused.</summary>
public sealed class StrictObject
{
    private readonly JsonObject members;
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    private StrictObject(JsonObject members, string place)
    {
        this.members = members;
        Location = place;
    }

    /// <summary><c>manifest.json: files[3]</c>.</summary>
    public string Location { get; }

    /// <summary>The object; anything else is exit 3.</summary>
    public static StrictObject Of(JsonNode? node, string place) =>
        node is JsonObject members ? new StrictObject(members, place) : throw Bad(place, node, "an object");

    /// <summary>Whether the member is there; it is known from now on.</summary>
    public bool Has(string key)
    {
        known.Add(key);
        return members.ContainsKey(key);
    }

    /// <summary>A member that is an object.</summary>
    public StrictObject Object(string key) => Of(Member(key), Path(key));

    /// <summary>A member of any kind but null.</summary>
    public JsonNode Node(string key) => Member(key) ?? throw Bad(Path(key), null, "a value");

    /// <summary>A member that is an array of bounded length.</summary>
    public IReadOnlyList<JsonNode?> Array(string key, int limit = 10_000) =>
        Member(key) is JsonArray items
            ? items.Count <= limit ? [.. items]
            : throw new TdxException(ExitCode.BadInput, $"{Path(key)}: {items.Count} items, the limit is {limit}")
            : throw Bad(Path(key), members[key], "an array");

    /// <summary>A member that is an array of objects.</summary>
    public IReadOnlyList<StrictObject> Objects(string key) =>
        [.. Array(key).Select((item, i) => Of(item, $"{Path(key)}[{i}]"))];

    /// <summary>A text that matches the pattern as a whole.</summary>
    public string Text(string key, Regex pattern, string want) =>
        Member(key) is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var text
        && pattern.IsMatch(text)
            ? text
            : throw Bad(Path(key), members[key], want);

    /// <summary>As <see cref="Text"/>, or null where the member is absent.</summary>
    public string? OptionalText(string key, Regex pattern, string want) => Has(key) ? Text(key, pattern, want) : null;

    /// <summary>A whole number of the given range.</summary>
    public long Number(string key, long least, long most) =>
        Member(key) is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<long>(out var number)
        && number >= least && number <= most
            ? number
            : throw Bad(Path(key), members[key], $"a whole number from {least} to {most}");

    /// <summary>true or false.</summary>
    public bool Flag(string key) =>
        Member(key) is JsonValue value && value.GetValueKind() is JsonValueKind.True or JsonValueKind.False
            ? value.GetValue<bool>()
            : throw Bad(Path(key), members[key], "true or false");

    /// <summary>RFC 3339 in UTC with seconds, the only form written.</summary>
    public DateTimeOffset Time(string key) =>
        Member(key) is JsonValue value && value.GetValueKind() == JsonValueKind.String
        && Rfc3339.TryParse(value.GetValue<string>(), out var time)
            ? time
            : throw Bad(Path(key), members[key], "a time such as 2026-02-10T12:00:00Z");

    /// <summary>Call last: refuses keys that nobody asked for.</summary>
    public void Done()
    {
        foreach (var (key, _) in members)
        {
            if (!known.Contains(key))
            {
                throw new TdxException(ExitCode.BadInput, $"{Location}: unknown key {JsonValue.Create(key).ToJsonString()}");
            }
        }
    }

    /// <summary>An error of exit 3 at a member, with what was found and what is wanted.</summary>
    public TdxException Bad(string key, string want) => Bad(Path(key), members[key], want);

    private string Path(string key) => Location.EndsWith(".json", StringComparison.Ordinal) ? $"{Location}: {key}" : $"{Location}.{key}";

    private JsonNode? Member(string key)
    {
        known.Add(key);
        return members.TryGetPropertyValue(key, out var value) ? value
            : throw new TdxException(ExitCode.BadInput, $"{Location}: key \"{key}\" is missing");
    }

    private static TdxException Bad(string place, JsonNode? got, string want)
    {
        var text = got?.ToJsonString() ?? "null";
        return new TdxException(ExitCode.BadInput, $"{place}: {(text.Length > 100 ? text[..100] + "…" : text)}, want {want}");
    }
}

/// <summary>Times as the formats here write them.</summary>
public static class Rfc3339
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The time as text, UTC, whole seconds.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>Reads exactly that form.</summary>
    public static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Form, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
