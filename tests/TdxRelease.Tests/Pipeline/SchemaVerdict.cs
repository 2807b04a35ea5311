using System.Text.Json;
using Json.Schema;
using TdxRelease.Build.Schemas;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Pipeline;

/// <summary>
/// The verdict of a committed schema, by JsonSchema.Net. To a schema 1e3 is a whole number; the formats here write whole numbers in digits,
/// have no others, and
/// their readers refuse any other spelling: that is the one thing added here
/// (<see cref="ReaderContractTests.A_whole_number_is_written_in_digits"/>).
/// </summary>
internal static class SchemaVerdict
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, JsonSchema> Schemas = new();

    public static string Text(string schema) => File.ReadAllText(Path.Combine(TestData.Checkout, "schemas", schema));

    public static bool Accepts(string schema, string json)
    {
        using var document = JsonDocument.Parse(json);
        return Digits(document.RootElement)
            && Schemas.GetOrAdd(schema, static name => SchemaValidator.Compile(Text(name))).Evaluate(document.RootElement).IsValid;
    }

    private static bool Digits(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(m => Digits(m.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(Digits),
        JsonValueKind.Number => value.TryGetInt64(out _),
        _ => true,
    };
}
