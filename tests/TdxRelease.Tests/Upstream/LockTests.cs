using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

public sealed class LockTests : IDisposable
{
    private const string Url = "https://github.com/intel/confidential-computing.tdx.tdx-module.binaries";

    private static readonly DateTimeOffset Time = new(2026, 11, 22, 2, 30, 0, TimeSpan.Zero);

    private readonly TempFolder temp = new();

    private static LockSource[] Mirrors { get; } =
    [
        new("git", $"{Url}.git"),
        new("archive", $"{Url.Replace("github.com", "codeload.github.com", StringComparison.Ordinal)}/tar.gz/{{commit}}"),
    ];

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_lock_reads_back_as_the_same_bytes()
    {
        var json = Create().ToJson();
        Assert.Equal(json, LockFile.Parse(json, "lock").ToJson());
        Assert.Equal((byte)'\n', json[^1]);
    }

    [Fact]
    public void The_committed_lock_is_canonical_and_well_formed()
    {
        var path = Path.Combine(TestData.Checkout, LockFile.FileName);
        var wanted = LockFile.Read(path);
        Assert.Equal(File.ReadAllBytes(path), wanted.ToJson());
        Assert.Equal("7a162249f23884b74b13fddff6c85b80e2249589", wanted.Commit);
        Assert.Equal(36, wanted.Files.Count);
        Assert.Null(wanted.Tree);
    }

    [UpstreamFact]
    public void The_committed_lock_pins_the_real_snapshot()
    {
        var committed = LockFile.Read(Path.Combine(TestData.Checkout, LockFile.FileName));
        var snapshot = Snapshot.Open(TestData.Snapshot);
        Assert.Empty(committed.Compare(snapshot));
        var origin = new Origin("git", null, "7a162249f23884b74b13fddff6c85b80e2249589", null, new DateOnly(2026, 2, 10));
        Assert.Equal(LockFile.Of(snapshot, Mirrors, "main", committed.Updated, committed.Tool, origin).ToJson(), committed.ToJson());
    }

