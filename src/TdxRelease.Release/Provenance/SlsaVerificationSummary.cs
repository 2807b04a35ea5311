using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;

namespace TdxRelease.Release.Provenance;

/// <summary>
/// A SLSA verification summary (VSA) v1: the maintainer says that the subjects passed a policy. What slsa-verifier checks with a public
/// key.
/// </summary>
/// <param name="VerifierId">URI of who checked.</param>
/// <param name="TimeVerified">When.</param>
/// <param name="ResourceUri">What it is about, as users would ask for it.</param>
/// <param name="PolicyUri">The policy.</param>
/// <param name="PolicySha256">Its hash.</param>
/// <param name="InputAttestations">The attestations that were looked at.</param>
/// <param name="Passed">PASSED or FAILED.</param>
/// <param name="Levels">Such as <c>SLSA_BUILD_LEVEL_1</c>.</param>
public sealed partial record SlsaVerificationSummary(
    string VerifierId,
    DateTimeOffset TimeVerified,
    string ResourceUri,
    string PolicyUri,
    string PolicySha256,
    IReadOnlyList<ResourceDescriptor> InputAttestations,
    bool Passed,
    IReadOnlyList<string> Levels)
{
    /// <summary>URI of the predicate.</summary>
    public const string PredicateType = "https://slsa.dev/verification_summary/v1";

    private const string SlsaVersion = "1.0";

    /// <summary>The statement about these files.</summary>
    public Statement About(IReadOnlyList<Subject> subjects) => new(subjects, PredicateType, new JsonObject
    {
        ["verifier"] = new JsonObject { ["id"] = VerifierId },
        ["timeVerified"] = Rfc3339.Write(TimeVerified),
        ["resourceUri"] = ResourceUri,
        ["policy"] = new JsonObject { ["uri"] = PolicyUri, ["digest"] = new JsonObject { ["sha256"] = PolicySha256 } },
        ["inputAttestations"] = new JsonArray([.. InputAttestations.Select(a => (JsonNode)new JsonObject
        {
            ["uri"] = a.Uri ?? throw new TdxException(ExitCode.InternalError, "an input attestation has no URI"),
            ["digest"] = new JsonObject { ["sha256"] = a.Digests["sha256"] },
        })]),
        ["verificationResult"] = Passed ? "PASSED" : "FAILED",
        ["verifiedLevels"] = new JsonArray([.. Levels.Select(l => (JsonNode)l)]),
        ["slsaVersion"] = SlsaVersion,
    });

    /// <summary>Reads the predicate back.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static SlsaVerificationSummary Read(Statement statement, string name)
    {
        var predicate = StrictObject.Of(statement.Predicate, name);
        var verifier = predicate.Object("verifier");
        var policy = predicate.Object("policy");
        var digest = policy.Object("digest");
        var summary = new SlsaVerificationSummary(
            verifier.Text("id", ManifestReader.LinePattern(), "a URI"),
            predicate.Time("timeVerified"),
            predicate.Text("resourceUri", ManifestReader.LinePattern(), "a URI"),
            policy.Text("uri", ManifestReader.LinePattern(), "a URI"),
            digest.Text("sha256", ManifestReader.Sha256Pattern(), "64 lower-case hex digits"),
            [.. predicate.Objects("inputAttestations").Select(Input)],
            predicate.Text("verificationResult", ResultPattern(), "PASSED or FAILED") == "PASSED",
            [.. predicate.Array("verifiedLevels")
                .Select(l => l is JsonValue v && v.TryGetValue<string>(out var text) ? text
                : throw predicate.Bad("verifiedLevels", "texts"))]);
        _ = predicate.Text("slsaVersion", ManifestReader.LinePattern(), "a version");
        foreach (var part in (StrictObject[])[digest, policy, verifier, predicate])
        {
            part.Done();
        }

        return summary;
    }

    private static ResourceDescriptor Input(StrictObject json)
    {
        var digest = json.Object("digest");
        var input = new ResourceDescriptor(
            null,
            json.Text("uri", ManifestReader.LinePattern(), "a URI"),
            new Dictionary<string, string>
            {
                ["sha256"] = digest.Text("sha256", ManifestReader.Sha256Pattern(),
                "64 lower-case hex digits")
            });
        digest.Done();
        json.Done();
        return input;
    }

    [GeneratedRegex(@"\A(?:PASSED|FAILED)\z")]
    private static partial Regex ResultPattern();
}
