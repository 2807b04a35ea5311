using System.Globalization;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Testing;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Acquisition;

/// <summary>What is said of a lock, of its moves and of the differences from it, word for word.</summary>
public sealed class LockMessagesTests : IDisposable
{
    private const string Backward = "--allow-backward moves the lock all the same";
    private static readonly string Zeros = new('0', 64);
    private static readonly string Ones = new('1', 40);
    private static readonly string Twos = new('2', 40);

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_lock_is_written_key_by_key()
    {
        var json = Lock(Ones, "2026-02-10", "1.5.01") with { Tree = Twos };
        Assert.Equal($$"""
            {
              "format": "tdxrel-upstream-lock/1",
              "sources": [
                {
                  "kind": "git",
                  "url": "x"
                }
              ],
              "branch": "main",
              "commit": "{{Ones}}",
              "tree": "{{Twos}}",
              "date": "2026-02-10",
              "mappingVersion": "1.0",
              "licenseSha256": "{{Zeros}}",
              "updated": "2026-02-10T13:14:15Z",
              "tool": "t",
              "files": [
                {
                  "path": "BINARIES_LICENSE",
                  "length": 7,
                  "sha256": "{{Zeros}}"
                },
                {
                  "path": "joined_files/1.5/tdx_module_1.5.01.blob",
                  "length": 1,
                  "sha256": "{{Zeros}}"
                }
              ]
            }

            """, Encoding.UTF8.GetString((json with { Files = [.. json.Files, new("BINARIES_LICENSE", 7, Zeros)] }).ToJson()));
    }

    [Theory]
    [InlineData("\"tdxrel-upstream-lock/1\"", "\"x\"", "l:2:13: got \"x\", want \"tdxrel-upstream-lock/1\"")]
    [InlineData("[\n    {\n      \"kind\": \"git\",\n      \"url\": \"x\"\n    }\n  ]", "[]",
        "l:3:14: got no source, want at least one")]
    [InlineData("\"kind\": \"git\"", "\"kind\": \"folder\"", "l:5:15: got \"folder\", want \"git\" or \"archive\"")]
    [InlineData("\"kind\": \"git\"", "\"kind\": \"archive\"", null)]
    [InlineData("\"url\": \"x\"", "\"url\": \"\"", "l:6:14: got \"\", want a URL")]
    [InlineData("\"url\": \"x\"", "\"url\": \"-x\"", "l:6:14: got \"-x\", want a URL")]
    [InlineData("\"url\": \"x\"", "\"url\": \"x\\u007f\"", "l:6:14: got \"x\\x7f\", want a URL")]
    [InlineData("\"branch\": \"main\"", "\"branch\": \"-\"", "l:9:13: got \"-\", want a branch name")]
    [InlineData("\"date\": \"2026-02-10\"", "\"date\": \"2026-02-30\"", "l:11:11: got \"2026-02-30\", want a date of the form 2026-02-10")]
    [InlineData("13:14:15Z", "13:14:15", "l:14:14: got \"2026-02-10T13:14:15\", want a UTC time of the form 2026-02-10T12:00:00Z")]
    [InlineData("\"licenseSha256\": \"0", "\"licenseSha256\": \"", "l:13:20: got \"{0}\", want 64 lower-case hex digits")]
    [InlineData("1.5/tdx_module_1.5.01.blob", "1.4/tdx_module_1.5.01.blob",
        "l:18:15: got \"joined_files/1.4/tdx_module_1.5.01.blob\", want a data file's path")]
    [InlineData("\"path\": \"joined_files/1.5/tdx_module_1.5.01.blob\"", "\"path\": \"../LICENSE\"",
        "l:18:15: got \"../LICENSE\", want a data file's path")]
    [InlineData("\"length\": 1", "\"length\": 16777216", null)]
    [InlineData("\"length\": 1", "\"length\": 16777217", "l:19:17: got 16777217, want a whole number from 0 to 16777216")]
    public void What_a_lock_gets_wrong(string from, string to, string? want)
    {
        var text = Encoding.UTF8.GetString(Lock(Ones, "2026-02-10", "1.5.01").ToJson());
        Assert.Contains(from, text, StringComparison.Ordinal);
        Says(want?.Replace("{0}", Zeros[1..]), () => LockFile.Parse(Encoding.UTF8.GetBytes(text.Replace(from, to)), "l"));
    }

