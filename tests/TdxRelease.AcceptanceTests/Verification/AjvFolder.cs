using System.Text.Json.Nodes;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Verification;

/// <summary>ajv in a folder of its own, installed from the lock file of tests/npm.</summary>
public sealed class AjvFolder : IDisposable
{
    private readonly TempFolder folder = new();

    public AjvFolder()
    {
        foreach (var name in new[] { "package.json", "package-lock.json", "validate.mjs" })
        {
            File.Copy(Path.Combine(TestData.Checkout, "tests", "npm", name), folder[name]);
        }

        Tool.Run(folder.Path, "npm", "ci", "--no-audit", "--no-fund").Ok();
    }

    /// <summary>Writes the documents and gives back the names of those that ajv calls valid.</summary>
    public IReadOnlySet<string> Valid(string schemaPath, IReadOnlyDictionary<string, byte[]> documents)
    {
        foreach (var (name, bytes) in documents)
        {
            File.WriteAllBytes(folder[name], bytes);
        }

        var text = Tool.Run(folder.Path, "node", ["validate.mjs", schemaPath, .. documents.Keys]).All;
        var lines = text.Split('\n');
        Assert.True(lines.Count(l =>
            documents.Keys.Any(d => l == $"valid {d}" || l.StartsWith($"{d}: ", StringComparison.Ordinal))) == documents.Count, text);
        return lines.Where(l => l.StartsWith("valid ", StringComparison.Ordinal)).Select(l => l[6..]).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>
    /// A copy of a draft-04 schema that ajv 8 takes: the drafts differ in the name of the identifier and in boolean exclusive bounds, which
    /// must not occur.
    /// </summary>
    public string AsDraft07(string schemaPath)
    {
        var text = File.ReadAllText(schemaPath);
        Assert.Contains("\"http://json-schema.org/draft-04/schema#\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"exclusiveM", text, StringComparison.Ordinal);
        var node = JsonNode.Parse(text.Replace("draft-04/schema#", "draft-07/schema#", StringComparison.Ordinal))!.AsObject();
        node.Remove("id", out var id);
        node["$id"] = id;
        File.WriteAllText(folder["draft-07.schema.json"], node.ToJsonString());
        return folder["draft-07.schema.json"];
    }

    public void Dispose() => folder.Dispose();
}
