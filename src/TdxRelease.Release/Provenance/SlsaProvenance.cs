using System.Text.Json.Nodes;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;

namespace TdxRelease.Release.Provenance;

/// <summary>Something that went into a build, or came out beside the subjects.</summary>
/// <param name="Name">What it is called, or null.</param>
/// <param name="Uri">Where it is, or null.</param>
/// <param name="Digests">Algorithm (<c>gitCommit</c>, <c>sha256</c>, …) to lower-case hex.</param>
/// <param name="Annotations">What is said about it without proof, by name; null for nothing.</param>
public sealed record ResourceDescriptor(string? Name, string? Uri, IReadOnlyDictionary<string, string> Digests,
    IReadOnlyDictionary<string, string>? Annotations = null);

/// <summary>SLSA provenance v1: what was built, from what, how, by whom.</summary>
/// <param name="BuildType">URI that says how to read the parameters and to build again.</param>
/// <param name="ExternalParameters">What the person who built decided: everything <c>tdxrel rebuild</c> needs.</param>
/// <param name="InternalParameters">What the tool decided; may be empty.</param>
/// <param name="Dependencies">Upstream commit, licence, policy, tool.</param>
/// <param name="BuilderId">URI of who vouches.</param>
/// <param name="BuilderVersion">Version of the tool.</param>
/// <param name="Time">SOURCE_DATE_EPOCH; start and end of a reproducible build are the same.</param>
/// <param name="Byproducts">Outputs that nobody downloads by themselves.</param>
public sealed record SlsaProvenance(
    string BuildType,
    JsonObject ExternalParameters,
    JsonObject InternalParameters,
    IReadOnlyList<ResourceDescriptor> Dependencies,
    string BuilderId,
    string BuilderVersion,
    DateTimeOffset Time,
    IReadOnlyList<ResourceDescriptor> Byproducts)
{
    /// <summary>URI of the predicate.</summary>
    public const string PredicateType = "https://slsa.dev/provenance/v1";

    /// <summary>The statement that these files were built so.</summary>
    public Statement About(IReadOnlyList<Subject> subjects)
    {
        var definition = new JsonObject
        {
            ["buildType"] = BuildType,
            ["externalParameters"] = ExternalParameters.DeepClone(),
            ["internalParameters"] = InternalParameters.DeepClone(),
            ["resolvedDependencies"] = Resources(Dependencies),
        };
        var details = new JsonObject
        {
            ["builder"] = new JsonObject { ["id"] = BuilderId, ["version"] = new JsonObject { ["tdxrel"] = BuilderVersion } },
            ["metadata"] = new JsonObject { ["startedOn"] = Rfc3339.Write(Time), ["finishedOn"] = Rfc3339.Write(Time) },
            ["byproducts"] = Resources(Byproducts),
        };
        return new Statement(subjects, PredicateType, new JsonObject { ["buildDefinition"] = definition, ["runDetails"] = details });
    }

    /// <summary>Reads the predicate back, as <c>tdxrel rebuild</c> needs it.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3.</exception>
    public static SlsaProvenance Read(Statement statement, string name)
    {
        var predicate = StrictObject.Of(statement.Predicate, name);
        var definition = predicate.Object("buildDefinition");
        var details = predicate.Object("runDetails");
        var builder = details.Object("builder");
        var version = builder.Object("version");
        var metadata = details.Object("metadata");
        var provenance = new SlsaProvenance(
            definition.Text("buildType", ManifestReader.LinePattern(), "a URI"),
            definition.Node("externalParameters") as JsonObject ?? throw definition.Bad("externalParameters", "an object"),
            definition.Node("internalParameters") as JsonObject ?? throw definition.Bad("internalParameters", "an object"),
            [.. definition.Objects("resolvedDependencies").Select(Resource)],
            builder.Text("id", ManifestReader.LinePattern(), "a URI"),
            version.Text("tdxrel", ManifestReader.LinePattern(), "a version"),
            metadata.Time("startedOn"),
            [.. details.Objects("byproducts").Select(Resource)]);
        _ = metadata.Time("finishedOn");
        foreach (var part in (StrictObject[])[version, metadata, builder, details, definition, predicate])
        {
            part.Done();
        }

        return provenance;
    }

    private static JsonArray Resources(IReadOnlyList<ResourceDescriptor> resources) => new([.. resources.Select(Write)]);

    private static JsonNode Write(ResourceDescriptor resource)
    {
        var json = new JsonObject();
        if (resource.Name is not null)
        {
            json["name"] = resource.Name;
        }

        if (resource.Uri is not null)
        {
            json["uri"] = resource.Uri;
        }

        if (resource.Digests.Count > 0)
        {
            json["digest"] = Map(resource.Digests);
        }

        if (resource.Annotations is { Count: > 0 } annotations)
        {
            json["annotations"] = Map(annotations);
        }

        return json;
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string> values) =>
        new(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value)));

    private static ResourceDescriptor Resource(StrictObject json)
    {
        var digests = json.Has("digest") ? Texts(json, "digest", "hex digits by algorithm") : [];
        var resource = new ResourceDescriptor(
            json.OptionalText("name", ManifestReader.LinePattern(), "a name"),
            json.OptionalText("uri", ManifestReader.LinePattern(), "a URI"),
            digests,
            json.Has("annotations") ? Texts(json, "annotations", "text by name") : null);
        json.Done();
        return digests.Count > 0 || resource.Uri is not null ? resource : throw json.Bad("digest", "a digest, or a URI");
    }

    private static SortedDictionary<string, string> Texts(StrictObject json, string key, string want)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in json.Node(key) as JsonObject ?? throw json.Bad(key, "an object"))
        {
            texts[name] = value is JsonValue text && text.TryGetValue<string>(out var said) && ManifestReader.LinePattern().IsMatch(said)
                ? said : throw json.Bad(key, want);
        }

        return texts.Count > 0 ? texts : throw json.Bad(key, want);
    }
}
