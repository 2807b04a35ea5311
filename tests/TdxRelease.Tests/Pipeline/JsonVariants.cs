using System.Text.Json.Nodes;

namespace TdxRelease.Tests.Pipeline;

/// <summary>
/// Systematic changes of a JSON document: each value gone, of another type, each object with one key more, each array empty, doubled.
/// </summary>
internal static class JsonVariants
{
    private static readonly string[] Others =
        ["null", "0", "true", "\"\"", "\" \"", "\"x\"", "\"1.5.05\\n\"", "\"65536.0.0\"", "\"[1.0.0,2.0.0)\"", "1e3", "1.5", "\"3072\"",
        "\"true\"", "[]", "{}"];

    public static IEnumerable<(string What, string Json)> Of(string document)
    {
        var paths = new List<string[]>();
        Walk(JsonNode.Parse(document)!, [], paths);
        foreach (var path in paths)
        {
            var name = string.Join('/', path);
            foreach (var other in Others)
            {
                yield return ($"{name} = {other}", With(document, path, (parent, key) => Set(parent, key, JsonNode.Parse(other))));
            }

            yield return ($"{name} removed", With(document, path, Remove));
            if (At(document, path) is JsonObject)
            {
                yield return ($"{name} + unknown", With(document, path, (parent, key) => ((JsonObject)Get(parent, key)!)["unknown"] = 1));
            }

            if (At(document, path) is JsonArray { Count: > 0 })
            {
                yield return ($"{name} doubled", With(document, path, (parent, key) => Append((JsonArray)Get(parent, key)!)));
            }
        }
    }

    private static void Append(JsonArray array)
    {
        // A doubled object would break rules that no schema has; texts are what uniqueItems is for.
        if (array[0] is JsonValue)
        {
            array.Add(array[0]!.DeepClone());
        }
    }

    private static void Walk(JsonNode node, string[] path, List<string[]> paths)
    {
        foreach (var (key, child) in Children(node))
        {
            paths.Add([.. path, key]);
            if (child is not null)
            {
                Walk(child, [.. path, key], paths);
            }
        }
    }

    private static IEnumerable<(string Key, JsonNode? Value)> Children(JsonNode node) => node switch
    {
        JsonObject o => o.Select(p => (p.Key, p.Value)),
        JsonArray a => a.Take(2).Select((v, i) => ($"{i}", v)),
        _ => [],
    };

    private static JsonNode? At(string document, string[] path) => path.Aggregate(JsonNode.Parse(document), (node, key) => Get(node!, key));

    private static string With(string document, string[] path, Action<JsonNode, string> change)
    {
        var root = JsonNode.Parse(document)!;
        change(path[..^1].Aggregate(root, (node, key) => Get(node, key)!), path[^1]);
        return root.ToJsonString();
    }

    private static JsonNode? Get(JsonNode node, string key) => node is JsonArray array ? array[int.Parse(key)] : node[key];

    private static void Set(JsonNode node, string key, JsonNode? value)
    {
        if (node is JsonArray array)
        {
            array[int.Parse(key)] = value;
        }
        else
        {
            node[key] = value;
        }
    }

    private static void Remove(JsonNode node, string key)
    {
        if (node is JsonArray array)
        {
            array.RemoveAt(int.Parse(key));
        }
        else
        {
            ((JsonObject)node).Remove(key);
        }
    }
}