    [Fact]
    public void Every_difference_is_listed_with_both_hashes()
    {
        var wanted = Create();
        File.WriteAllText(temp["in/LICENSE"], "other");
        File.Delete(temp["in/BINARIES_LICENSE"]);
        File.WriteAllText(temp["in/joined_files/1.5/tdx_module_1.5.02.blob"], "new");
        var differences = wanted.Compare(Snapshot.Open(temp["in"]));
        Assert.Equal(
            [
                (LockDifferenceKind.Missing, "BINARIES_LICENSE"),
                (LockDifferenceKind.Changed, "LICENSE"),
                (LockDifferenceKind.Extra, "joined_files/1.5/tdx_module_1.5.02.blob"),
            ],
            differences.Select(difference => (difference.Kind, difference.Path!)));
        Assert.Equal("d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa", differences[1].Got);
        var error = Assert.Throws<TdxException>(() => wanted.Require(Snapshot.Open(temp["in"])));
        Assert.Equal(ExitCode.Drift, error.Code);
        Assert.Equal(4, error.Message.Split('\n').Length);
        Assert.Contains("3 differences from upstream.lock.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"branch\": \"main\"", "\"branch\": \"main\",\n  \"branch\": \"x\"", "key \"branch\" appears twice")]
    [InlineData("\"branch\": \"main\"", "\"branches\": \"main\"", "unknown key \"branches\"")]
    [InlineData("\"branch\": \"main\",\n", "", "key \"branch\" is missing")]
    [InlineData("\"updated\": \"2026", "\"updated\": \"26", "want a UTC time of the form 2026-02-10T12:00:00Z")]
    [InlineData("\"path\": \"LICENSE\"", "\"path\": \"BINARIES_LICENSE\"", "path \"BINARIES_LICENSE\" is not after \"BINARIES_LICENSE\"")]
    [InlineData("\"path\": \"LICENSE\"", "\"path\": \"README.md\"", "got \"README.md\", want a data file's path")]
    [InlineData("\"length\": 8", "\"length\": -8", "got -8, want a whole number from 0 to 16777216")]
    [InlineData("\"kind\": \"git\"", "\"kind\": \"svn\"", "got \"svn\", want \"git\" or \"archive\"")]
    [InlineData("tdxrel-upstream-lock/1", "tdxrel-upstream-lock/2", "want \"tdxrel-upstream-lock/1\"")]
    [InlineData("\"commit\": \"7", "\"commit\": \"X", "want 40 or 64 lower-case hex digits")]
    public void A_bad_lock_names_line_and_column(string from, string to, string message)
    {
        var text = Encoding.UTF8.GetString(Create().ToJson());
        Assert.Contains(from, text, StringComparison.Ordinal);
        var error = Assert.Throws<TdxException>(() =>
            LockFile.Parse(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)), "my.lock"));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Matches("^my\\.lock:[0-9]+:[0-9]+: ", error.Message);
        Assert.EndsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_cut_of_a_lock_is_refused()
    {
        var json = Create().ToJson();
        for (var length = 0; length < json.Length - 1; length += 7)
        {
            Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => LockFile.Parse(json.AsSpan(0, length), "lock")).Code);
        }
    }

    [Fact]
    public void A_folder_without_a_commit_makes_no_lock()
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        var error = Assert.Throws<TdxException>(() => LockFile.Of(Snapshot.Open(temp["in"]), Mirrors, "main", Time, "tdxrel 0"));
        Assert.EndsWith("commit of the snapshot is unknown", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mirrors_are_tried_in_order_and_the_cache_serves_the_next_run_offline()
    {
        SmallUpstream.Write(temp["good"], SmallUpstream.Files());
        var commit = SmallUpstream.Commit(temp["good"]);
        var wanted = LockFile.Of(
            await new GitSource(temp["good"]).FetchAsync(new FetchContext(temp["first"]), default),
            [new("git", temp["nowhere"]), new("git", temp["good"])], "main", Time, "tdxrel 0");
        var notes = new Notes();
        var context = new FetchContext(temp["out"], new(temp["cache"]), notes, new FetchLimits());
        var fetch = new LockedFetch(wanted, new SourceFactory(new DownloadOptions()));

        var offline = await Assert.ThrowsAsync<TdxException>(() => fetch.RunAsync(context, offline: true, default));
        Assert.Equal(ExitCode.Io, offline.Code);
        Assert.StartsWith($"offline: 6 of 6 files of commit {commit} are not in the cache", offline.Message, StringComparison.Ordinal);
        Assert.Contains("\n  joined_files/1.5/tdx_module_1.5.01.blob", offline.Message, StringComparison.Ordinal);

        Assert.Equal(commit, (await fetch.RunAsync(context, offline: false, default)).Origin.Commit);
        Assert.Contains(temp["nowhere"], Assert.Single(notes.Lines), StringComparison.Ordinal);

        Directory.Delete(temp["good"], recursive: true);
        await fetch.RunAsync(context, offline: true, default);
        Assert.StartsWith($"reused 6 files of commit {commit}", notes.Lines[^1], StringComparison.Ordinal);
        File.WriteAllText(temp["out/LICENSE"], "tampered");
        Assert.Equal(ExitCode.Io, (await Assert.ThrowsAsync<TdxException>(() => fetch.RunAsync(context, offline: true, default))).Code);
        Assert.Equal("tampered", File.ReadAllText(temp["out/LICENSE"]));
        Directory.Delete(temp["out"], recursive: true);
        Directory.Delete(temp["first"], recursive: true);
        await fetch.RunAsync(context, offline: true, default);
        Assert.StartsWith("reused 6 files of commit", notes.Lines[^1], StringComparison.Ordinal);
        Assert.Equal("scripts\n"u8, Snapshot.Open(temp["out"]).Read("LICENSE"));
    }

    [Fact]
    public async Task A_mirror_with_other_bytes_is_drift_and_changes_nothing()
    {
        SmallUpstream.Write(temp["bad"], SmallUpstream.Files());
        SmallUpstream.Commit(temp["bad"]);
        var wanted = Create() with { Sources = [new("git", temp["bad"])] };
        File.WriteAllText(temp["bad/LICENSE"], "other");
        SmallUpstream.Commit(temp["bad"]);
        Directory.CreateDirectory(temp["out"]);
        File.WriteAllText(temp["out/kept"], "kept");
        var fetch = new LockedFetch(wanted, mirror => new GitSource(mirror.Url));
        var error = await Assert.ThrowsAsync<TdxException>(() => fetch.RunAsync(new FetchContext(temp["out"]), offline: false, default));
        Assert.Equal(ExitCode.Drift, error.Code);
        Assert.Contains("\n  changed LICENSE: want ", error.Message, StringComparison.Ordinal);
        Assert.Equal([temp["out/kept"]], Directory.GetFileSystemEntries(temp["out"]));
    }

    private LockFile Create()
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        var origin = new Origin("git", Url, "7a162249f23884b74b13fddff6c85b80e2249589", null, new DateOnly(2026, 2, 10));
        return LockFile.Of(Snapshot.Open(temp["in"]), Mirrors, "main", Time, "tdxrel 0.1.0", origin);
    }

    private sealed class Notes : IProgressSink
    {
        public List<string> Lines { get; } = [];

        public void Report(string activity, long done, long? total)
        {
        }

        public void Note(string line) => Lines.Add(line);
    }
}
