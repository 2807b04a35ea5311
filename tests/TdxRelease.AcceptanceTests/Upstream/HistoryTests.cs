using System.Diagnostics;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Drift;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.AcceptanceTests.Acquisition;

/// <summary>The real data over real transports: fetch, lock, update, diff, offline, force-push, kill, full disk.</summary>
public sealed class HistoryTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [UpstreamFact]
    public async Task A_lock_follows_the_history_forward_only_and_reruns_offline()
    {
        using var history = new UpstreamHistory(temp["served"]);
        var url = await history.ServeAsync();
        var cache = new ContentCache(temp["cache"]);
        var first = await LockAsync(url, history.First, cache);
        var third = await LockAsync(url, history.Third, cache);
        Assert.Equal((3 * 3) + 3, first.Files.Count);
        Assert.Equal(36, third.Files.Count);

        // Over the wire and back, the bytes are the ones that the committed lock pins.
        var committed = LockFile.Read(Path.Combine(TestData.Checkout, LockFile.FileName));
        Assert.Equal(committed.Files, third.Files);
        Assert.Equal(new DateOnly(2026, 2, 10), third.Date);

        var context = new FetchContext(temp["move"], cache);
        Assert.True(await LockMove.DescendsAsync(first, third, context, default));
        LockMove.RequireForward(first, third, true);
        var back = await LockMove.DescendsAsync(third, first, context, default);
        Assert.Equal(ExitCode.Drift, Assert.Throws<TdxException>(() => LockMove.RequireForward(third, first, back)).Code);

        var fourth = await new GitSource(url, history.Fourth).FetchAsync(new FetchContext(temp["fourth"], cache), default);
        var findings = DriftComparison.Between(DriftSide.Of(Snapshot.Open(temp[history.Third])), DriftSide.Of(fourth));
        Assert.Equal(["1.5.05", "2.0.04", "2.0.05", "2.0.08"], findings.Where(finding => finding.Fails).Select(finding => finding.Version));
        Assert.All(findings.Where(finding => finding.Fails), finding => Assert.Equal(DriftRules.Features, finding.Rule));
        Assert.DoesNotContain(findings, finding => finding.Rule == DriftRules.BytesChanged);

        history.Stop();
        var watch = Stopwatch.StartNew();
        var fetch = new LockedFetch(third, new SourceFactory(new DownloadOptions()));
        var offline = await fetch.RunAsync(new FetchContext(temp["offline"], cache), offline: true, default);
        Assert.Empty(third.Compare(offline));
        var cold = watch.Elapsed;
        watch.Restart();
        await fetch.RunAsync(new FetchContext(temp["offline"], cache), offline: true, default);
        Console.WriteLine($"offline: {cold.TotalMilliseconds:0} ms from the cache, "
            + $"{watch.Elapsed.TotalMilliseconds:0} ms from the snapshot");
        var down = await Assert.ThrowsAsync<TdxException>(() => new GitSource(url, history.Second)
            .FetchAsync(new FetchContext(temp["down"], cache), default));
        Assert.Equal(ExitCode.Io, down.Code);
    }

    [UpstreamFact]
    public async Task A_force_pushed_branch_and_a_vanished_commit_are_named()
    {
        using var history = new UpstreamHistory(temp["served"]);
        var url = await history.ServeAsync();
        var locked = await LockAsync(url, history.Third, new ContentCache(temp["cache"]));
        history.Git("checkout", "--quiet", "--orphan", "rewritten");
        history.Git("commit", "--quiet", "--message", "rewritten");
        history.Git("branch", "--force", "main", "rewritten");
        var rewritten = await LockAsync(url, "main", new ContentCache(temp["cache"]));
        var descends = await LockMove.DescendsAsync(locked, rewritten, new FetchContext(temp["move"]), default);
        var error = Assert.Throws<TdxException>(() => LockMove.RequireForward(locked, rewritten, descends));
        Assert.Contains("force-pushed", error.Message, StringComparison.Ordinal);

        history.Git("reflog", "expire", "--expire=now", "--all");
        history.Git("gc", "--quiet", "--prune=now");
        var gone = await Assert.ThrowsAsync<TdxException>(
            () => new LockedFetch(locked, new SourceFactory(new DownloadOptions()))
            .RunAsync(new FetchContext(temp["gone"]), offline: false, default));
        Assert.Equal(ExitCode.Io, gone.Code);
        Assert.Contains("not our ref", gone.Message, StringComparison.Ordinal);
        Assert.Contains("force-pushed", gone.Hint, StringComparison.Ordinal);
        Assert.False(Path.Exists(temp["gone"]));
    }

    [UpstreamFact]
    public async Task The_real_tarball_comes_over_https()
    {
        using var history = new UpstreamHistory(temp["served"]);
        history.Git("archive", "--format=tar.gz", "--prefix=up/", $"--output={temp["up.tar.gz"]}", history.Third);
        var body = await File.ReadAllBytesAsync(temp["up.tar.gz"]);
        using var server = new HttpsServer(temp.Path, (_, stream) => HttpsServer.Respond(stream, 200, body, "ETag: \"x\""));
        var source = new DownloadSource($"{server.Url}/{{commit}}.tar.gz", history.Third,
            new DownloadOptions { AuthoritiesFile = server.AuthoritiesFile });
        var snapshot = await source.FetchAsync(new FetchContext(temp["out"], new ContentCache(temp["cache"])), default);
        Assert.Equal((null, history.Third), (snapshot.Origin.Commit, snapshot.Origin.ClaimedCommit));
        Assert.Equal(
            LockFile.Read(Path.Combine(TestData.Checkout, LockFile.FileName)).Files,
            snapshot.ToRecord().Files.Select(file => new LockedFile(file.Path, file.Length, file.Sha256!)));
    }

    [UpstreamFact]
    public async Task A_full_disk_is_exit_6_and_leaves_nothing()
    {
        Directory.CreateDirectory(temp["small"]);
        var mounted = Tool.Run("/", "mount", "-t", "tmpfs", "-o", "size=2m", "none", temp["small"]).Exit == 0;
        Assert.True(mounted, "this test mounts a small tmpfs: run it as root");
        try
        {
            var error = await Assert.ThrowsAsync<TdxException>(() => new FolderSource(TestData.Snapshot)
                .FetchAsync(new FetchContext(temp["small/out"]), default));
            Assert.Equal(ExitCode.Io, error.Code);
            Assert.EndsWith("no space left on device", error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(temp["small"]));
        }
        finally
        {
            Tool.Run("/", "umount", temp["small"]);
        }
    }

    private async Task<LockFile> LockAsync(string url, string reference, ContentCache cache)
    {
        var snapshot = await new GitSource(url, reference).FetchAsync(new FetchContext(temp[reference], cache), default);
        return LockFile.Of(snapshot, [new("git", url)], "main", Time, "test");
    }
}
