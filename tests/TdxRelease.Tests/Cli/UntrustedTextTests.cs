using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Tests.Cli;

/// <summary>
/// Whatever an input says, no output carries what a terminal obeys, what turns text round, or what cannot be seen; and no secret.
/// </summary>
public sealed class UntrustedTextTests : IDisposable
{
    private const string Evil =
        "k\u001b[31m\nerror: forged\r\u202egpj.\u2066\u200b\u00ad\u0085\u2028 https://evil.example/x www.evil.example";
    private const string Quiet = "h\u202egpj\u200b";
    private readonly TempFolder temp = new();
    private readonly string hostile;

    public UntrustedTextTests()
    {
        Run.Tdxrel("sample", "create", temp["sample"]).Ends(0);
        Run.Tdxrel("sample", "create", temp["hostile"]).Ends(0);
        hostile = temp["hostile"];
        Directory.Delete(Path.Combine(hostile, SnapshotRecord.Folder), recursive: true);
        var mapping = JsonNode.Parse(File.ReadAllText(Path.Combine(hostile, "mapping_file.json")))!;
        mapping["Header"]![Evil] = Evil;
        mapping["tdx_module_releases"]![0]![Evil] = 1;
        File.WriteAllText(Path.Combine(hostile, "mapping_file.json"), mapping.ToJsonString());
    }

    public void Dispose() => temp.Dispose();

    public static TheoryData<string> Mapping =>
    [
        "validate {0}", "validate {0} --json", "validate {0} --lenient", "validate {0} --report text", "validate {0} --report json",
        "validate {0} --report sarif",
        "validate {0} --report junit", "validate {0} --report markdown",
        "verify {0}", "verify {0} --json", "verify {0} --lenient", "verify {0} --lenient --report markdown",
        "verify {0} --lenient --report sarif",
        "graph {0}", "plan {0} --cpu 0x806F8 --seamldr 1.5.02 --running 1.5.51", "report html {0} --out {1}",
        "report html {0} --out {1} --lenient", "report reference {0} --out {1}",
        "bundle {0} --unsigned --out {1}", "diff {0} {2}", "diff {0} {2} --json", "diff {0} {2} --report markdown",
        "fetch --source {0} --lock none --out {1}",
    ];

