using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Release;

public class ManifestTests
{
    [Fact]
    public void A_manifest_comes_back_as_it_was_written()
    {
        var json = SampleBundle.Manifest().ToJson();
        Assert.Equal(json, Manifest.Parse(json).ToJson());
        Assert.Equal((byte)'\n', json[^1]);
        Assert.Equal(1, json.Count(b => b == '\n'));
    }

    [Fact]
    public void The_order_of_the_lists_does_not_matter()
    {
        var manifest = SampleBundle.Manifest();
        var turned = manifest with { Files = [.. manifest.Files.Reverse()], Modules = [.. manifest.Modules.Reverse()] };
        Assert.Equal(manifest.ToJson(), turned.ToJson());
    }

    [Fact]
    public void What_would_be_refused_on_reading_is_not_written()
    {
        var e = Assert.Throws<TdxException>(() => (SampleBundle.Manifest() with { Expires = SampleBundle.Created }).ToJson());
        Assert.Equal(ExitCode.BadInput, e.Code);
    }

    [Fact]
    public void Whatever_mutation_is_accepted_writes_back_to_the_same_bytes()
    {
        var json = SampleBundle.Manifest().ToJson();
        var accepted = 0;
        Property.Check(3000, (random, _) =>
        {
            var changed = json.ToArray();
            changed[random.Next(changed.Length)] =
                (byte)(random.Next(3) == 0 ? random.Next(256) : "0123456789abcdef\"{}[],: "[random.Next(24)]);
            try
            {
                Assert.Equal(changed, Manifest.Parse(changed).ToJson());
                accepted++;
            }
            catch (TdxException e)
            {
                Assert.Equal(ExitCode.BadInput, e.Code);
            }
        });
        Assert.True(accepted > 100, $"only {accepted} mutations were accepted: the test tests nothing");
    }

    [Theory]
    [InlineData("1.5", "not a whole number")]
    [InlineData("1e3", "not a whole number")]
    [InlineData("9007199254740992", "beyond")]
    [InlineData("99999999999999999999", "not a whole number")]
    public void Numbers_that_readers_disagree_on_are_refused(string number, string message)
    {
        var e = Assert.Throws<TdxException>(() => CanonicalJson.ReadCanonical(Encoding.UTF8.GetBytes($"{{\"a\":{number}}}\n"), "x.json"));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":1,}", "x.json:1:8")]
    [InlineData("// c\n{}", "x.json:1:1")]
    [InlineData("{\"a\":1,\"a\":2}", "x.json")]
    [InlineData("{\"a\":\"\\ud800\"}", "x.json")]
    [InlineData("{} {}", "x.json:1:4")]
    [InlineData("null", "x.json")]
    [InlineData("", "x.json:1:1")]
    public void Broken_json_is_refused_with_its_place(string json, string place)
    {
        var e = Assert.Throws<TdxException>(() => CanonicalJson.ReadCanonical(Encoding.UTF8.GetBytes(json), "x.json"));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.StartsWith(place, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        var e = Assert.Throws<TdxException>(() => CanonicalJson.Read(Encoding.UTF8.GetBytes(new string('[', 100_000)), "x.json"));
        Assert.Equal(ExitCode.BadInput, e.Code);
    }

    [Fact]
    public void The_canonical_form_is_what_jq_prints()
    {
        var value = new JsonObject
        {
            ["z"] = new JsonArray(1, -5, 0, 9007199254740991),
            ["A"] = "\u0001\u0008\t\n\u000c\r\u001f \"\\/\u007f\u0080é\u2028\U0001F600",
            ["\U0001F600"] = null,
            ["\uFFFD"] = true,
            ["é"] = new JsonObject { ["b"] = false, ["a"] = new JsonObject() },
        };
        var canonical = CanonicalJson.Write(value);
        Assert.Equal(Encoding.UTF8.GetString(Jq(Encoding.UTF8.GetBytes(value.ToJsonString()))), Encoding.UTF8.GetString(canonical));
        Assert.Equal(canonical, CanonicalJson.Write(CanonicalJson.ReadCanonical(canonical, "x")));
    }

    [Fact]
    public void The_state_never_goes_down_and_a_broken_one_is_not_taken_for_empty()
    {
        var first = new AcceptedRelease("b", 5, new string('1', 64));
        var state = AcceptedReleases.Empty.With(first).With(new AcceptedRelease("a", 1, new string('2', 64)));
        Assert.Equal(state.ToJson(), AcceptedReleases.Parse(state.ToJson(), "seen.json").ToJson());
        Assert.Equal(["a", "b"], state.Releases.Select(r => r.Name));
        Assert.Same(state, state.With(first with { Sequence = 4 }));
        Assert.Same(state, state.With(first with { Sha256 = new string('3', 64) }));
        Assert.Equal(6, state.With(first with { Sequence = 6 }).Find("b")!.Sequence);
        Assert.Throws<TdxException>(() => AcceptedReleases.Parse(""u8, "seen.json"));
        Assert.Throws<TdxException>(() => AcceptedReleases.Parse("{\"format\":\"tdxrel-seen/1\"}\n"u8, "seen.json"));
    }

    [Fact]
    public void A_manifest_has_at_most_16_mib()
    {
        static string Refusal(int length) => Assert.Throws<TdxException>(() => Manifest.Parse(new byte[length])).Message;
        Assert.DoesNotContain("the limit is", Refusal(16 << 20), StringComparison.Ordinal);
        Assert.Contains("16777217 bytes, the limit is 16777216", Refusal((16 << 20) + 1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claimedCommit")]
    [InlineData("modifiedFrom")]
    public void A_commit_has_no_other_beside_it(string key)
    {
        var json = JsonNode.Parse(SampleBundle.Manifest().ToJson())!.AsObject();
        json["source"]![key] = new string('d', 40);
        var e = Assert.Throws<TdxException>(() => Manifest.Parse(CanonicalJson.Write(json)));
        Assert.Contains($"{key}", e.Message, StringComparison.Ordinal);
    }

    private static byte[] Jq(byte[] json)
    {
        using var process = Process.Start(
            new ProcessStartInfo("jq", "-cS .") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.BaseStream.Write(json);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
