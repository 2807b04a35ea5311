using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Samples;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Verification;

/// <summary>What the readers of the trust policy and of the mapping refuse though every part of it is well formed.</summary>
public class ReaderBoundaryTests
{
    [Fact]
    public void A_policy_that_contradicts_or_repeats_itself_is_refused()
    {
        Assert.Equal([TrustRules.PolicySense], Policy(p => p["signers"]!.AsArray().Add(Twin(p, "another name"))));
        Assert.Equal([TrustRules.PolicyValue], Policy(p => p["licenses"]!.AsArray().Add(p["licenses"]![0]!.DeepClone())));
        Assert.Equal([TrustRules.PolicyValue], Policy(p => p["name"] = " "));
        Assert.Equal([TrustRules.PolicyValue], Policy(p => p["signers"]![0]!["name"] = "\t"));
        Assert.Equal([TrustRules.PolicyValue], Policy(p => p["signers"]![0]!["layout"] = "intel-rsa2048"));
        Assert.Empty(Policy(p => p["name"] = "!"));
    }

    [Fact]
    public void A_mapping_has_at_most_a_mebibyte()
    {
        var sample = SampleVerdicts.Files["mapping_file.json"].ToArray();
        byte[] largest = [.. sample, .. Enumerable.Repeat((byte)' ', MappingReader.MaxLength - sample.Length)];
        Assert.Empty(Mapping(largest));
        Assert.Equal([MappingRules.Syntax], Mapping([.. largest, (byte)' ']));
    }

    [Fact]
    public void A_strict_source_of_another_line_is_that_and_not_unlisted_too() =>
        Assert.Equal([MappingRules.StrictLine], Mapping(Releases(("1.5.05", "[]"), ("1.5.06", "[\"2.0.77\"]"))));

    [Fact]
    public void One_release_with_strict_sources_among_two_is_mixed() =>
        Assert.Equal([MappingRules.StrictMixed], Mapping(Releases(("1.5.05", null), ("1.5.06", "[\"1.5.05\"]"))));

    [Fact]
    public void Findings_come_in_the_order_of_the_file()
    {
        var text = Encoding.UTF8.GetString(Releases(("1.5.05", null)))
            .Replace("\"0x61F0FBF\"", "\"61\", \"unknown\": 1", StringComparison.Ordinal);
        Assert.Equal([MappingRules.FeaturesSyntax, MappingRules.Json.UnknownKey], Mapping(Encoding.UTF8.GetBytes(text)));
    }

    private static JsonNode Twin(JsonNode policy, string name)
    {
        var twin = policy["signers"]![0]!.DeepClone();
        twin["name"] = name;
        return twin;
    }

    private static List<Rule> Policy(Action<JsonNode> change)
    {
        var policy = JsonNode.Parse(SampleUpstream.PolicyBytes)!;
        change(policy);
        var findings = new List<Finding>();
        _ = TrustPolicyReader.Read(Encoding.UTF8.GetBytes(policy.ToJsonString()), "policy.json", findings);
        return [.. findings.Select(f => f.Rule)];
    }

    private static List<Rule> Mapping(byte[] utf8)
    {
        var findings = new List<Finding>();
        _ = MappingReader.Read(utf8, "mapping_file.json", Strictness.Strict, findings);
        return [.. findings.Select(f => f.Rule)];
    }

    private static byte[] Releases(params (string Version, string? Strict)[] releases)
    {
        var items = releases.Select(r =>
            $$"""{"version":"{{r.Version}}","min_module_version_for_td_preserving":"1.5.05","min_seamldr_versions":["1.5.00"],"""
            + (r.Strict is null ? "" : $"\"strict_compat_versions\":{r.Strict},")
            + "\"tdx_feature0\":\"0x61F0FBF\"}");
        return Encoding.UTF8.GetBytes(
            $$"""{"Header":{"Copyright":"","Info":"","Version":"1.0"},"tdx_module_releases":[{{string.Join(",", items)}}]}""");
    }
}