    [Fact]
    public void A_lock_pins_at_least_one_file_and_each_after_the_other()
    {
        LockFile With(params string[] paths) =>
            Lock(Ones, "2026-02-10") with { Files = [.. paths.Select(path => new LockedFile(path, 1, Zeros))] };
        Says("l:16:12: got no file, want at least one", () => LockFile.Parse(With().ToJson(), "l"));
        Says("l:22:5: path \"LICENSE\" is not after \"LICENSE\"", () => LockFile.Parse(With("LICENSE", "LICENSE").ToJson(), "l"));
        var sorted = Encoding.UTF8.GetString(With("BINARIES_LICENSE", "LICENSE").ToJson());
        Says("l:22:5: path \"BINARIES_LICENSE\" is not after \"LICENSE\"", () => LockFile.Parse(Encoding.UTF8.GetBytes(
            sorted.Replace("BINARIES_", "X").Replace("\"LICENSE", "\"BINARIES_LICENSE").Replace("XL", "L")), "l"));
    }

    [Fact]
    public void A_lock_moves_forward_only()
    {
        var now = Lock(Ones, "2026-02-10", "1.5.01", "1.5.05", "2.0.02");
        LockMove.RequireForward(now, now with { Files = [], Date = null }, descends: false);
        LockMove.RequireForward(now, Lock(Twos, "2020-01-01"), descends: true);
        LockMove.RequireForward(now, Lock(Twos, "2026-02-10", "1.5.05", "2.0.02", "2.0.04"), null);
        LockMove.RequireForward(now, Lock(Twos, null, "1.5.05", "2.0.02"), null);
        Back($"commit {Twos} does not descend from the locked commit {Ones}: the branch was force-pushed or rolled back",
            now, Lock(Twos, "2027-01-01", "1.5.05", "2.0.02"), descends: false);
        Back($"commit {Twos} is of 2026-02-09, the locked commit of 2026-02-10", now, Lock(Twos, "2026-02-09", "1.5.05", "2.0.02"));
        Back("the newest release of line 1.5 would go from 1.5.05 to 1.5.01", now, Lock(Twos, "2026-03-01", "1.5.01", "2.0.02"));
        Back("the newest release of line 2.0 would go from 2.0.02 to nothing", now, Lock(Twos, "2026-03-01", "1.5.05"));
        var strange = Lock(Ones, "2026-02-10", "70000.1.1", "1.5.01");
        LockMove.RequireForward(strange, Lock(Twos, "2026-02-10", "70000.1.1", "1.5.01"), null);
    }