    [Theory]
    [MemberData(nameof(Mapping))]
    public void A_mapping_key_is_shown_and_not_obeyed(string line)
    {
        var policy = line.StartsWith("validate", StringComparison.Ordinal) || line.StartsWith("diff", StringComparison.Ordinal)
            || line.StartsWith("fetch", StringComparison.Ordinal) ? "" : " --policy sample";
        var args = (line + policy).Split(' ')
            .Select(word => word.Replace("{0}", hostile, StringComparison.Ordinal).Replace("{1}", temp["out"], StringComparison.Ordinal)
            .Replace("{2}", temp["sample"], StringComparison.Ordinal)).ToArray();
        var run = Clean(Run.Tdxrel(args));
        Assert.NotEqual(1, run.Code);
        foreach (var page in Directory.Exists(temp["out"]) ? Directory.GetFiles(temp["out"], "*.html") : [])
        {
            AssertClean(File.ReadAllText(page));
        }

        if (line.Contains("markdown", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("https://evil", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("www.evil", run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_key_is_there_to_be_seen()
    {
        Run.Tdxrel("verify", hostile, "--policy", "sample").Ends(3);
        var run = Run.Tdxrel("validate", hostile).Ends(3);
        Assert.Contains(@"k\x1b[31m\x0aerror: forged\x0d\u202egpj.\u2066\u200b\u00ad\u0085\u2028 https://evil.example/x", run.Errors,
            StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Run.Tdxrel("validate", hostile, "--json").Output);
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
    }

    [Theory]
    [InlineData("https://user:s3cret@h/" + Quiet)]
    [InlineData("https://user:s3cret@h/\u001b[31m\nerror: forged")]
    [InlineData("-o https://user:s3cret@h/" + Quiet)]
    public void A_lock_URL_is_shown_without_its_secret(string url)
    {
        var pin = LockFile.Of(
            Snapshot.Open(temp["sample"]), [new("git", "https://x.invalid")], "main", DateTimeOffset.UnixEpoch, "tdxrel 0",
            new Origin("git", null, new string('1', 40)));
        File.WriteAllText(temp["lock"],
            Encoding.UTF8.GetString(pin.ToJson())
            .Replace("\"https://x.invalid\"", JsonSerializer.Serialize(url), StringComparison.Ordinal));
        foreach (var args in (string[][])
            [
                ["fetch", "--lock", temp["lock"], "--offline", "--out", temp["out"]],
                ["fetch", "--lock", temp["lock"], "--source", temp["sample"], "--out", temp["out"]],
                ["fetch", "--lock", temp["lock"], "--source", temp["sample"], "--out", temp["out"], "--json"],
                ["diff", temp["lock"], temp["sample"]],
                ["check", "--lock", temp["lock"], "--source", temp["sample"], "--policy", "sample", "--out", temp["check"]],
            ])
        {
            Assert.NotEqual(1, Clean(Run.Tdxrel(args)).Code);
        }

        foreach (var file in Directory.Exists(temp["check"]) ? Directory.GetFiles(temp["check"]) : [])
        {
            AssertClean(File.ReadAllText(file));
        }
    }

    [Fact]
    public void File_and_host_names_are_shown_and_not_obeyed()
    {
        File.WriteAllText(Path.Combine(hostile, $"x{Quiet}\u001b[2J"), "");
        foreach (var args in (string[][])[["verify", hostile], ["bundle", hostile],
            ["fetch", "--source", hostile, "--lock", "none", "--out", temp["out"]], ["audit", Path.Combine(hostile, $"x{Quiet}\u001b[2J")]])
        {
            Assert.NotEqual(0, Clean(Run.Tdxrel(args)).Code);
        }

        File.WriteAllText(temp["hosts.csv"],
            $"host,cpu,seamldr,running\n{Quiet},0x806F8,1.5.02,1.5.51\nb\u001b[31m,0x806F8,1.5.02,1.5.51\n");
        foreach (var json in (string[][])[[], ["--json"]])
        {
            Clean(Run.Tdxrel(["plan", temp["sample"], "--policy", "sample", "--inventory", temp["hosts.csv"], .. json]));
        }

        Clean(Run.Tdxrel(Evil));
        Clean(Run.Tdxrel("verify", Evil));
    }

    [Theory]
    [InlineData("plain text, ü 漢字 \U0001F512", "plain text, ü 漢字 \U0001F512")]
    [InlineData("\u001b\u007f\u0085", @"\x1b\x7f\u0085")]
    [InlineData("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
        @"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")]
    [InlineData("\u200b\u200c\u200d\u2060\ufeff\u00ad\U000e0041", @"\u200b\u200c\u200d\u2060\ufeff\u00ad\udb40\udc41")]
    [InlineData("https://u:p@h/x and git+https://t@h", "https://h/x and git+https://h")]
    public void Each_kind_is_spelled_out(string text, string want)
    {
        Assert.Equal(want, UntrustedText.Visible(text));
        Assert.Equal(want, UntrustedText.Visible(UntrustedText.Visible(text)));
    }

    [Fact]
    public void A_lone_surrogate_is_spelled_out() => Assert.Equal(@"a\ud800b", UntrustedText.Visible("a" + (char)0xD800 + "b"));

    private static Run Clean(Run run)
    {
        AssertClean(run.Output);
        AssertClean(run.Errors);
        return run;
    }

    private static void AssertClean(string text)
    {
        Assert.Equal(text, UntrustedText.Document(text));
        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text.Split('\n'), line => line.StartsWith("error: forged", StringComparison.Ordinal));
    }
}
