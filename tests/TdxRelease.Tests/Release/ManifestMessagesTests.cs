using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Release.Manifests;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Release;

/// <summary>What the readers of the manifest and of the state file say, word for word, and the last value that they take.</summary>
public class ManifestMessagesTests
{
    private static readonly string Hash = new('0', 64);

    /// <summary>Path of a member, what stands there instead (nothing removes it), and the message.</summary>
    [Theory]
    [InlineData("format", "\"tdxrel-manifest/10\"", "m.json: format: \"tdxrel-manifest/10\", want \"tdxrel-manifest/1\"")]
    [InlineData("format", "\"xtdxrel-manifest/1\"", "m.json: format: \"xtdxrel-manifest/1\", want \"tdxrel-manifest/1\"")]
    [InlineData("name", "\"A\"", "m.json: name: \"A\", want lower-case letters, digits and +-.")]
    [InlineData("sequence", "0", "m.json: sequence: 0, want a whole number from 1 to 9007199254740991")]
    [InlineData("created", "1", "m.json: created: 1, want a time such as 2026-02-10T12:00:00Z")]
    [InlineData("expires", null, "m.json: key \"expires\" is missing")]
    [InlineData("expires", "\"2026-02-10T12:00:00Z\"",
        "m.json: expires 2026-02-10T12:00:00Z, not after it was created, 2026-02-10T12:00:00Z")]
    [InlineData("unsigned", "false", "m.json: unsigned: false, want true, or no such key")]
    [InlineData("unsigned", "1", "m.json: unsigned: 1, want true or false")]
    [InlineData("tool", "\"a\\nb\"", "m.json: tool: \"a\\nb\", want printable text")]
    [InlineData("extra", "1", "m.json: unknown key \"extra\"")]
    [InlineData("source", "1", "m.json: source: 1, want an object")]
    [InlineData("source.url", "\"\"", "m.json: source.url: \"\", want a URL")]
    [InlineData("source.commit", "\"ab\"", "m.json: source.commit: \"ab\", want 40 or 64 lower-case hex digits")]
    [InlineData("source.tree", "\"ab\"", "m.json: source.tree: \"ab\", want 40 or 64 lower-case hex digits")]
    [InlineData("source.claimedCommit", "\"ab\"", "m.json: source.claimedCommit: \"ab\", want 40 or 64 lower-case hex digits")]
    [InlineData("source.modifiedFrom", "\"ab\"", "m.json: source.modifiedFrom: \"ab\", want 40 or 64 lower-case hex digits")]
    [InlineData("source.claimedCommit", "\"0123456789012345678901234567890123456789\"",
        "m.json: source.claimedCommit: \"0123456789012345678901234567890123456789\", want no such key beside \"commit\"")]
    [InlineData("source.modifiedFrom", "\"0123456789012345678901234567890123456789\"",
        "m.json: source.modifiedFrom: \"0123456789012345678901234567890123456789\", want no such key beside \"commit\"")]
    [InlineData("source.extra", "1", "m.json: source: unknown key \"extra\"")]
    [InlineData("license.extra", "1", "m.json: license: unknown key \"extra\"")]
    [InlineData("license.path", "\"/a\"", "m.json: license.path: \"/a\", want a safe relative path")]
    [InlineData("license.path", "\"a\"", "m.json: the licence \"a\" is not among the files")]
    [InlineData("license.sha256", "\"a\"", "m.json: license.sha256: \"a\", want 64 lower-case hex digits")]
    [InlineData("policy.sha256", "\"a\"", "m.json: policy.sha256: \"a\", want 64 lower-case hex digits")]
    [InlineData("policy.extra", "1", "m.json: policy: unknown key \"extra\"")]
    [InlineData("files", "{}", "m.json: files: {}, want an array")]
    [InlineData("files.0.extra", "1", "m.json: files[0]: unknown key \"extra\"")]
    [InlineData("files.0.path", "\"a/../b\"", "m.json: files[0].path: \"a/../b\", want a safe relative path")]
    [InlineData("files.0.length", "-1", "m.json: files[0].length: -1, want a whole number from 0 to 9007199254740991")]
    [InlineData("files.0.sha256", "\"a\"", "m.json: files[0].sha256: \"a\", want 64 lower-case hex digits")]
    [InlineData("files.0.sha384", "\"a\"", "m.json: files[0].sha384: \"a\", want 96 lower-case hex digits")]
    [InlineData("files.1.path", "\"manifest.json\"", "m.json: files[1]: \"manifest.json\" cannot list itself")]
    [InlineData("files.1.path", "\"manifest.json.sig\"", "m.json: files[1]: \"manifest.json.sig\" cannot list itself")]
    [InlineData("files.1.path", "\"manifest.json.asc\"", "m.json: files[1]: \"manifest.json.asc\" cannot list itself")]
    [InlineData("files.1.path", "\"A\"", "m.json: files[1]: \"A\" is out of order or there twice")]
    [InlineData("files.1.path", "\"BINARIES_LICENSE\"", "m.json: files[1]: \"BINARIES_LICENSE\" is out of order or there twice")]
    [InlineData("files.1.path", "\"binaries_license\"", "m.json: files[1]: \"binaries_license\" differs from another path in case only")]
    [InlineData("modules.0.extra", "1", "m.json: modules[0]: unknown key \"extra\"")]
    [InlineData("modules.0.version", "\"1.5\"", "m.json: modules[0].version: \"1.5\", want a version such as 1.5.05")]
    [InlineData("modules.0.version", "\"1.5.5\"", "m.json: modules[0].version: \"1.5.5\", want a version such as 1.5.05")]
    [InlineData("modules.0.version", "1", "m.json: modules[0].version: 1, want a version")]
    [InlineData("modules.0.mrseam", "\"a\"", "m.json: modules[0].mrseam: \"a\", want 96 lower-case hex digits")]
    [InlineData("modules.0.svn", "\"1\"", "m.json: modules[0].svn: \"1\", want major.minor")]
    [InlineData("modules.0.svn", "\"01.1\"", "m.json: modules[0].svn: \"01.1\", want major.minor")]
    [InlineData("modules.0.svn", "\"256.1\"", "m.json: modules[0].svn: \"256.1\", want two numbers from 0 to 255")]
    [InlineData("modules.0.svn", "\"1.256\"", "m.json: modules[0].svn: \"1.256\", want two numbers from 0 to 255")]
    [InlineData("modules.0.features0", "\"0x0F\"", "m.json: modules[0].features0: \"0x0F\", want 0x and upper-case hex digits")]
    [InlineData("modules.0.signer", "\"a\"", "m.json: modules[0].signer: \"a\", want 96 lower-case hex digits")]
    [InlineData("modules.0.keyBits", "1023", "m.json: modules[0].keyBits: 1023, want a whole number from 1024 to 16384")]
    [InlineData("modules.0.keyBits", "16385", "m.json: modules[0].keyBits: 16385, want a whole number from 1024 to 16384")]
    [InlineData("modules.0.debug", "0", "m.json: modules[0].debug: 0, want true or false")]
    [InlineData("modules.0.date", "1", "m.json: modules[0].date: 1, want a date")]
    [InlineData("modules.0.date", "\"2025-02-29\"", "m.json: modules[0].date: \"2025-02-29\", want a date such as 2025-03-25")]
    [InlineData("modules.0.image", "\"\"", "m.json: modules[0].image: \"\", want a path")]
    [InlineData("modules.0.image", "\"a\"", "m.json: modules[0]: the image \"a\" is not among the files")]
    [InlineData("modules.0.rules", "-1", "m.json: modules[0].rules: -1, want a whole number from 0 to 2147483647")]
    [InlineData("modules.0.version", "\"2.0.08\"", "m.json: modules[1]: 2.0.08 is out of order or there twice")]
    [InlineData("modules.0.version", "\"2.0.09\"", "m.json: modules[1]: 2.0.08 is out of order or there twice")]
    [InlineData("modules.0.cpus", "[]", "m.json: modules[0].cpus: [], want at least one CPU signature")]
    [InlineData("modules.0.cpus", "\"0x806F0\"", "m.json: modules[0].cpus: \"0x806F0\", want an array")]
    public void What_is_wrong_with_a_manifest(string path, string? value, string want) =>
        Assert.Equal((ExitCode.BadInput, want), Refusal(() => Manifest.Parse(Changed(path, value), "m.json")));

