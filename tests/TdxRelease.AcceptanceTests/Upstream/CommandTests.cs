using System.Text.Json.Nodes;
using TdxRelease.Testing;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;

namespace TdxRelease.AcceptanceTests.Acquisition;

/// <summary>A team that follows upstream with the real program: Intel's history on a local git server, one state after the other.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Mapping = "mapping_file.json";

    private readonly TempFolder temp = new();
    private readonly Tdxrel tdxrel;

    public CommandTests() => tdxrel = new Tdxrel(temp);

    public void Dispose() => temp.Dispose();

    [UpstreamFact]
    public async Task From_the_first_lock_to_the_newest_state_and_offline()
    {
        using var history = new UpstreamHistory(temp["served"]);
        var url = await history.ServeAsync();
        Tip(history, history.First);
        tdxrel.Run(0, "fetch", "--source", url, "--ref", "main", "--update-lock", "--out", "first");
        Assert.Equal(history.First, Locked().Commit);
        Check(0, "# Upstream is unchanged");
        Assert.Contains("reused: fetch, validate, verify (12 files in the cache, 3 modules", Check(0, "# Upstream is unchanged"),
            StringComparison.Ordinal);

        Tip(history, history.Third);
        var text = Check(0, "# Upstream changed, and the change is safe");
        Assert.Contains("changed and safe: git apply", text, StringComparison.Ordinal);
        Assert.Contains("DRIFT-001", File.ReadAllText(temp["report/check.md"]), StringComparison.Ordinal);
        history.Git("init", "--quiet", temp.Path);
        history.Git("-C", temp.Path, "apply", temp["report/lock.patch"]);
        Assert.Equal(history.Third, Locked().Commit);
        Assert.Equal(LockFile.Read(Path.Combine(TestData.Checkout, LockFile.FileName)).Files, Locked().Files);
        Assert.Contains("already", tdxrel.Run(0, "fetch", "--update-lock", "--out", "third").Output, StringComparison.Ordinal);
        tdxrel.Run(7, "fetch", "--update-lock", "--ref", history.First, "--out", "back").Refused("does not descend");
        Assert.Equal(history.Third, Locked().Commit);

        tdxrel.Run(7, "diff", "first", "third");
        tdxrel.Run(0, "diff", LockFile.FileName, "third");
        tdxrel.Run(0, "bundle", "third", "--unsigned", "--accept-license", Locked().LicenseSha256, "--formats", "tar", "--out", "bundle");
        var tar = Directory.GetFiles(temp["bundle"], "*.tar.gz").Single();
        tdxrel.Run(0, "diff", tar, "third");
        Assert.Contains("DRIFT-001", tdxrel.Run(7, "diff", "first", tar).Output, StringComparison.Ordinal);

        history.Stop();
        tdxrel.Run(0, "fetch", "--offline", "--out", "offline");
        Assert.Empty(Locked().Compare(TdxRelease.Upstream.Snapshots.Snapshot.Open(temp["offline"])));
        Assert.Contains($"reused {Locked().Files.Count} files of commit", tdxrel.Run(0, "fetch", "--offline", "--out", "offline").Errors,
            StringComparison.Ordinal);
        Check(6, "# Upstream cannot be reached");
        Assert.Empty(new ContentCache(tdxrel.CacheRoot).Verify());
    }

    [UpstreamFact]
    public async Task Each_kind_of_drift_has_its_exit_and_page()
    {
        using var history = new UpstreamHistory(temp["served"]);
        var url = await history.ServeAsync();
        Tip(history, history.Third);
        tdxrel.Run(0, "fetch", "--source", url, "--ref", "main", "--update-lock", "--out", "third");

        // Mid-2026: releases without files.
        Tip(history, history.Fourth);
        Check(3, "# Upstream's metadata is not valid", "SNP-");

        Change(history, () => Edit(history, releases => Release(releases, "1.5.05")["tdx_feature0"] = "0x000000000001F0FBE"[..18]));
        Check(7, "# Upstream drifted", "DRIFT-004");

        Change(history, () => Edit(history, releases => releases.Remove(Release(releases, "1.5.01"))),
            "joined_files/1.5/tdx_module_1.5.01.blob", "separate_files/1.5/1.5.01");
        Check(7, "# Upstream drifted", "DRIFT-002");

        Change(history, () => File.AppendAllText(Path.Combine(history.Repository, "BINARIES_LICENSE"), "other terms\n"));
        Check(7, "# Upstream drifted", "DRIFT-009");

        Change(history, () =>
        {
            var path = Path.Combine(history.Repository, "separate_files/1.5/1.5.16/tdx_module_1.5.16.bin");
            var bytes = File.ReadAllBytes(path);
            bytes[100_000] ^= 1;
            File.WriteAllBytes(path, bytes);
        });
        Check(4, "# Upstream does not verify", "DRIFT-003");

        history.Git("checkout", "--quiet", "--orphan", "rewritten", history.Third);
        history.Git("commit", "--quiet", "--message", "rewritten");
        Tip(history, history.Git("rev-parse", "HEAD").Trim());
        Check(7, "# Upstream drifted", "CHK-002");

        Tip(history, history.Third);
        Check(0, "# Upstream is unchanged");
        Assert.Equal(history.Third, Locked().Commit);
        Assert.Empty(new ContentCache(tdxrel.CacheRoot).Verify());
    }

    [UpstreamFact]
    public async Task Intels_release_notes_are_recorded_replayed_and_compared()
    {
        using var history = new UpstreamHistory(temp["served"]);
        var url = await history.ServeAsync();
        Tip(history, history.First);
        var mrseam = JsonNode.Parse(
            File.ReadAllBytes(Path.Combine(TestData.Shared!,
            "reference/published-mrseam.json")))!["mrseam_sha384"]!["1.5.05"]!.GetValue<string>();
        var answer = $$"""[{"tag_name":"TDX_1.5.05","name":"TDX 1.5.05","draft":false,"body":"MRSEAM: {{mrseam}}"}]""";
        using (var server = new HttpsServer(temp.Path, (request, stream) => request.Headers.ContainsKey("If-None-Match")
            ? HttpsServer.Head(stream, 304, "ETag: \"one\"")
            : HttpsServer.Respond(stream, 200, System.Text.Encoding.UTF8.GetBytes(answer), "ETag: \"one\"")))
        {
            tdxrel.Environment["SSL_CERT_FILE"] = server.AuthoritiesFile;
            tdxrel.Environment["GITHUB_API_URL"] = server.Url;
            tdxrel.Environment["GITHUB_TOKEN"] = "TESTtoken";
            tdxrel.Run(0, "fetch", "--source", url, "--ref", "main", "--update-lock", "--witness", "--out", "first");
            tdxrel.Run(0, "check", "--witness", "--record", "recorded", "--out", "report");
            Assert.Equal(["TESTtoken", "TESTtoken"], server.Requests.Select(r => r.Headers["Authorization"]["Bearer ".Length..]));
            Assert.Equal("/repos/intel/confidential-computing.tdx.tdx-module/releases?per_page=100&page=1", server.Requests[0].Path);
            Assert.Equal([false, true], server.Requests.Select(r => r.Headers.ContainsKey("If-None-Match")));
        }

        var recorded = Directory.GetFiles(temp["recorded"]).Single();
        Assert.DoesNotContain("TESTtoken", File.ReadAllText(recorded), StringComparison.Ordinal);
        tdxrel.Environment["GITHUB_TOKEN"] = "";
        tdxrel.Run(0, "check", "--witness", "--replay", "recorded", "--out", "report");
        Assert.Contains("no release notes for 1.5.01, 1.5.06", File.ReadAllText(temp["report/check.md"]), StringComparison.Ordinal);
        File.WriteAllText(recorded, answer.Replace(mrseam, new string('0', 96), StringComparison.Ordinal));
        tdxrel.Run(4, "check", "--witness", "--replay", "recorded", "--out", "report");
        Assert.Contains("WIT-001", File.ReadAllText(temp["report/check.md"]), StringComparison.Ordinal);
        tdxrel.Run(6, "check", "--witness", "--out", "report");
        Directory.Delete(temp["recorded"], recursive: true);
        tdxrel.Run(6, "check", "--witness", "--replay", "recorded", "--out", "report");
    }

    private LockFile Locked() => LockFile.Read(temp[LockFile.FileName]);

    private string Check(int exit, string title, string? rule = null)
    {
        var result = tdxrel.Run(exit, "check", "--out", "report");
        var page = File.ReadAllText(temp["report/check.md"]);
        Assert.StartsWith($"{title}\n", page, StringComparison.Ordinal);
        Assert.Contains(rule ?? "", page, StringComparison.Ordinal);
        Assert.All((string[])["check.json", "check.sarif", "check.xml"],
            name => Assert.True(new FileInfo(temp[$"report/{name}"]).Length > 0));
        return result.Output + result.Errors;
    }

    private static void Tip(UpstreamHistory history, string commit) => history.Git("update-ref", "refs/heads/main", commit);

    /// <summary>A commit on top of the locked one.</summary>
    private static void Change(UpstreamHistory history, Action change, params string[] remove)
    {
        history.Git("checkout", "--quiet", "--force", "--detach", history.Third);
        change();
        foreach (var path in remove)
        {
            history.Git("rm", "-r", "--quiet", path);
        }

        history.Git("commit", "--quiet", "--all", "--message", "change");
        Tip(history, history.Git("rev-parse", "HEAD").Trim());
    }

    private static void Edit(UpstreamHistory history, Action<JsonArray> edit)
    {
        var path = Path.Combine(history.Repository, Mapping);
        var root = JsonNode.Parse(File.ReadAllBytes(path))!;
        edit(root["tdx_module_releases"]!.AsArray());
        File.WriteAllText(path, root.ToJsonString());
    }

    private static JsonNode Release(JsonArray releases, string version) =>
        releases.Single(r => r!["version"]!.GetValue<string>() == version)!;
}
