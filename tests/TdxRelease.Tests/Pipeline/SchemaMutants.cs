using System.Text.Json.Nodes;

namespace TdxRelease.Tests.Pipeline;

/// <summary>A document that breaks one keyword of its schema.</summary>
/// <param name="Keyword">Where the keyword stands in the schema: <c>/definitions/file/required</c>.</param>
/// <param name="What">The change, for messages.</param>
/// <param name="Json">The document.</param>
internal sealed record SchemaMutant(string Keyword, string What, string Json);

/// <summary>
/// Walks a schema and a valid document together and breaks each keyword once at each place of the document where it applies (the first item
/// of arrays).
/// </summary>
internal sealed class SchemaMutants
{
    private static readonly string[] Annotations = ["$schema", "$id", "title", "description", "definitions", "properties"];

    private readonly JsonObject schema;
    private readonly string document;
    private readonly List<SchemaMutant> mutants = [];

    private SchemaMutants(string schema, string document)
    {
        this.schema = JsonNode.Parse(schema)!.AsObject();
        this.document = document;
    }

    public static IReadOnlyList<SchemaMutant> Of(string schema, string document)
    {
        var walk = new SchemaMutants(schema, document);
        walk.Visit(walk.schema, "", JsonNode.Parse(document)!, []);
        return walk.mutants;
    }

    /// <summary>Every place of a keyword that restricts something.</summary>
    public static IEnumerable<string> Keywords(string schema) => Keywords(JsonNode.Parse(schema)!.AsObject(), "");

    private static IEnumerable<string> Keywords(JsonObject schema, string at)
    {
        foreach (var (name, value) in schema)
        {
            var inner = name is "properties" or "definitions"
                ? value!.AsObject().SelectMany(p => Keywords(p.Value!.AsObject(), $"{at}/{name}/{p.Key}"))
                : value is JsonObject child ? Keywords(child, $"{at}/{name}")
                : [];
            foreach (var keyword in inner)
            {
                yield return keyword;
            }

            if (!Annotations.Contains(name))
            {
                yield return $"{at}/{name}";
            }
        }
    }

    /// <summary>Breaks every keyword of one schema at one place of the document; says whether it could break any.</summary>
    private bool Visit(JsonObject rules, string at, JsonNode? value, string[] path)
    {
        var before = mutants.Count;
        foreach (var (keyword, argument) in rules.Where(r => !Annotations.Contains(r.Key)))
        {
            Break(keyword, argument!, $"{at}/{keyword}", value, path);
        }

        foreach (var (name, inner) in rules["properties"]?.AsObject().Where(p => value is JsonObject o && o.ContainsKey(p.Key)) ?? [])
        {
            Visit(inner!.AsObject(), $"{at}/properties/{name}", value![name], [.. path, name]);
        }

        return mutants.Count > before;
    }

    private void Break(string keyword, JsonNode argument, string at, JsonNode? value, string[] path)
    {
        switch (keyword)
        {
            case "$ref":
                var target = argument.GetValue<string>()["#/definitions/".Length..];
                Through(at, path, Visit(schema["definitions"]![target]!.AsObject(), $"/definitions/{target}", value, path));
                break;
            case "items" when value is JsonArray { Count: > 0 } array:
                Through(at, path, Visit(argument.AsObject(), at, array[0], [.. path, "0"]));
                break;
            case "type":
                var types = argument is JsonArray several ? [.. several.Select(t => t!.ToString())]
                    : new List<string> { argument.ToString() };
                Add(at, path, types.Contains("string") ? types.Contains("integer") ? "true" : "7" : "\"x\"");
                break;
            case "enum":
                Add(at, path, argument[0] is JsonValue first && first.TryGetValue<string>(out _) ? "\"no such word\""
                    : argument[0]!.ToString() == "true" ? "false" : "7");
                break;
            case "pattern":
                Add(at, path, argument.ToString() == "." ? "\"\"" : "\"\\u0001\"");
                break;
            case "minLength":
                Add(at, path, "\"\"");
                break;
            case "minimum":
                Add(at, path, (argument.GetValue<long>() - 1).ToString());
                break;
            case "maximum":
                Add(at, path, (argument.GetValue<long>() + 1).ToString());
                break;
            case "minItems":
                Add(at, path, "[]");
                break;
            case "maxItems" when value is JsonArray { Count: > 0 } array:
                Add(at, path, new JsonArray([.. Enumerable.Repeat(array[0], argument.GetValue<int>() + 1).Select(v => v!.DeepClone())])
                    .ToJsonString());
                break;
            case "uniqueItems" when value is JsonArray { Count: > 0 } array:
                Add(at, path, new JsonArray([.. array.Append(array[0]).Select(v => v!.DeepClone())]).ToJsonString());
                break;
            case "additionalProperties" when value is JsonObject map && argument is JsonObject inner:
                var (key, entry) = map.First();
                Through(at, path, Visit(inner, at, entry, [.. path, key]));
                break;
            case "additionalProperties" when value is JsonObject o:
                Add(at, path, With(o, members => members.Add("unknown", 1)));
                break;
            case "required" when value is JsonObject o:
                foreach (var name in argument.AsArray().Select(n => n!.GetValue<string>()))
                {
                    Add(at, path, With(o, members => members.Remove(name)));
                }

                break;
        }
    }

    private static string With(JsonObject value, Action<JsonObject> change)
    {
        var copy = value.DeepClone().AsObject();
        change(copy);
        return copy.ToJsonString();
    }

    // A keyword that only leads to another schema is broken by whatever breaks that one.
    private void Through(string at, string[] path, bool broken)
    {
        if (broken)
        {
            mutants.Add(mutants[^1] with { Keyword = at, What = $"/{string.Join('/', path)}: {at}: {mutants[^1].What}" });
        }
    }

    private void Add(string at, string[] path, string value)
    {
        var root = JsonNode.Parse(document)!;
        var replacement = JsonNode.Parse(value);
        if (path.Length == 0)
        {
            root = replacement;
        }
        else
        {
            var parent = path[..^1].Aggregate(root, (node, key) => node is JsonArray array ? array[int.Parse(key)]! : node[key]!);
            if (parent is JsonArray items)
            {
                items[int.Parse(path[^1])] = replacement;
            }
            else
            {
                parent[path[^1]] = replacement;
            }
        }

        mutants.Add(new SchemaMutant(at, $"/{string.Join('/', path)} = {value}", root!.ToJsonString()));
    }
}
