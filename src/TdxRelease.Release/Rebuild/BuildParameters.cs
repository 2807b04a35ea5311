using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Packaging;
using TdxRelease.Release.Provenance;

namespace TdxRelease.Release.Rebuild;

/// <summary>
/// What decided a build: the external parameters of its provenance. With them and the upstream source the same bytes can be made again.
/// </summary>
/// <param name="Name">Base name of the bundle's files.</param>
/// <param name="Source">Upstream.</param>
/// <param name="Time">The one time of the release.</param>
/// <param name="Lifetime">How long the manifest counts.</param>
/// <param name="LicenseSha256">The licence text that was accepted.</param>
/// <param name="PolicySha256">The trust policy.</param>
/// <param name="Sample">BuiltPackage from the synthetic upstream.</param>
/// <param name="Unsigned">BuiltPackage without a key.</param>
public sealed record BuildParameters(
    string Name,
    ManifestSource Source,
    DateTimeOffset Time,
    TimeSpan Lifetime,
    string LicenseSha256,
    string PolicySha256,
    bool Sample,
    bool Unsigned)
{
    /// <summary>URI of this kind of build: how to read the parameters is in docs/formats.md.</summary>
    public const string BuildType = "urn:tdxrel:build:v1";

    internal const long MaxLifetime = 100L * 366 * 86_400;

    /// <summary>
    /// What decided the packages; null in the provenance of releases before it was recorded, whose packages have the release's date as
    /// version.
    /// </summary>
    public PackagingParameters? Packaging { get; init; }

    /// <summary>The parameters of a release that is being made.</summary>
    public static BuildParameters Of(PackageRequest request)
    {
        var (bundle, manifest) = (request.Bundle, request.Bundle.Manifest);
        return new BuildParameters(
            bundle.Name,
            manifest.Source,
            manifest.Created,
            manifest.Expires - manifest.Created,
            manifest.License.Sha256,
            manifest.PolicySha256,
            bundle.Name.StartsWith("tdx-module-SAMPLE", StringComparison.Ordinal),
            manifest.Unsigned)
        {
            Packaging = PackagingParameters.Of(request),
        };
    }

    /// <summary>The form in provenance.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["name"] = Name,
            ["source"] = Source.ToJson(),
            ["time"] = Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["lifetimeSeconds"] = (long)Lifetime.TotalSeconds,
            ["acceptedLicenseSha256"] = LicenseSha256,
            ["policySha256"] = PolicySha256,
            ["sample"] = Sample,
            ["unsigned"] = Unsigned,
        };
        if (Packaging is { } packaging)
        {
            json[PackagingParameters.Key] = packaging.ToJson();
        }

        return json;
    }

    /// <summary>Reads the parameters back from provenance.</summary>
    /// <exception cref="TdxException">Exit 3: another kind of build, or parameters that this version does not know.</exception>
    public static BuildParameters Read(SlsaProvenance provenance, string file)
    {
        if (provenance.BuildType != BuildType)
        {
            throw new TdxException(ExitCode.BadInput, $"{file}: build type \"{provenance.BuildType}\", want \"{BuildType}\"");
        }

        var json = provenance.ExternalParameters;
        var recorded = json.ContainsKey(PackagingParameters.Key);
        if (json["source"] is not JsonObject source || json.Count != (recorded ? 9 : 8))
        {
            throw Bad(file, "source", $"an object, and eight parameters beside \"{PackagingParameters.Key}\"");
        }

        var lifetime = Value<long>(json, "lifetimeSeconds", file);
        if (lifetime is < 1 or > MaxLifetime
            || !DateTimeOffset.TryParseExact(Value<string>(json, "time", file), "yyyy-MM-dd'T'HH:mm:ss'Z'", null,
            System.Globalization.DateTimeStyles.AssumeUniversal, out var time))
        {
            throw Bad(file, "time or lifetimeSeconds", "a UTC time, and a number of seconds up to a hundred years");
        }

        return new BuildParameters(
            Value<string>(json, "name", file),
            new ManifestSource(Value<string>(source, "url", file), Optional(source, "commit", file), Optional(source, "tree", file))
            {
                ClaimedCommit = Optional(source, "claimedCommit", file),
                ModifiedFrom = Optional(source, "modifiedFrom", file),
            },
            time,
            TimeSpan.FromSeconds(lifetime),
            Hash(json, "acceptedLicenseSha256", file),
            Hash(json, "policySha256", file),
            Value<bool>(json, "sample", file),
            Value<bool>(json, "unsigned", file))
        {
            Packaging = recorded ? PackagingParameters.Read(json[PackagingParameters.Key], file) : null,
        };
    }

    private static string Hash(JsonObject json, string key, string file)
    {
        var text = Value<string>(json, key, file);
        return Hex.Is(text, 64) ? text : throw Bad(file, key, "64 lower-case hex digits");
    }

    private static string? Optional(JsonObject json, string key, string file) =>
        json.ContainsKey(key) ? Value<string>(json, key, file) : null;

    private static T Value<T>(JsonObject json, string key, string file) =>
        json[key] is System.Text.Json.Nodes.JsonValue value && value.TryGetValue<T>(out var result) ? result
        : throw Bad(file, key, $"a {typeof(T).Name.ToLowerInvariant()}");

    private static TdxException Bad(string file, string key, string want) =>
        new(ExitCode.BadInput, $"{file}: build parameter {key}: want {want}");
}
