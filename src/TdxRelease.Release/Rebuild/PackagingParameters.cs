using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Json;
using TdxRelease.Packages.Metadata;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Packaging;
using TdxRelease.Signing;

namespace TdxRelease.Release.Rebuild;

/// <summary>
/// What decided the packages and repositories of a release, beside the bundle in them: the build parameter <c>packaging</c>.
/// </summary>
/// <param name="Version">Version of the packages.</param>
/// <param name="IndexLifetime">How long the repositories' indices count.</param>
/// <param name="BaseUrl">Where users reach the output directory.</param>
/// <param name="Metadata">All of bundle.json, or of the defaults.</param>
/// <param name="History">The earlier releases that the changelog was made from, by their names in
/// <see cref="History.EarlierRelease.Label"/>.</param>
public sealed partial record PackagingParameters(
    PackageVersion Version,
    TimeSpan IndexLifetime,
    string BaseUrl,
    BundleMetadata Metadata,
    IReadOnlyList<string> History)
{
    /// <summary>Key of the build parameter.</summary>
    internal const string Key = "packaging";

    private const string KeyringKey = "keyring";

    /// <summary>Fingerprints of the certificates that users of the repositories get besides the signer's.</summary>
    public IReadOnlyList<string> Keyring { get; init; } = [];

    /// <summary>What a request decides.</summary>
    public static PackagingParameters Of(PackageRequest request) => new(
        request.Bundle.Package,
        request.IndexLifetime,
        request.BaseUrl,
        request.Metadata,
        [.. request.History.Select(h => h.Label).Order(StringComparer.Ordinal)])
    {
        Keyring = Others(request.Signer?.Repositories),
    };

    /// <summary>The form in provenance.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["version"] = Version.Upstream,
            ["revision"] = Version.Revision,
            ["indexLifetimeSeconds"] = (long)IndexLifetime.TotalSeconds,
            ["baseUrl"] = BaseUrl,
            ["metadata"] = Metadata.ToJson(),
            ["history"] = new JsonArray([.. History.Select(h => JsonValue.Create(h))]),
        };
        if (Keyring.Count > 0)
        {
            json[KeyringKey] = new JsonArray([.. Keyring.Select(f => JsonValue.Create(f))]);
        }

        return json;
    }

    /// <summary>Reads them back.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3.</exception>
    public static PackagingParameters Read(JsonNode? node, string file)
    {
        var json = StrictObject.Of(node, $"{file}: build parameter {Key}");
        var parameters = new PackagingParameters(
            new PackageVersion(
                json.Text("version", PackageVersion.Pattern(), "a version"), json.Text("revision", PackageVersion.Pattern(), "a revision")),
            TimeSpan.FromSeconds(json.Number("indexLifetimeSeconds", 1, BuildParameters.MaxLifetime)),
            json.Text("baseUrl", Line(), "a URL"),
            BundleMetadata.Parse(System.Text.Encoding.UTF8.GetBytes(json.Node("metadata").ToJsonString()), json.Location),
            Texts(json, "history", "names of releases"))
        {
            Keyring = json.Has(KeyringKey) ? Texts(json, KeyringKey, "fingerprints") : [],
        };
        json.Done();
        return parameters;
    }

    private static IReadOnlyList<string> Others(RepositorySigners? signers) => signers is null ? []
        : [.. signers.Keyring.Certificates.Where(c => !c.IsOf(signers.Single.Fingerprint)).Select(c => c.Fingerprint)];

    private static IReadOnlyList<string> Texts(StrictObject json, string key, string want) =>
        [.. json.Array(key).Select(h => h is JsonValue v && v.TryGetValue<string>(out var text) && Line().IsMatch(text) ? text
            : throw json.Bad(key, want))];

    [GeneratedRegex(@"\A[ -~]{1,400}\z")]
    private static partial Regex Line();
}
