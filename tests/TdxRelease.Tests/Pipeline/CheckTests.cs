using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Pipeline;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Tests.Acquisition;
using TdxRelease.Tests.Verification;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Pipeline;

/// <summary>The nightly check over the sample as a git repository: each kind of drift has its exit code and its page.</summary>
public sealed partial class CheckTests : IDisposable
{
    private const string Mapping = "mapping_file.json";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TempFolder temp = new();
    private readonly List<string> notes = [];

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task Unchanged_is_exit_0_without_a_patch()
    {
        await LockAsync();
        var result = await CheckAsync();
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.False(result.Changed);
        Assert.Null(result.Patch);
        Assert.StartsWith("# Upstream is unchanged\n", Page(result), StringComparison.Ordinal);
        Assert.Contains(notes, n => n.Contains("from the cache", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_locked_state_is_verified_once_and_its_verdict_is_of_its_bytes()
    {
        await LockAsync();
        var first = await CheckAsync();
        notes.Clear();
        var second = await CheckAsync();
        Assert.Contains(notes, n => n.StartsWith("reused: fetch, validate, verify (", StringComparison.Ordinal));
        Assert.Equal(Page(first), Page(second));

        // A damaged content of the cache is fetched again, and verified.
        var content = Directory.GetFiles(temp["cache/sha256"], "*", SearchOption.AllDirectories).MaxBy(f => new FileInfo(f).Length)!;
        var bytes = File.ReadAllBytes(content);
        bytes[7] ^= 1;
        File.WriteAllBytes(content, bytes);
        notes.Clear();
        Assert.Equal(ExitCode.Success, (await CheckAsync()).ExitCode);
        Assert.DoesNotContain(notes, n => n.StartsWith("reused: fetch, validate", StringComparison.Ordinal));

        // So is a damaged verdict.
        var verdict = Directory.GetFiles(temp["cache/verdicts"]).Single();
        File.WriteAllText(verdict, File.ReadAllText(verdict).Replace("\"modules\":[", "\"modules\": [", StringComparison.Ordinal));
        notes.Clear();
        Assert.Equal(ExitCode.Success, (await CheckAsync()).ExitCode);
        Assert.DoesNotContain(notes, n => n.StartsWith("reused: fetch, validate", StringComparison.Ordinal));

        // And one that others may have written.
        File.SetUnixFileMode(temp["cache/verdicts"], (UnixFileMode)Convert.ToInt32("770", 8));
        notes.Clear();
        Assert.Equal(ExitCode.Success, (await CheckAsync()).ExitCode);
        Assert.DoesNotContain(notes, n => n.StartsWith("reused: fetch, validate", StringComparison.Ordinal));

        // By another policy nothing is known.
        var other = await CheckStage.RunAsync(
            new CheckRequest(null, null, temp["site/upstream.lock.json"], new ContentCache(temp["cache"]),
                TdxRelease.Verification.Trust.TrustPolicy.Default, Strictness.Strict, Now, new Notes(notes)), default);
        Assert.Equal(ExitCode.VerificationFailed, other.ExitCode);
    }

    [Fact]
    public async Task A_witness_that_contradicts_fails_the_check_and_keeps_the_lock()
    {
        await LockAsync();
        await CheckAsync();
        var version = Releases()[0]!["version"]!.GetValue<string>();
        var note = new TdxRelease.Upstream.GitHub.ReleaseNote("TDX", version, null, null, null, new string('0', 96));
        foreach (var reused in (bool[])[true, false])
        {
            if (!reused)
            {
                Directory.Delete(temp["cache/verdicts"], recursive: true);
            }

            var result = await CheckAsync(new TdxRelease.Upstream.Witnesses.Witness(new Answer(note), "intel/x"));
            Assert.Equal(ExitCode.VerificationFailed, result.ExitCode);
            Assert.Contains(result.Report.Findings, f => f.Rule.Id == "WIT-001" && f.Version == version);
            Assert.StartsWith("# Upstream does not verify\n", Page(result), StringComparison.Ordinal);
        }

        var unreachable = await CheckAsync(new TdxRelease.Upstream.Witnesses.Witness(new Answer(null), "intel/x"));
        Assert.Equal(ExitCode.Io, unreachable.ExitCode);
        Assert.Contains(unreachable.Report.Findings, f => f.Rule.Id == "CHK-001" && f.Message == "rate limit");
    }

    [Fact]
    public async Task A_new_release_is_safe_and_comes_with_a_patch_that_git_applies()
    {
        var newest = Releases()[^1]!["version"]!.GetValue<string>();
        await LockAsync(without: newest);
        Upstream(SampleVerdicts.Files);
        var result = await CheckAsync();
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Contains(result.Drift, f => f.Rule.Id == "DRIFT-001" && f.Version == newest);
        Assert.NotNull(result.Patch);
        Golden("added.md", result);

        File.WriteAllText(temp["site/lock.patch"], result.Patch);
        SmallUpstream.Git(temp["site"], "apply", "lock.patch");
        Assert.Equal(result.Newest, LockFile.Read(temp["site/upstream.lock.json"]).Commit);
        Assert.False((await CheckAsync()).Changed);
    }

    [Fact]
    public async Task A_commit_that_touches_no_data_is_safe()
    {
        await LockAsync();
        SmallUpstream.Write(temp["up"], [new("README.md", "new\n"u8.ToArray())]);
        SmallUpstream.Commit(temp["up"], "readme");
        var result = await CheckAsync();
        Assert.Equal((ExitCode.Success, true, 0), (result.ExitCode, result.Changed, result.Drift.Count));
        Assert.Contains("\"commit\"", result.Patch, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rewritten_fact_is_drift_and_its_consequences_are_named()
    {
        await LockAsync();
        Edit(releases => releases[1]!["strict_compat_versions"] = new JsonArray());
        var result = await CheckAsync();
        Assert.Equal(ExitCode.Drift, result.ExitCode);
        Assert.Null(result.Patch);
        Assert.Contains(result.Drift, f => f.Rule.Id == "DRIFT-007");
        Assert.Contains(result.Drift, f => f.Rule.Id == "DRIFT-015" && f.Message.EndsWith("no longer strict", StringComparison.Ordinal));
        Golden("rewritten.md", result);
    }

    [Fact]
    public async Task Changed_bytes_fail_verification()
    {
        await LockAsync();
        var path = SampleVerdicts.Files.Keys.First(p => p.EndsWith(".bin", StringComparison.Ordinal));
        var bytes = SampleVerdicts.Files[path].ToArray();
        bytes[100] ^= 1;
        Upstream([new(path, bytes)]);
        var result = await CheckAsync();
        Assert.Equal(ExitCode.VerificationFailed, result.ExitCode);
        Assert.Contains(result.Drift, f => f.Rule.Id == "DRIFT-003" && f.Severity == Severity.Critical);
        Assert.StartsWith("# Upstream does not verify\n", Page(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_that_is_gone_is_drift()
    {
        await LockAsync();
        var newest = Releases()[^1]!["version"]!.GetValue<string>();
        Write(Without(newest));
        SmallUpstream.Commit(temp["up"], "gone");
        var result = await CheckAsync();
        Assert.Equal(ExitCode.Drift, result.ExitCode);
        Assert.Contains(result.Drift, f => f.Rule.Id == "DRIFT-002" && f.Version == newest);
    }

    [Fact]
    public async Task Another_licence_is_drift()
    {
        await LockAsync();
        Upstream([new("BINARIES_LICENSE", "other terms\n"u8.ToArray())]);
        var result = await CheckAsync();
        Assert.Contains(result.Drift, f => f.Rule.Id == "DRIFT-009");
        Assert.NotEqual(ExitCode.Success, result.ExitCode);
        Assert.Null(result.Patch);
    }

    [Fact]
    public async Task Metadata_that_cannot_be_read_is_bad_input()
    {
        await LockAsync();
        Upstream([new(Mapping, "{"u8.ToArray())]);
        var result = await CheckAsync();
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.StartsWith("# Upstream's metadata is not valid\n", Page(result), StringComparison.Ordinal);
        Assert.Contains(result.Report.Findings, f => f.Rule.Id == "MAP-001");
    }

    [Fact]
    public async Task A_rewritten_branch_is_drift()
    {
        await LockAsync();
        SmallUpstream.Git(temp["up"], "checkout", "--quiet", "--orphan", "other");
        SmallUpstream.Commit(temp["up"], "rewritten");
        SmallUpstream.Git(temp["up"], "branch", "--force", "main", "other");
        var result = await CheckAsync();
        Assert.Equal(ExitCode.Drift, result.ExitCode);
        Assert.Contains(result.Drift, f => f.Rule.Id == "CHK-002" && f.Message.Contains("force-pushed", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<TdxException>(() => UpdateAsync());
        Assert.Equal(ExitCode.Drift, error.Code);
        var moved = await UpdateAsync(backward: true);
        Assert.True(moved.Moved);
        Assert.Equal(result.Newest, LockFile.Read(temp["site/upstream.lock.json"]).Commit);
    }

    [Fact]
    public async Task An_upstream_that_is_gone_is_exit_6_with_a_page()
    {
        await LockAsync();
        Directory.Move(temp["up"], temp["away"]);
        var result = await CheckAsync();
        Assert.Equal(ExitCode.Io, result.ExitCode);
        Assert.Equal("CHK-001", Assert.Single(result.Report.Findings).Rule.Id);
        Assert.StartsWith("# Upstream cannot be reached\n", Page(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_is_not_moved_to_what_does_not_verify()
    {
        await LockAsync();
        var before = File.ReadAllBytes(temp["site/upstream.lock.json"]);
        Assert.False((await UpdateAsync()).Moved);
        var path = SampleVerdicts.Files.Keys.First(p => p.EndsWith(".sigstruct", StringComparison.Ordinal));
        var bytes = SampleVerdicts.Files[path].ToArray();
        bytes[600] ^= 1;
        Upstream([new(path, bytes)]);
        Assert.Equal(ExitCode.VerificationFailed, (await Assert.ThrowsAsync<TdxException>(() => UpdateAsync())).Code);
        Assert.Equal(before, File.ReadAllBytes(temp["site/upstream.lock.json"]));
    }

    [Theory]
    [InlineData("https://user:secret@example.org/up.git", null, "https://example.org/up.git")]
    [InlineData("git@example.org:intel/up.git", null, "ssh://git@example.org/intel/up.git")]
    [InlineData(null, "https://example.com/named", "https://example.com/named")]
    public async Task A_new_lock_of_a_clone_names_the_repository_and_not_the_folder(string? remote, string? named, string want)
    {
        Write(SampleVerdicts.Files);
        SmallUpstream.Commit(temp["up"]);
        if (remote is not null)
        {
            SmallUpstream.Git(temp["up"], "remote", "add", "origin", remote);
        }

        var request = new LockUpdateRequest(
            temp["up"], null, temp["new.lock.json"], temp["snapshot"], null, SampleUpstream.Policy, Strictness.Strict, false, Now,
            SilentProgress.Instance)
        { UpstreamUrl = named };
        var update = await LockUpdateStage.RunAsync(request, default);
        Assert.Equal(want, Assert.Single(update.After.Sources).Url);
    }

    private async Task LockAsync(string? without = null)
    {
        Directory.CreateDirectory(temp["site"]);
        SmallUpstream.Git(temp["site"], "init", "--quiet");
        Write(without is null ? SampleVerdicts.Files : Without(without));
        SmallUpstream.Commit(temp["up"]);
        await UpdateAsync();
    }

    private Task<LockUpdate> UpdateAsync(bool backward = false)
    {
        var path = temp["site/upstream.lock.json"];
        var source = File.Exists(path) ? null : $"file://{temp["up"]}";
        return LockUpdateStage.RunAsync(
            new LockUpdateRequest(source, source is null ? null : "main", path, temp["snapshot"], new ContentCache(temp["cache"]),
                SampleUpstream.Policy, Strictness.Strict, backward, Now, SilentProgress.Instance), default);
    }

    private Task<CheckResult> CheckAsync(TdxRelease.Upstream.Witnesses.Witness? witness = null) => CheckStage.RunAsync(
        new CheckRequest(null, null, temp["site/upstream.lock.json"], new ContentCache(temp["cache"]), SampleUpstream.Policy,
            Strictness.Strict, Now, new Notes(notes))
        { Witness = witness }, default);

    private void Upstream(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        SmallUpstream.Write(temp["up"], files);
        SmallUpstream.Commit(temp["up"], "next", "2026-02-20T12:00:00Z");
    }

    /// <summary>Exactly these files, whatever was there.</summary>
    private void Write(IReadOnlyDictionary<string, byte[]> files)
    {
        if (Directory.Exists(temp["up"]))
        {
            foreach (var path in SampleVerdicts.Files.Keys)
            {
                File.Delete(Path.Combine(temp["up"], path));
            }
        }

        SmallUpstream.Write(temp["up"], files);
    }

    private static JsonArray Releases() => JsonNode.Parse(SampleVerdicts.Files[Mapping])!["tdx_module_releases"]!.AsArray();

    private void Edit(Action<JsonArray> edit)
    {
        var root = JsonNode.Parse(SampleVerdicts.Files[Mapping])!;
        edit(root["tdx_module_releases"]!.AsArray());
        Upstream([new(Mapping, Encoding.UTF8.GetBytes(root.ToJsonString()))]);
    }

    private static Dictionary<string, byte[]> Without(string version)
    {
        var root = JsonNode.Parse(SampleVerdicts.Files[Mapping])!;
        var releases = root["tdx_module_releases"]!.AsArray();
        releases.Remove(releases.Single(r => r!["version"]!.GetValue<string>() == version));
        var files = SampleVerdicts.Files.Where(f => !f.Key.Contains($"tdx_module_{version}.", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);
        files[Mapping] = Encoding.UTF8.GetBytes(root.ToJsonString());
        return files;
    }

    private string Page(CheckResult result)
    {
        using (var folder = new AtomicFolder(temp["out"]))
        {
            CheckStage.Write(result, folder);
            folder.Commit();
        }

        Assert.Equal(result.Patch is not null, File.Exists(temp["out/lock.patch"]));
        Assert.All((string[])["check.json", "check.sarif", "check.xml"], name => Assert.True(new FileInfo(temp[$"out/{name}"]).Length > 0));
        return File.ReadAllText(temp["out/check.md"]);
    }

    /// <summary>Folder, commit ids and the number of rules are not what a page is about.</summary>
    private void Golden(string name, CheckResult result) => GoldenFile.Equal(
        $"tests/fixtures/check/{name}",
        RuleCount().Replace(CommitId().Replace(Page(result).Replace(temp.Path, "/upstream", StringComparison.Ordinal), "COMMIT"),
            "N rules"));

    [GeneratedRegex(@"\b[0-9a-f]{40}\b")]
    private static partial Regex CommitId();

    [GeneratedRegex(@"\b[0-9]+ rules\b")]
    private static partial Regex RuleCount();

    private sealed class Answer(TdxRelease.Upstream.GitHub.ReleaseNote? note) : TdxRelease.Upstream.GitHub.IGitHub
    {
        public Task<string> NewestCommitAsync(string repository, string branch, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<TdxRelease.Upstream.GitHub.ReleaseNote>> ReleasesAsync(string repository,
            CancellationToken cancellation) =>
            note is null ? throw new TdxException(ExitCode.Io, "rate limit")
            : Task.FromResult<IReadOnlyList<TdxRelease.Upstream.GitHub.ReleaseNote>>([note]);
    }

    private sealed class Notes(List<string> lines) : IProgressSink
    {
        public void Report(string activity, long done, long? total)
        {
        }

        public void Note(string line) => lines.Add(line);
    }
}