    [Theory]
    [InlineData("1")]
    [InlineData("\"x\"")]
    [InlineData("\"0x806f0\"")]
    [InlineData("\"0x806F8\"")]
    [InlineData("\"0x806F0\",\"0x806F0\"")]
    [InlineData("\"0xC06F0\",\"0x806F0\"")]
    public void A_table_of_processors_has_one_spelling(string items) =>
        Assert.Equal((ExitCode.BadInput,
            $"m.json: modules[0].cpus: [{items}], want CPU signatures such as \"0x806F0\", sorted, each once, stepping masked"),
            Refusal(() => Manifest.Parse(Changed("modules.0.cpus", $"[{items}]"), "m.json")));

    [Theory]
    [InlineData(255, null)]
    [InlineData(256, "m.json: modules[0].cpus: 256 items, the limit is 255")]
    public void A_table_of_processors_is_as_long_as_a_sigstructs(int count, string? want)
    {
        var bytes = Changed("modules.0.cpus", $"[{string.Join(",", Enumerable.Range(1, count).Select(i => $"\"0x{i << 4:X}\""))}]");
        Assert.Equal(want, Record.Exception(() => Manifest.Parse(bytes, "m.json"))?.Message);
    }

    [Fact]
    public void A_licence_with_two_hashes_says_both() =>
        Assert.Equal((ExitCode.BadInput,
            $"m.json: the licence \"BINARIES_LICENSE\" has two hashes: {Hash} and, among the files, "
            + SampleBundle.Manifest().License.Sha256),
            Refusal(() => Manifest.Parse(Changed("license.sha256", $"\"{Hash}\""), "m.json")));

    [Theory]
    [InlineData("sequence", "9007199254740991")]
    [InlineData("unsigned", "true")]
    [InlineData("expires", "\"2026-02-10T12:00:01Z\"")]
    [InlineData("source.commit", "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"")]
    [InlineData("source.tree", null)]
    [InlineData("files.1.length", "0")]
    [InlineData("modules.0.svn", "\"255.255\"")]
    [InlineData("modules.0.svn", "\"0.0\"")]
    [InlineData("modules.0.features0", "\"0xFFFFFFFFFFFFFFFF\"")]
    [InlineData("modules.0.keyBits", "1024")]
    [InlineData("modules.0.keyBits", "16384")]
    [InlineData("modules.0.debug", "true")]
    [InlineData("modules.0.rules", "0")]
    [InlineData("modules.0.rules", "2147483647")]
    [InlineData("modules.0.date", "\"2024-02-29\"")]
    public void What_lies_at_a_bound_is_taken_and_written_back(string path, string? value)
    {
        var bytes = Changed(path, value);
        Assert.Equal(bytes, Manifest.Parse(bytes).ToJson());
        Assert.NotNull(Manifest.TryParse(bytes));
    }

    [Fact]
    public void What_cannot_be_read_claims_nothing() => Assert.Null(Manifest.TryParse("{}"u8));

    [Theory]
    [InlineData("https://example.invalid/x", true)]
    [InlineData("/srv/x", false)]
    [InlineData("https://example.invalid/x.tar", false)]
    [InlineData("https://example.invalid/x.tar.gz", false)]
    [InlineData("https://example.invalid/x.tgz", false)]
    [InlineData("https://example.invalid/x.tar.zst", false)]
    [InlineData("https://example.invalid/x.zip", false)]
    [InlineData("https://example.invalid/x.bundle", false)]
    public void An_archive_or_a_copy_is_no_repository(string url, bool repository)
    {
        Assert.Equal(repository, new ManifestSource(url, new string('a', 40), null).IsRepository);
        Assert.False(new ManifestSource(url, null, null).IsRepository);
    }

    [Fact]
    public void A_source_is_written_with_what_is_known_of_it()
    {
        Assert.Equal("{\"url\":\"u\"}", new ManifestSource("u", null, null).ToJson().ToJsonString());
        Assert.Equal("{\"url\":\"u\",\"commit\":\"c\",\"tree\":\"t\",\"claimedCommit\":\"d\",\"modifiedFrom\":\"m\"}",
            new ManifestSource("u", "c", "t") { ClaimedCommit = "d", ModifiedFrom = "m" }.ToJson().ToJsonString());
    }

    [Theory]
    [InlineData("tdxrel-seen/2", "[]", "s.json: format: \"tdxrel-seen/2\", want \"tdxrel-seen/1\"")]
    [InlineData("tdxrel-seen/1", "{}", "s.json: releases: {}, want an array")]
    [InlineData("tdxrel-seen/1", "[1]", "s.json: releases[0]: 1, want an object")]
    [InlineData("tdxrel-seen/1", "[{\"name\":\"A\"}]", "s.json: releases[0].name: \"A\", want lower-case letters, digits and +-.")]
    [InlineData("tdxrel-seen/1", "[{\"name\":\"a\",\"sequence\":0}]",
        "s.json: releases[0].sequence: 0, want a whole number from 1 to 9007199254740991")]
    [InlineData("tdxrel-seen/1", "[{\"name\":\"a\",\"sequence\":1,\"sha256\":\"\"}]",
        "s.json: releases[0].sha256: \"\", want 64 lower-case hex digits")]
    [InlineData("tdxrel-seen/1", "[{\"extra\":1,\"name\":\"a\",\"sequence\":1,\"sha256\":\"HASH\"}]",
        "s.json: releases[0]: unknown key \"extra\"")]
    [InlineData("tdxrel-seen/1",
        "[{\"name\":\"a\",\"sequence\":1,\"sha256\":\"HASH\"},{\"name\":\"a\",\"sequence\":2,\"sha256\":\"HASH\"}]",
        "s.json: releases[1].name: \"a\", want names in order, each once")]
    [InlineData("tdxrel-seen/1",
        "[{\"name\":\"b\",\"sequence\":1,\"sha256\":\"HASH\"},{\"name\":\"a\",\"sequence\":2,\"sha256\":\"HASH\"}]",
        "s.json: releases[1].name: \"a\", want names in order, each once")]
    [InlineData("tdxrel-seen/1", "[],\"unknown\":1", "s.json: unknown key \"unknown\"")]
    public void What_is_wrong_with_a_state_file(string format, string releases, string want)
    {
        var text = $"{{\"format\":\"{format}\",\"releases\":{releases.Replace("HASH", Hash, StringComparison.Ordinal)}}}\n";
        Assert.Equal((ExitCode.BadInput, want), Refusal(() => AcceptedReleases.Parse(Encoding.UTF8.GetBytes(text), "s.json")));
    }

    [Fact]
    public void A_state_file_comes_back_as_it_was_written()
    {
        var text = $"{{\"format\":\"tdxrel-seen/1\",\"releases\":[{{\"name\":\"a\",\"sequence\":1,\"sha256\":\"{Hash}\"}},"
            + $"{{\"name\":\"b\",\"sequence\":9007199254740991,\"sha256\":\"{Hash}\"}}]}}\n";
        Assert.Equal(text, Encoding.UTF8.GetString(AcceptedReleases.Parse(Encoding.UTF8.GetBytes(text), "s.json").ToJson()));
        Assert.Equal("{\"format\":\"tdxrel-seen/1\",\"releases\":[]}\n", Encoding.UTF8.GetString(AcceptedReleases.Empty.ToJson()));
    }

    private static (ExitCode Code, string Message) Refusal(Action parse)
    {
        var e = Assert.Throws<TdxException>(parse);
        return (e.Code, e.Message);
    }

    private static byte[] Changed(string path, string? value)
    {
        var root = JsonNode.Parse(SampleBundle.Manifest().ToJson())!;
        var names = path.Split('.');
        var owner = names[..^1].Aggregate(root, (node, name) => char.IsAsciiDigit(name[0]) ? node[name[0] - '0']! : node[name]!);
        if (value is null)
        {
            owner.AsObject().Remove(names[^1]);
        }
        else
        {
            owner[names[^1]] = JsonNode.Parse(value);
        }

        return CanonicalJson.Write(root);
    }
}
