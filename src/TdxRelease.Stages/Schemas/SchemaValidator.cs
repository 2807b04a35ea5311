using System.Text;
using Newtonsoft.Json;
using NJsonSchema;
using NJsonSchema.Validation;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Stages.Schemas;

/// <summary>Holds JSON documents against the embedded schemas (schemas/*.schema.json) with a schema library: a second opinion beside the typed readers.</summary>
public static class SchemaValidator
{
    /// <summary>A violation of a schema.</summary>
    public static readonly Rule Violation = new("SCHEMA-001", Severity.Error, "the document satisfies its JSON schema", "schemas/");

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
        var compiled = JsonSchema.FromJsonAsync(Text(schema)).GetAwaiter().GetResult();
        ICollection<ValidationError> errors;
        try
        {
            // Dates stay strings: Newtonsoft would otherwise turn them into something the schema does not describe.
            using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(utf8))) { DateParseHandling = DateParseHandling.None, MaxDepth = 32 };
            errors = compiled.Validate(Newtonsoft.Json.Linq.JToken.ReadFrom(reader, new Newtonsoft.Json.Linq.JsonLoadSettings { LineInfoHandling = Newtonsoft.Json.Linq.LineInfoHandling.Load }));
        }
        catch (JsonException e)
        {
            return [new Finding(Violation, $"not JSON: {e.Message.TrimEnd('.')}", new Place(file))];
        }

        return [.. Leaves(errors)
            .Where(e => !unknownKeys || e.Kind != ValidationErrorKind.NoAdditionalPropertiesAllowed)
            .Select(e => new Finding(Violation, $"{e.Path}: {e.Kind}", e.HasLineInfo ? new Place(file, e.LineNumber, e.LinePosition) : new Place(file)))
            .OrderBy(f => f.Place.Line).ThenBy(f => f.Place.Column).ThenBy(f => f.Message, StringComparer.Ordinal)];
    }

    // What is wrong with an array's item sits inside the error about the item.
    private static IEnumerable<ValidationError> Leaves(IEnumerable<ValidationError> errors) => errors.SelectMany(error => error switch
    {
        ChildSchemaValidationError child => Leaves(child.Errors.SelectMany(e => e.Value)),
        MultiTypeValidationError multi => Leaves(multi.Errors.SelectMany(e => e.Value)),
        _ => [error],
    });
}
