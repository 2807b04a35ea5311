using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NuGet.Versioning;
using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Verification;

/// <summary>What the reader of the trust policy says, word for word and with its place, and what a policy refuses.</summary>
public class TrustPolicyMessagesTests
{
    private const string Zeros = "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>A text of the sample's policy, what stands there instead, and all that is found.</summary>
    [Theory]
    [InlineData("policy/1", "policy/2", "2:13: POL-006: \"format\" is \"tdxrel-trust-policy/2\", want \"tdxrel-trust-policy/1\"")]
    [InlineData("\"tdxrel-trust-policy/1\"", "1", "2:13: POL-004: the policy: \"format\" is a number, want a string")]
    [InlineData("\"bb5e52cb7dda8434363086c8a2cb0a0adf06ece3794b8b4e70faa20c4f62ecddc991d28845ce80899adbc32422781d0f\"", "1",
        "7:24: POL-004: a signer: \"modulusSha384\" is a number, want a string")]
    [InlineData("\"format\": \"tdxrel-trust-policy/1\",", "", "1:1: POL-003: the policy: key \"format\" is missing")]
    [InlineData("  \"name\": \"TEST - synthetic sample only\",", "", "1:1: POL-003: the policy: key \"name\" is missing")]
    [InlineData("\"paddings\": [\"pkcs1-v1.5\"],", "", "1:1: POL-003: the policy: key \"paddings\" is missing")]
    [InlineData("\"allowDebug\": true,", "", "1:1: POL-003: the policy: key \"allowDebug\" is missing")]
    [InlineData("\"minKeyBits\": { \"sigstruct\": 3072, \"bundle\": 4096 },", "",
        "1:1: POL-003: the policy: key \"minKeyBits\" is missing")]
    [InlineData("{ \"sigstruct\": 3072, \"bundle\": 4096 }", "{}", "18:17: POL-003: minKeyBits: key \"sigstruct\" is missing",
        "18:17: POL-003: minKeyBits: key \"bundle\" is missing")]
    [InlineData("{ \"sigstruct\": 3072, \"bundle\": 4096 }", "3072",
        "18:17: POL-004: the policy: \"minKeyBits\" is a number, want an object")]
    [InlineData("\"bundle\": 4096", "\"bundle\": 1024",
        "18:48: POL-006: minKeyBits: \"bundle\" is 1024, want one of 2048 3072 4096 6144 8192 16384")]
    [InlineData("\"minKeyBits\": 3072", "\"minKeyBits\": 3073",
        "8:21: POL-006: a signer: \"minKeyBits\" is 3073, want one of 2048 3072 4096 6144 8192 16384")]
    [InlineData("\"sigstruct\": 3072", "\"sigstruct\": \"3072\"", "18:32: POL-004: minKeyBits: \"sigstruct\" is a string, want a number")]
    [InlineData("\"name\": \"TEST - synthetic sample only\"", "\"name\": 1",
        "3:11: POL-004: the policy: \"name\" is a number, want a string")]
    [InlineData("TEST - synthetic sample only", " ", "3:11: POL-006: the policy: \"name\" is empty")]
    [InlineData("tdxrel TEST key RSA-3072", "", "6:15: POL-006: a signer: \"name\" is empty")]
    [InlineData("\"layout\": \"intel-rsa3072\"", "\"layout\": \"x\"",
        "9:17: POL-006: a signer: layout \"x\" is unknown, want \"intel-rsa3072\" or \"synthetic-rsa4096\"")]
    [InlineData("\"layout\": \"intel-rsa3072\"", "\"layout\": 1", "9:17: POL-004: a signer: \"layout\" is a number, want a string")]
    [InlineData("\"layout\": \"intel-rsa3072\"", "\"layouts\": 1", "9:7: POL-005: a signer: unknown key \"layouts\"",
        "5:5: POL-003: a signer: key \"layout\" is missing")]
    [InlineData("\"bb5e52cb", "\"BB5E52CB",
        "7:24: POL-006: modulusSha384: "
            + "\"BB5E52CB7dda8434363086c8a2cb0a0adf06ece3794b8b4e70faa20c4f62ecddc991d28845ce80899adbc32422781d0f\" "
            + "is not 96 lower-case hexadecimal digits")]
    [InlineData("\"sha384\"]", "\"sha384\", \"sha384\"]", "19:25: POL-006: \"digests\" has \"sha384\" twice")]
    [InlineData("[\"sha384\"]", "[]", "19:3: POL-006: \"digests\" is empty, want \"sha384\"")]
    [InlineData("[\"sha384\"]", "[1]", "19:15: POL-004: an item of \"digests\" is a number, want a string")]
    [InlineData("[\"sha384\"]", "\"sha384\"", "19:14: POL-004: the policy: \"digests\" is a string, want an array")]
    [InlineData("[\"sha384\"]", "[\"sha256\"]", "19:15: POL-006: \"digests\": \"sha256\" is not supported, want \"sha384\"")]
    [InlineData("[\"pkcs1-v1.5\"]", "[\"pss\"]", "20:16: POL-006: \"paddings\": \"pss\" is not supported, want \"pkcs1-v1.5\"")]
    [InlineData("\"allowDebug\": true", "\"allowDebug\": null", "21:17: POL-004: the policy: \"allowDebug\" is null, want a boolean")]
    [InlineData("\"f63bf734", "\"0f63bf734",
        "22:16: POL-006: licenses: \"0f63bf734ca7783272e35f0b12a45efb6d21c291a8230d3ef90d5aca65b903eeb\" "
            + "is not 64 lower-case hexadecimal digits")]
    [InlineData("\"licenses\"", "\"deniedVersions\": [{}], \"licenses\"",
        "22:22: POL-003: a denied version: key \"range\" is missing", "22:22: POL-003: a denied version: key \"reason\" is missing")]
    [InlineData("\"licenses\"", "\"deniedVersions\": [{\"range\":\"1.5\",\"reason\":\" \"}], \"licenses\"",
        "22:46: POL-006: a denied version: \"reason\" is empty",
        "22:31: POL-006: \"1.5\" is neither a version nor a NuGet range such as [1.5.13,1.6.0)")]
    [InlineData("\"licenses\"", "\"deniedVersions\": [{\"range\":\"(1.5.01,1.5.01)\",\"reason\":1}], \"licenses\"",
        "22:58: POL-004: a denied version: \"reason\" is a number, want a string",
        "22:31: POL-007: \"(1.5.01,1.5.01)\" is an empty version range")]
    [InlineData("\"licenses\"", "\"deniedVersions\": [{\"range\":1,\"reason\":\"r\"}], \"licenses\"",
        "22:31: POL-004: a denied version: \"range\" is a number, want a string")]
    [InlineData("\"licenses\"", "\"deniedMeasurements\": [{}], \"licenses\"",
        "22:26: POL-003: a denied measurement: key \"mrseam\" is missing",
        "22:26: POL-003: a denied measurement: key \"reason\" is missing")]
    [InlineData("\"licenses\"", "\"deniedMeasurements\": [{\"mrseam\":\"0\",\"reason\":\"\"}], \"licenses\"",
        "22:49: POL-006: a denied measurement: \"reason\" is empty",
        "22:36: POL-006: mrseam: \"0\" is not 96 lower-case hexadecimal digits")]
    [InlineData("\"licenses\"", "\"deniedMeasurements\": [{\"mrseam\":1,\"reason\":\"r\"}], \"licenses\"",
        "22:36: POL-004: a denied measurement: \"mrseam\" is a number, want a string")]
    [InlineData("\"licenses\"", "\"allowedVersions\": [\"1.5.05\", \"1.5.05\"], \"licenses\"",
        "22:33: POL-006: \"allowedVersions\" has \"1.5.05\" twice")]
    [InlineData("\"licenses\"", "\"allowedVersions\": [{}], \"licenses\"",
        "22:23: POL-004: an item of \"allowedVersions\" is an object, want a string")]
    [InlineData("\"minKeyBits\": 3072", "\"minKeyBits\": 4096",
        "4:3: POL-007: signer \"tdxrel TEST key RSA-3072\": layout intel-rsa3072 has 3072 bits, minKeyBits demands 4096")]
    [InlineData("\"minKeyBits\": 4096", "\"minKeyBits\": 6144",
        "4:3: POL-007: signer \"tdxrel TEST key RSA-4096\": layout synthetic-rsa4096 has 4096 bits, minKeyBits demands 6144")]
    [InlineData("\"352305c77412e7e291ac2eb3ef458405b48d1a19aba3b7cfa1b2febc55daa3e928b94c37adb4408e4ac2f05b75408508\"",
        "\"bb5e52cb7dda8434363086c8a2cb0a0adf06ece3794b8b4e70faa20c4f62ecddc991d28845ce80899adbc32422781d0f\"",
        "4:3: POL-007: signer bb5e52cb7dda8434363086c8a2cb0a0adf06ece3794b8b4e70faa20c4f62ecddc991d28845ce80899adbc32422781d0f "
            + "is pinned 2 times, as \"tdxrel TEST key RSA-3072\", \"tdxrel TEST key RSA-4096\"")]
    public void What_is_wrong_with_a_policy(string from, string to, params string[] want) =>
        Assert.Equal(want.Select(w => $"p.json:{w}"), Findings(Sample().Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public void A_policy_without_signers_says_so_and_one_that_is_no_object_is_no_policy()
    {
        var text = Sample();
        var (start, end) = (text.IndexOf('[', StringComparison.Ordinal), text.IndexOf("],", StringComparison.Ordinal));
        Assert.Equal(["p.json:4:14: POL-006: \"signers\" is empty: the policy would refuse everything"],
            Findings($"{text[..start]}[{text[end..]}"));
        Assert.Equal(["p.json:4:14: POL-004: the policy: \"signers\" is an object, want an array"],
            Findings($"{text[..start]}{{}}{text[(end + 1)..]}"));
        Assert.Equal(["p.json:1:1: POL-003: the policy: key \"signers\" is missing"],
            Findings($"{text[..text.IndexOf("\"signers\"", StringComparison.Ordinal)]}{text[(end + 2)..]}"));
        Assert.Equal(["p.json:1:1: POL-004: the document is an array, want an object"], Findings("[]"));
    }

    [Fact]
    public void A_policy_that_cannot_be_read_says_where_its_form_is_described()
    {
        var e = Assert.Throws<TdxException>(() => TrustPolicy.Read(Encoding.UTF8.GetBytes("[]"), "p.json"));
        Assert.Equal("schemas/trust-policy.schema.json describes the file", e.Hint);
    }

    [Fact]
    public void Everything_that_a_policy_says_arrives()
    {
        var text = Sample().Replace("\"licenses\"",
            "\"allowedVersions\": [\"[1.5.05,1.6.0)\"], \"deniedVersions\": [{\"range\":\"1.5.06\",\"reason\":\"v\"}], "
                + $"\"deniedMeasurements\": [{{\"mrseam\":\"{Zeros}\",\"reason\":\"m\"}}], \"licenses\"",
            StringComparison.Ordinal);
        var policy = TrustPolicy.Read(Encoding.UTF8.GetBytes(text), "p.json");
        Assert.Equal(("TEST - synthetic sample only", 3072, 4096, true),
            (policy.Name, policy.MinSigstructBits, policy.MinBundleBits, policy.AllowDebug));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), policy.Sha256);
        Assert.Equal([("tdxrel TEST key RSA-3072", 3072, "intel-rsa3072"), ("tdxrel TEST key RSA-4096", 4096, "synthetic-rsa4096")],
            policy.Signers.Select(s => (s.Name, s.MinKeyBits, s.Layout)));
        Assert.Equal("f63bf734ca7783272e35f0b12a45efb6d21c291a8230d3ef90d5aca65b903eeb", Assert.Single(policy.Licenses));
        Assert.Equal("[1.5.05,1.6.0)", Assert.Single(policy.AllowedVersions).OriginalString);
        Assert.Equal([("1.5.06", null, "v"), (null, Zeros, "m")],
            policy.Denied.Select(d => (d.Range?.OriginalString, d.MrSeam, d.Reason)));
        Assert.False(TrustPolicy.Read(Encoding.UTF8.GetBytes(text.Replace("true", "false", StringComparison.Ordinal)), "p").AllowDebug);
    }

    [Theory]
    [InlineData("1.5.06", Zeros, "TRUST-005: version 1.5.06 is denied by 1.5.06: v")]
    [InlineData("1.5.05", Zeros, "TRUST-006: measurement " + Zeros + " is denied: m")]
    [InlineData("1.5.05", "1", null)]
    [InlineData("2.0.03", "1", null)]
    [InlineData("2.0.04", "1", "TRUST-007: version 2.0.04 is in none of the allowed ranges [1.5.05,1.6.0) 2.0.03")]
    [InlineData("1.5.04", "1", "TRUST-007: version 1.5.04 is in none of the allowed ranges [1.5.05,1.6.0) 2.0.03")]
    public void What_a_policy_refuses(string version, string mrSeam, string? want)
    {
        var policy = SampleUpstream.Policy with
        {
            AllowedVersions = [Range("[1.5.05,1.6.0)"), Range("2.0.03")],
            Denied = [new Denial(Range("1.5.06"), null, "v"), new Denial(null, Zeros, "m")],
        };
        var refusal = policy.Refusal(ModuleVersion.Parse(version), mrSeam);
        Assert.Equal(want, refusal is { } r ? string.Create(CultureInfo.InvariantCulture, $"{r.Rule.Id}: {r.Reason}") : null);
        Assert.Null((policy with { AllowedVersions = [], Denied = [] }).Refusal(ModuleVersion.Parse(version), mrSeam));
    }

    private static VersionRange Range(string text) => VersionRanges.Parse(text, out _)!;

    private static string Sample() => Encoding.UTF8.GetString(SampleUpstream.PolicyBytes);

    private static IEnumerable<string> Findings(string text)
    {
        var findings = new List<Finding>();
        _ = TrustPolicyReader.Read(Encoding.UTF8.GetBytes(text), "p.json", findings);
        return findings.Select(f => f.ToString());
    }
}
