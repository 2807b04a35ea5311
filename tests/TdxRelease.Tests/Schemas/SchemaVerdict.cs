using NJsonSchema;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Schemas;

/// <summary>The verdict of a committed schema, by NJsonSchema.</summary>
internal static class SchemaVerdict
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, JsonSchema> Schemas = new();

    public static bool Accepts(string schema, string json)
    {
        var parsed = Schemas.GetOrAdd(schema, static name => JsonSchema.FromJsonAsync(File.ReadAllText(Path.Combine(Upstream.Checkout, "schemas", name))).GetAwaiter().GetResult());
        return parsed.Validate(json).Count == 0;
    }
}
