using System.Text.Json.Nodes;
using TdxRelease.Bundles.Manifests;

namespace TdxRelease.Bundles.Provenance;

/// <summary>Something that went into a build, or came out beside the subjects.</summary>
/// <param name="Name">What it is called, or null.</param>
/// <param name="Uri">Where it is, or null.</param>
/// <param name="Digests">Algorithm (<c>gitCommit</c>, <c>sha256</c>, …) to lower-case hex.</param>
public sealed record ResourceDescriptor(string? Name, string? Uri, IReadOnlyDictionary<string, string> Digests);

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
    /// <exception cref="TdxRelease.Modules.Findings.TdxException">Exit 3.</exception>
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

        var digests = new JsonObject();
        foreach (var (algorithm, value) in resource.Digests)
        {
            digests[algorithm] = value;
        }

        json["digest"] = digests;
        return json;
    }

    private static ResourceDescriptor Resource(StrictObject json)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var members = json.Node("digest") as JsonObject ?? throw json.Bad("digest", "an object");
        foreach (var (algorithm, value) in members)
        {
            digests[algorithm] = value is JsonValue text && text.TryGetValue<string>(out var hex) ? hex : throw json.Bad("digest", "hex digits by algorithm");
        }

        var resource = new ResourceDescriptor(
            json.OptionalText("name", ManifestReader.LinePattern(), "a name"),
            json.OptionalText("uri", ManifestReader.LinePattern(), "a URI"),
            digests);
        json.Done();
        return resource;
    }
}
