using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

public sealed class GitSourceTests : IDisposable
{
    private readonly TempFolder temp = new();

    private string Repository => temp["repo"];

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task A_commit_is_fetched_with_its_origin_and_only_data()
    {
        var commit = Create();
        var snapshot = await FetchAsync(new GitSource(Repository, commit));
        Assert.Equal(SmallUpstream.DataPaths, snapshot.Files.Select(file => file.Path));
        Assert.Equal(SmallUpstream.Files()["joined_files/1.5/tdx_module_1.5.01.blob"],
            snapshot.Read("joined_files/1.5/tdx_module_1.5.01.blob"));
        Assert.Equal(new Origin("git", Repository, commit, SmallUpstream.Git(Repository, "rev-parse", "HEAD^{tree}").Trim(),
            new DateOnly(2026, 2, 10)), snapshot.Origin);
        Assert.Equal(2, snapshot.Ignored);
        Assert.Equal(SmallUpstream.Git(Repository, "rev-parse", "HEAD:LICENSE").Trim(),
            snapshot.Files.Single(file => file.Path == "LICENSE").GitBlob);
        Assert.DoesNotContain(Directory.GetFileSystemEntries(temp.Path), path => path.Contains(".part", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("main")]
    [InlineData("refs/heads/main")]
    [InlineData("HEAD")]
    [InlineData("v1")]
    public async Task Branches_tags_and_HEAD_resolve(string reference)
    {
        var commit = Create();
        SmallUpstream.Git(Repository, "tag", "--annotate", "--message", "x", "v1");
        var source = new GitSource($"file://{Repository}", reference);
        Assert.Equal(commit, (await FetchAsync(source)).Origin.Commit);
        Assert.Equal(commit, await source.ResolveAsync(new FetchContext(temp["out"]), default));
    }

    [Fact]
    public async Task A_bundle_gives_the_same_snapshot()
    {
        var commit = Create();
        SmallUpstream.Git(Repository, "bundle", "create", temp["up.bundle"], "HEAD", "main");
        foreach (var reference in (string[])["HEAD", "main", commit])
        {
            var source = Assert.IsType<GitSource>(new SourceFactory(new DownloadOptions()).Open(temp["up.bundle"], reference));
            Assert.Equal(commit, (await FetchAsync(source)).Origin.Commit);
        }

        var error = await Assert.ThrowsAsync<TdxException>(() => FetchAsync(new GitSource(temp["up.bundle"], new string('1', 40))));
        Assert.EndsWith($"the bundle has no commit {new string('1', 40)}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_and_hooks_of_the_repository_never_run()
    {
        var files = SmallUpstream.Files();
        files[".gitattributes"] = "* filter=evil text eol=crlf ident\n"u8.ToArray();
        files["LICENSE"] = "$Id$\nline\n"u8.ToArray();
        SmallUpstream.Write(Repository, files);
        SmallUpstream.Commit(Repository);
        foreach (var hook in (string[])["post-checkout", "post-merge", "reference-transaction", "post-index-change"])
        {
            File.WriteAllText($"{Repository}/.git/hooks/{hook}", $"#!/bin/sh\ntouch {temp["ran"]}\n");
            File.SetUnixFileMode($"{Repository}/.git/hooks/{hook}", (UnixFileMode)0x1ED);
        }

        SmallUpstream.Git(Repository, "config", "filter.evil.smudge", $"touch {temp["ran"]}");
        SmallUpstream.Git(Repository, "config", "core.fsmonitor", $"touch {temp["ran"]}");
        SmallUpstream.Git(Repository, "config", "uploadpack.packObjectsHook", $"touch {temp["ran"]}");
        File.Delete(temp["ran"]);
        var snapshot = await FetchAsync(new GitSource(Repository));
        Assert.Equal("$Id$\nline\n"u8, snapshot.Read("LICENSE"));
        Assert.False(File.Exists(temp["ran"]));
    }

    [Fact]
    public async Task A_link_in_the_tree_is_refused()
    {
        SmallUpstream.Write(Repository, SmallUpstream.Files());
        File.CreateSymbolicLink($"{Repository}/evil", "/etc/passwd");
        await RefusedAsync("\"evil\" is a symbolic link");
    }

    [Fact]
    public async Task A_submodule_is_refused_and_never_fetched()
    {
        Create();
        SmallUpstream.Git(Repository, "update-index", "--add", "--cacheinfo", $"160000,{new string('1', 40)},sub");
        SmallUpstream.Git(Repository, "commit", "--quiet", "--message", "submodule");
        var error = await Assert.ThrowsAsync<TdxException>(() => FetchAsync(new GitSource(Repository)));
        Assert.Contains("\"sub\" is a submodule", error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Io, error.Code);
    }

    [Fact]
    public async Task A_newline_in_a_path_is_refused()
    {
        SmallUpstream.Write(Repository, SmallUpstream.Files());
        File.WriteAllText($"{Repository}/a\nb", "x");
        await RefusedAsync("\"a\\x0ab\" is not a safe relative path");
    }

    [Fact]
    public async Task An_lfs_pointer_is_named()
    {
        var files = SmallUpstream.Files();
        files["joined_files/1.5/tdx_module_1.5.01.blob"] =
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"u8.ToArray();
        SmallUpstream.Write(Repository, files);
        await RefusedAsync("\"joined_files/1.5/tdx_module_1.5.01.blob\" is a git LFS pointer, not the file");
    }

    [Fact]
    public async Task An_oversized_file_is_refused_before_it_is_read()
    {
        SmallUpstream.Write(Repository, SmallUpstream.Files());
        File.WriteAllBytes($"{Repository}/LICENSE", new byte[DataFiles.MaxLength + 1]);
        await RefusedAsync("\"LICENSE\" has 16777217 bytes, the limit is 16777216");
    }

    [Fact]
    public async Task A_commit_that_is_not_there_is_one_error()
    {
        Create();
        var error = await Assert.ThrowsAsync<TdxException>(() => FetchAsync(new GitSource(Repository, new string('1', 40))));
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.Contains("not our ref", error.Message, StringComparison.Ordinal);
        Assert.Contains("force-pushed", error.Hint, StringComparison.Ordinal);
        Assert.False(Path.Exists(temp["out"]));
    }

    [Theory]
    [InlineData("--upload-pack=touch x", "HEAD")]
    [InlineData("", "HEAD")]
    [InlineData("/x\n", "HEAD")]
    [InlineData("/x", "--upload-pack=touch x")]
    [InlineData("/x", "main:refs/heads/x")]
    [InlineData("/x", "+main")]
    [InlineData("/x", "a..b")]
    [InlineData("/x", "^main")]
    public void Options_in_disguise_are_refused(string url, string reference) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => new GitSource(url, reference)).Code);

    [Fact]
    public async Task Transport_helpers_are_never_run()
    {
        var error = await Assert.ThrowsAsync<TdxException>(() => FetchAsync(new GitSource($"ext::sh -c touch% {temp["ran"]}")));
        Assert.Contains("not allowed", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(temp["ran"]));
    }

    [Fact]
    public void Variables_of_a_surrounding_git_do_not_leak_in()
    {
        var environment = new Dictionary<string, string?>
        {
            ["GIT_DIR"] = "/x",
            ["GIT_CONFIG_COUNT"] = "1",
            ["GIT_SSH"] = "plink",
            ["PATH"] = "/bin",
            ["SSL_CERT_FILE"] = "/ca.pem"
        };
        GitProcess.Harden(environment);
        Assert.Equal(
            ["GIT_CONFIG_NOSYSTEM=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_SSH=plink", "GIT_SSL_CAINFO=/ca.pem", "GIT_TERMINAL_PROMPT=0",
                "LC_ALL=C", "PATH=/bin", "SSL_CERT_FILE=/ca.pem"],
            environment.Select(pair => $"{pair.Key}={pair.Value}")
                .Where(text => !text.StartsWith("GIT_SSH_COMMAND=", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Ancestry_is_told()
    {
        var first = Create();
        var second = SmallUpstream.Commit(Repository, "second");
        SmallUpstream.Git(Repository, "checkout", "--quiet", "--orphan", "other");
        var other = SmallUpstream.Commit(Repository, "other");
        var context = new FetchContext(temp["out"]);
        Assert.True(await new GitSource(Repository, second).DescendsFromAsync(first, context, default));
        Assert.True(await new GitSource(Repository, second).DescendsFromAsync(second, context, default));
        Assert.False(await new GitSource(Repository, first).DescendsFromAsync(second, context, default));
        Assert.False(await new GitSource(Repository, other).DescendsFromAsync(first, context, default));
        Assert.False(await new GitSource(Repository, second).DescendsFromAsync(new string('1', 40), context, default));
    }

    [Fact]
    public async Task A_fetched_commit_comes_back_offline_from_the_cache()
    {
        var commit = Create();
        var cache = new ContentCache(temp["cache"]);
        var first = await new GitSource(Repository, commit).FetchAsync(new FetchContext(temp["out"], cache), default);
        Directory.Delete(Repository, recursive: true);
        var second = await new CacheSource(cache, cache.TryReadCommit(commit)!).FetchAsync(new FetchContext(temp["again"], cache), default);
        Assert.Equal(first.ToRecord().ToJson(), second.ToRecord().ToJson());
        Assert.Empty(cache.Verify());
        Assert.Null(cache.TryReadCommit(new string('1', 40)));
    }

    [Fact]
    public async Task A_fetch_that_is_too_large_is_stopped()
    {
        SmallUpstream.Write(Repository, SmallUpstream.Files());
        File.WriteAllBytes($"{Repository}/big", SmallUpstream.Bytes(9, 4 << 20));
        SmallUpstream.Commit(Repository);
        var context = new FetchContext(temp["out"], null, SilentProgress.Instance, new FetchLimits { MaxDownload = 100_000 });
        var error = await Assert.ThrowsAsync<TdxException>(() => new GitSource(Repository).FetchAsync(context, default));
        Assert.EndsWith("more than 100000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal([Repository], Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var url = $"git://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/up";
        var context = new FetchContext(temp["out"], null, SilentProgress.Instance, new FetchLimits { Stall = TimeSpan.FromSeconds(2) });
        var error = await Assert.ThrowsAsync<TdxException>(() => new GitSource(url).FetchAsync(context, default));
        Assert.Equal($"{url}: no progress for 2 seconds", error.Message);
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.Empty(Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public async Task A_git_that_has_no_more_to_print_and_does_not_end_is_given_up()
    {
        var start = new ProcessStartInfo("sh", ["-c", "exec sleep 20 >&-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var limits = new FetchLimits { Stall = TimeSpan.FromSeconds(2) };
        using var run = new GitRun(Process.Start(start)!, temp.Path, limits, "x", default);
        var error = await Assert.ThrowsAsync<TdxException>(() => run.ToEndAsync(null, null, null));
        Assert.Equal("x: no progress for 2 seconds", error.Message);
    }

    [Fact]
    public async Task The_time_that_a_slow_disk_takes_is_not_the_silence_of_git()
    {
        Create();
        var limits = new FetchLimits { Stall = TimeSpan.FromSeconds(3) };
        using var repository = await GitRepository.CreateAsync(temp.Path, limits, "x", sha256: false, default);
        repository.ReadObjectsOf($"{Repository}/.git/objects");
        var selection = new Selection("x", ExitCode.Io);
        var head = SmallUpstream.Git(Repository, "rev-parse", "HEAD").Trim();
        var blobs = await GitTree.ListAsync(repository.Git, head, selection, default);
        var written = new List<string>();
        await GitTree.ReadAsync(repository.Git, blobs, selection, (path, _) =>
        {
            Thread.Sleep(written.Count == 0 ? limits.Stall * 1.2 : TimeSpan.Zero);
            written.Add(path);
        }, default);
        Assert.Equal(SmallUpstream.DataPaths, written);
    }

    [Theory]
    [InlineData("https://user:secret@example.org/x", "https://example.org/x")]
    [InlineData("ssh://git@example.org/x", "ssh://git@example.org/x")]
    [InlineData("ssh://git:secret@example.org/x", "ssh://example.org/x")]
    [InlineData("fatal: unable to access 'https://token@example.org/x/': no", "fatal: unable to access 'https://example.org/x/': no")]
    public void Credentials_are_stripped(string text, string stripped) => Assert.Equal(stripped, Credentials.Strip(text));

    private string Create()
    {
        SmallUpstream.Write(Repository, SmallUpstream.Files());
        return SmallUpstream.Commit(Repository);
    }

    private Task<Snapshot> FetchAsync(GitSource source) => source.FetchAsync(new FetchContext(temp["out"]), default);

    private async Task RefusedAsync(string message)
    {
        SmallUpstream.Commit(Repository);
        var error = await Assert.ThrowsAsync<TdxException>(() => FetchAsync(new GitSource(Repository)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.Equal([Repository], Directory.GetFileSystemEntries(temp.Path));
    }
}
