using System.Text.Json;
using TdxRelease.Build.Schemas;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Pipeline;

/// <summary>
/// A schema library passes silently over keywords that it does not know; so each keyword that a schema here uses is proved to bite.
/// </summary>
public class SchemaKeywordTests
{
    private static readonly string[] Annotations = ["$schema", "$id", "title", "description", "definitions", "properties"];

    public static TheoryData<string, string, string, string> Keywords() => new()
    {
        { "type", """{"type":"string"}""", "\"a\"", "1" },
        { "type", """{"type":"integer"}""", "1", "\"1\"" },
        { "type", """{"type":"boolean"}""", "true", "\"true\"" },
        { "type", """{"type":"array"}""", "[]", "{}" },
        { "type", """{"type":"object"}""", "{}", "[]" },
        { "required", """{"type":"object","properties":{"a":{}},"required":["a"]}""", """{"a":1}""", "{}" },
        { "additionalProperties", """{"type":"object","properties":{"a":{}},"additionalProperties":false}""", """{"a":1}""",
            """{"b":1}""" },
        { "enum", """{"enum":["a"]}""", "\"a\"", "\"b\"" },
        { "enum", """{"type":"integer","enum":[2048,3072]}""", "3072", "1024" },
        { "enum", """{"type":"integer","enum":[2048,3072]}""", "3072", "\"3072\"" },
        { "pattern", """{"type":"string","pattern":"^[0-9]+(?![\\s\\S])"}""", "\"12\"", "\"12\\n\"" },
        { "minimum", """{"type":"integer","minimum":0}""", "0", "-1" },
        { "maximum", """{"type":"integer","maximum":16777216}""", "16777216", "16777217" },
        { "minLength", """{"type":"string","minLength":1}""", "\"a\"", "\"\"" },
        { "minItems", """{"type":"array","minItems":1}""", "[1]", "[]" },
        { "maxItems", """{"type":"array","maxItems":1}""", "[1]", "[1,2]" },
        { "uniqueItems", """{"type":"array","uniqueItems":true}""", "[\"a\",\"b\"]", "[\"a\",\"a\"]" },
        { "items", """{"type":"array","items":{"type":"string"}}""", "[\"a\"]", "[1]" },
        { "$ref", """{"type":"array","items":{"$ref":"#/definitions/x"},"definitions":{"x":{"type":"string","pattern":"^a"}}}""", "[\"a\"]",
            "[\"b\"]" },
    };

    [Theory]
    [MemberData(nameof(Keywords))]
    public void A_keyword_is_enforced(string keyword, string schema, string good, string bad)
    {
        var parsed = SchemaValidator.Compile("{\"$schema\":\"http://json-schema.org/draft-07/schema#\"," + schema[1..]);
        using var accepted = JsonDocument.Parse(good);
        using var refused = JsonDocument.Parse(bad);
        Assert.True(parsed.Evaluate(accepted.RootElement).IsValid, keyword);
        Assert.False(parsed.Evaluate(refused.RootElement).IsValid, keyword);
    }

    [Theory]
    [MemberData(nameof(Committed))]
    public void A_schema_uses_only_keywords_that_are_proved_to_be_enforced(string name)
    {
        using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.Checkout, "schemas", name)));
        var used = new SortedSet<string>(StringComparer.Ordinal);
        Collect(schema.RootElement, used);
        Assert.Contains("type", used);
        Assert.Equal("http://json-schema.org/draft-07/schema#", schema.RootElement.GetProperty("$schema").GetString());
        Assert.Empty(used.Except(Annotations).Except(Keywords().Select(k => (string)k[0])));
    }

    /// <summary>All schemas of the repository.</summary>
    public static TheoryData<string> Committed() =>
        [.. Directory.EnumerateFiles(Path.Combine(TestData.Checkout, "schemas"), "*.schema.json").Select(f => Path.GetFileName(f))
        .Order(StringComparer.Ordinal)];

    private static void Collect(JsonElement schema, SortedSet<string> used)
    {
        foreach (var member in schema.EnumerateObject())
        {
            used.Add(member.Name);
            if (member.Name is "properties" or "definitions")
            {
                foreach (var child in member.Value.EnumerateObject())
                {
                    Collect(child.Value, used);
                }
            }
            else if (member.Name == "items" || (member.Name == "additionalProperties" && member.Value.ValueKind == JsonValueKind.Object))
            {
                Collect(member.Value, used);
            }
        }
    }
}
