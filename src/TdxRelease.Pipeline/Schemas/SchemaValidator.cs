using System.Globalization;
using System.Text;
using System.Text.Json;
using Json.Schema;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Pipeline.Schemas;

/// <summary>
/// Holds JSON documents against the embedded schemas (schemas/*.schema.json)
/// with a schema library: a second opinion beside the typed readers.
/// </summary>
public static class SchemaValidator
{
    /// <summary>A violation of a schema.</summary>
    public static readonly Rule Violation = new RuleSet("Schemas", exitCode: ExitCode.BadInput).Add("SCHEMA-001", Severity.Error, "the document satisfies its JSON schema", "schemas/");

    /// <summary>The text of an embedded schema.</summary>
    /// <param name="name">File name without folder: <c>mapping-file.schema.json</c>.</param>
    public static string Text(string name)
    {
        using var stream = typeof(SchemaValidator).Assembly.GetManifestResourceStream($"schemas/{name}")
            ?? throw new ArgumentException($"no schema \"{name}\" is embedded", nameof(name));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Validates a document.</summary>
    /// <param name="schema">File name of the schema.</param>
    /// <param name="utf8">The document; must be JSON.</param>
    /// <param name="file">Its name in findings.</param>
    /// <param name="unknownKeys">True lets keys pass that the schema does not know.</param>
    /// <returns>One finding a violation, in file order.</returns>
    public static IReadOnlyList<Finding> Validate(string schema, ReadOnlySpan<byte> utf8, string file, bool unknownKeys = false)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8.ToArray(), new JsonDocumentOptions { MaxDepth = PositionedJson.MaxDepth });
            var results = Compile(Text(schema)).Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List, Culture = CultureInfo.InvariantCulture });
            return results.IsValid ? [] : Findings(results, utf8, file, unknownKeys);
        }
        catch (JsonException e)
        {
            return [new Finding(Violation, $"not JSON: {e.Message.TrimEnd('.')}", new Place(file))];
        }
    }

    /// <summary>Reads a schema. It lives in a registry of its own: the library's global one takes each <c>$id</c> once a process.</summary>
    internal static JsonSchema Compile(string schema) => JsonSchema.FromText(schema, new BuildOptions { SchemaRegistry = new SchemaRegistry() });

    private static List<Finding> Findings(EvaluationResults results, ReadOnlySpan<byte> utf8, string file, bool unknownKeys)
    {
        var root = PositionedJson.Parse(utf8);
        var lines = new TextLines(utf8, file);
        var findings = new List<Finding>();
        foreach (var result in results.Details ?? [])
        {
            var unknown = result.EvaluationPath.SegmentCount > 0 && result.EvaluationPath[result.EvaluationPath.SegmentCount - 1] == "additionalProperties";
            if (unknown && unknownKeys)
            {
                continue;
            }

            var place = lines.At(OffsetOf(root, result.InstanceLocation));
            findings.AddRange((result.Errors ?? []).Select(error =>
                new Finding(Violation, $"{result.InstanceLocation}: {(unknown ? "unknown key" : $"{error.Key}: {error.Value}")}", place)));
        }

        return [.. findings.OrderBy(f => f.Place.Line).ThenBy(f => f.Place.Column).ThenBy(f => f.Message, StringComparer.Ordinal)];
    }

    private static int OffsetOf(LocatedValue value, Json.Pointer.JsonPointer location)
    {
        for (var i = 0; i < location.SegmentCount; i++)
        {
            var name = location[i].ToString().Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            value = value.Kind == JsonKind.Array ? value.Items[int.Parse(name, CultureInfo.InvariantCulture)] : value[name]!.Value;
        }

        return value.Offset;
    }
}
