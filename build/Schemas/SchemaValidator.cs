using System.Globalization;
using System.Text.Json;
using Json.Schema;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Build.Schemas;

/// <summary>
/// Checks JSON documents against the published schemas (schemas/*.schema.json) with a schema library: a second opinion beside the typed
/// readers.
/// It belongs to the build, not to tdxrel: the library builds its meta-schemas whenever a native program starts, which took longer than all
/// else.
/// </summary>
internal static class SchemaValidator
{
    /// <summary>The text of a published schema.</summary>
    /// <param name="name">File name without folder: <c>mapping-file.schema.json</c>.</param>
    public static string Text(string name) => File.ReadAllText(Path.Combine(BuildContext.Checkout, "schemas", name));

    /// <summary>Validates a document.</summary>
    /// <param name="schema">File name of the schema.</param>
    /// <param name="utf8">The document; must be JSON.</param>
    /// <param name="file">Its name in findings.</param>
    /// <param name="unknownKeys">True lets keys pass that the schema does not know.</param>
    /// <returns>One line a violation, with its place, in file order.</returns>
    public static IReadOnlyList<string> Validate(string schema, ReadOnlySpan<byte> utf8, string file, bool unknownKeys = false)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8.ToArray(), new JsonDocumentOptions { MaxDepth = PositionedJson.MaxDepth });
            var results = Compile(Text(schema))
                .Evaluate(document.RootElement,
                new EvaluationOptions { OutputFormat = OutputFormat.List, Culture = CultureInfo.InvariantCulture });
            return results.IsValid ? [] : Violations(results, utf8, file, unknownKeys);
        }
        catch (JsonException e)
        {
            return [$"{file}: not JSON: {e.Message.TrimEnd('.')}"];
        }
    }

    /// <summary>Reads a schema. It lives in a registry of its own: the library's global one takes each <c>$id</c> once a process.</summary>
    internal static JsonSchema Compile(string schema) =>
        JsonSchema.FromText(schema, new BuildOptions { SchemaRegistry = new SchemaRegistry() });

    private static List<string> Violations(EvaluationResults results, ReadOnlySpan<byte> utf8, string file, bool unknownKeys)
    {
        var root = PositionedJson.Parse(utf8);
        var lines = new TextLines(utf8, file);
        var violations = new List<(Location Location, string Message)>();
        foreach (var result in results.Details ?? [])
        {
            var unknown = result.EvaluationPath.SegmentCount > 0
                && result.EvaluationPath[result.EvaluationPath.SegmentCount - 1] == "additionalProperties";
            if (unknown && unknownKeys)
            {
                continue;
            }

            var place = lines.At(OffsetOf(root, result.InstanceLocation));
            violations.AddRange((result.Errors ?? []).Select(error =>
                (place, $"{result.InstanceLocation}: {(unknown ? "unknown key" : $"{error.Key}: {error.Value}")}")));
        }

        return [.. violations.OrderBy(v => v.Location.Line).ThenBy(v => v.Location.Column).ThenBy(v => v.Message, StringComparer.Ordinal)
            .Select(v => $"{v.Location}: {v.Message}")];
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