    [Fact]
    public async Task Ancestry_is_asked_of_the_first_git_mirror_that_answers()
    {
        SmallUpstream.Write(temp["repo"], SmallUpstream.Files());
        var first = SmallUpstream.Commit(temp["repo"]);
        var second = SmallUpstream.Commit(temp["repo"], "second");
        Task<bool?> Descends(string current, string next, params LockSource[] mirrors) => LockMove.DescendsAsync(Lock(current, null),
            Lock(next, null) with { Sources = mirrors }, new FetchContext(temp["out"]), default);
        LockSource good = new("git", temp["repo"]);
        LockSource none = new("git", temp["none"]);
        Assert.True(await Descends(first, second, none, good));
        Assert.False(await Descends(second, first, good));
        Assert.Null(await Descends(first, second, new LockSource("archive", temp["repo"])));
        Assert.True(await Descends(first, first, none));
        var error = await Assert.ThrowsAsync<TdxException>(() => Descends(first, second, none, new("git", temp["other"])));
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.StartsWith($"{temp["none"]}: git: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Differences_are_told_file_by_file_then_commit_and_tree()
    {
        var want = Lock(Ones, "2026-02-10", "1.5.01", "1.5.02") with { Tree = Twos };
        SnapshotRecord Got(string? commit, string? tree, params (string Version, string Sha256)[] files) => new(
            new Origin(Origin.Git, "x", commit, tree), 0, [.. files.Select(f => new SnapshotFile(Blob(f.Version), 1, f.Sha256))]);
        var fs = new string('f', 64);
        var told = LockDifference.Between(want, Got(Twos, Ones, ("1.5.02", fs), ("1.5.03", fs)));
        Refused(ExitCode.Drift, $"""
            s: 5 differences from upstream.lock.json
              missing joined_files/1.5/tdx_module_1.5.01.blob: want {Zeros}, got nothing
              changed joined_files/1.5/tdx_module_1.5.02.blob: want {Zeros}, got {fs}
              extra joined_files/1.5/tdx_module_1.5.03.blob: want nothing, got {fs}
              commit: want {Ones}, got {Twos}
              tree: want {Twos}, got {Ones}
            """, "if the change is wanted, look at it with tdxrel diff and move the lock with tdxrel fetch --update-lock",
            () => throw LockDifference.Error("s", told));
        Assert.Empty(LockDifference.Between(want, Got(null, null, ("1.5.01", Zeros), ("1.5.02", Zeros))));
        Assert.Empty(LockDifference.Between(want with { Tree = null }, Got(Ones, Ones, ("1.5.01", Zeros), ("1.5.02", Zeros))));
        var one = LockDifference.Between(want, Got(Twos, Twos, ("1.5.01", Zeros), ("1.5.02", Zeros)));
        Assert.StartsWith("s: 1 difference from upstream.lock.json\n", LockDifference.Error("s", one).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"Header\":{\"Version\":\"1.0\"}}", null)]
    [InlineData("{\"Header\":{\"Version\":1}}", "mapping_file.json: Header.Version is missing or no string")]
    [InlineData("{\"Header\":{}}", "mapping_file.json: Header.Version is missing or no string")]
    [InlineData("{\"Header\":[]}", "mapping_file.json: Header.Version is missing or no string")]
    [InlineData("{}", "mapping_file.json: Header.Version is missing or no string")]
    [InlineData("[]", "mapping_file.json: Header.Version is missing or no string")]
    [InlineData("{\n  x", "mapping_file.json:2:3: is not valid JSON")]
    [InlineData("", "mapping_file.json:1:1: is not valid JSON")]
    public void The_version_of_a_mapping_file_is_its_headers(string mapping, string? want) => Says(want,
        () => Assert.Equal("1.0", MappingHeader.Version(Encoding.UTF8.GetBytes(mapping))));

    [Fact]
    public void A_lock_is_made_of_what_a_snapshot_holds()
    {
        SmallUpstream.Write(temp["in"], SmallUpstream.Files());
        var snapshot = Snapshot.Open(temp["in"]);
        Refused(ExitCode.BadInput, $"{temp["in"]}: commit of the snapshot is unknown",
            "a lock is made from a git source, or from an archive whose commit you name yourself: --ref COMMIT", () => Of(snapshot, null));
        var origin = new Origin(Origin.Git, "x", Ones, Twos, new DateOnly(2026, 2, 10));
        var made = Of(snapshot, origin);
        Assert.Equal(("main", Ones, Twos, new DateOnly(2026, 2, 10), "1.0", "t"),
            (made.Branch, made.Commit, made.Tree, made.Date, made.MappingVersion, made.Tool));
        Assert.Equal(Hex.Sha256("licence\n"u8), made.LicenseSha256);
        Assert.Equal(SmallUpstream.DataPaths, made.Files.Select(f => f.Path));
        Assert.Equal(made.ToJson(), Of(snapshot.WithOrigin(origin), null).ToJson());
        made.Require(snapshot);
        var moved = made with { Commit = Twos };
        Assert.Equal($"x: 1 difference from upstream.lock.json\n  commit: want {Twos}, got {Ones}",
            Assert.Throws<TdxException>(() => moved.Require(snapshot.WithOrigin(origin))).Message);
        Assert.StartsWith($"{temp["in"]}: 1 difference", Assert.Throws<TdxException>(
            () => (made with { Files = [.. made.Files.Skip(1)] }).Require(snapshot)).Message, StringComparison.Ordinal);
    }

    private static LockFile Of(Snapshot snapshot, Origin? origin) =>
        LockFile.Of(snapshot, [new("git", "x")], "main", DateTimeOffset.UnixEpoch, "t", origin);

    private static void Back(string message, LockFile now, LockFile next, bool? descends = null) =>
        Refused(ExitCode.Drift, message, Backward, () => LockMove.RequireForward(now, next, descends));

    private static string Blob(string version) => $"joined_files/{version[..version.LastIndexOf('.')]}/tdx_module_{version}.blob";

    private static LockFile Lock(string commit, string? date, params string[] versions) => new(
        [new("git", "x")], "main", commit, null, date is null ? null : DateOnly.Parse(date, CultureInfo.InvariantCulture), "1.0", Zeros,
        new DateTimeOffset(2026, 2, 10, 14, 14, 15, TimeSpan.FromHours(1)), "t",
        [.. versions.Select(version => new LockedFile(Blob(version), 1, Zeros))]);
}
