using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

/// <summary>A server on loopback that misbehaves in every way of the list.</summary>
public sealed class DownloadTests : IDisposable
{
    private static readonly FetchLimits Quick =
        new() { Stall = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(10), MaxDownload = 1 << 20 };

    private readonly TempFolder temp = new();
    private readonly byte[] archive;
    private readonly string commit;

    public DownloadTests()
    {
        SmallUpstream.Write(temp["repo"], SmallUpstream.Files());
        commit = SmallUpstream.Commit(temp["repo"]);
        SmallUpstream.Git(temp["repo"], "archive", "--format=tar.gz", "--prefix=up/", $"--output={temp["up.tar.gz"]}", "HEAD");
        archive = File.ReadAllBytes(temp["up.tar.gz"]);
    }

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task An_archive_comes_over_https_with_its_commit()
    {
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 200, archive));
        var snapshot = await FetchAsync(server);
        Assert.Equal(new Origin("archive", $"{server.Url}/{commit}.tar.gz") { ClaimedCommit = commit }, snapshot.Origin);
        Assert.Equal(SmallUpstream.DataPaths, snapshot.Files.Select(file => file.Path));
        Assert.Empty(Partials());
    }

    [Fact]
    public async Task A_broken_transfer_is_resumed_where_it_ended()
    {
        using var server = Server(async (request, stream) =>
        {
            if (request.Headers.TryGetValue("Range", out var range))
            {
                var from = int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal("\"one\"", request.Headers["If-Range"]);
                await HttpsServer.Respond(stream, 206, archive[from..], "ETag: \"one\"",
                    $"Content-Range: bytes {from}-{archive.Length - 1}/{archive.Length}");
                return;
            }

            await HttpsServer.Head(stream, 200, $"Content-Length: {archive.Length}", "ETag: \"one\"");
            await stream.WriteAsync(archive.AsMemory(0, 3000));
            await stream.FlushAsync();
            throw new IOException("reset");
        });
        await FetchAsync(server);
        Assert.Equal(2, server.Requests.Count);
        Assert.Equal("bytes=3000-", server.Requests[1].Headers["Range"]);
    }

    [Fact]
    public async Task A_later_run_resumes_and_a_changed_file_is_started_anew()
    {
        var whole = false;
        using var server = Server(async (request, stream) =>
        {
            if (whole)
            {
                await HttpsServer.Respond(stream, 200, archive, "ETag: \"two\""); // If-Range does not match: the whole file
                return;
            }

            await HttpsServer.Head(stream, 200, $"Content-Length: {archive.Length}", "ETag: \"one\"");
            await stream.WriteAsync(new byte[2000]);
            throw new IOException("reset");
        });
        var error = await FailsAsync(server, Quick with { Attempts = 1 });
        Assert.EndsWith("(1 attempt)", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(Partials());
        whole = true;
        await FetchAsync(server);
        Assert.True(server.Requests[1].Headers.ContainsKey("If-Range"));
        Assert.Empty(Partials());
    }

    [Fact]
    public async Task Two_at_once_do_not_disturb_each_other()
    {
        using var server = Server(async (_, stream) =>
        {
            await HttpsServer.Head(stream, 200, $"Content-Length: {archive.Length}", "ETag: \"one\"");
            foreach (var part in archive.Chunk(500))
            {
                await stream.WriteAsync(part);
                await Task.Delay(2);
            }
        });
        var runs = Enumerable.Range(0, 4).Select(i => Source(server).FetchAsync(Context($"out{i % 2}", Quick), default)).ToArray();
        foreach (var snapshot in await Task.WhenAll(runs))
        {
            Assert.Equal(SmallUpstream.DataPaths, snapshot.ToRecord().Files.Select(file => file.Path));
        }

        Assert.Empty(new ContentCache(temp["cache"]).Verify());
        Assert.Empty(Partials());
    }

    public static TheoryData<string, string, int> Faults => new()
    {
        { "stall before headers", "no byte for 0.3 seconds (3 attempts)", 0 },
        { "stall in body", "no byte for 0.3 seconds (3 attempts)", 0 },
        { "reset", "(3 attempts)", 0 },
        { "truncate", "(3 attempts)", 3 },
        { "other bytes", "is not a tar, tar.gz, tar.zst or zip archive", 1 },
        { "damaged", "the archive is damaged or incomplete", 1 },
        { "redirect to another host", "redirected to \"https://evil.example/x\", another host", 1 },
        { "redirect to file", "redirected to \"file:///etc/passwd\", want https", 1 },
        { "redirect to http", "redirected to \"http://localhost/x\", want https", 1 },
        { "redirect for ever", "more than 5 redirects", 6 },
        { "10 GB", "10737418240 bytes, the limit is 1048576", 1 },
        { "endless", "body, the limit is 1048576", 1 },
        { "403", "HTTP 403", 1 },
        { "rate limit", "HTTP 403, rate limit; again at 2026-02-10T12:00:00Z", 1 },
        { "404", "HTTP 404, not found", 1 },
        { "500", "HTTP 500 (3 attempts)", 3 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_is_one_clear_error_and_the_next_run_succeeds(string fault, string message, int requests)
    {
        var broken = true;
        using var server = Server((request, stream) => broken ? MisbehaveAsync(fault, stream) : HttpsServer.Respond(stream, 200, archive));
        var limits = fault.StartsWith("stall", StringComparison.Ordinal) ? Quick with { Stall = TimeSpan.FromSeconds(0.3) } : Quick;
        var error = await FailsAsync(server, limits);
        Assert.Contains(message, $"{error.Message}; {error.Hint}", StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(requests == 0 || requests == server.Requests.Count,
            $"{server.Requests.Count} requests"); // 0: HttpClient may ask again by itself, or time out before it asks
        Assert.False(Path.Exists(temp["out"]));
        broken = false;
        await FetchAsync(server);
        Assert.Empty(new ContentCache(temp["cache"]).Verify());
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_and_a_closed_port_are_told_apart()
    {
        var dns = await Assert.ThrowsAsync<TdxException>(
            () => new DownloadSource("https://nowhere.invalid/x.tar.gz", null, new DownloadOptions())
            .FetchAsync(Context("out", Quick), default));
        Assert.EndsWith("the host name cannot be resolved", dns.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Io, dns.Code);
        Assert.Contains("--offline", dns.Hint, StringComparison.Ordinal);

        int port;
        using (var server = Server((_, stream) => HttpsServer.Respond(stream, 200, archive)))
        {
            port = server.Port;
        }

        var refused = await Assert.ThrowsAsync<TdxException>(
            () => new DownloadSource($"https://localhost:{port}/x.tar.gz", null, new DownloadOptions())
            .FetchAsync(Context("out", Quick), default));
        Assert.Contains("refused", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_count()
    {
        using var expired = new HttpsServer(temp.Path, (_, stream) => HttpsServer.Respond(stream, 200, archive), expired: true);
        Assert.Contains("NotTimeValid", (await FailsAsync(expired, Quick)).Message, StringComparison.Ordinal);

        Directory.CreateDirectory(temp["two"]);
        using var good = Server((_, stream) => HttpsServer.Respond(stream, 200, archive));
        using var other = new HttpsServer(temp["two"], (_, stream) => HttpsServer.Respond(stream, 200, archive));
        var source = new DownloadSource($"{good.Url}/x.tar.gz", null, new DownloadOptions { AuthoritiesFile = other.AuthoritiesFile });
        var error = await Assert.ThrowsAsync<TdxException>(() => source.FetchAsync(Context("out", Quick), default));
        Assert.Contains("TLS", error.Message, StringComparison.Ordinal);
        Assert.Empty(good.Requests);

        var missing = new DownloadSource($"{good.Url}/x.tar.gz", null, new DownloadOptions { AuthoritiesFile = temp["none.pem"] });
        Assert.Contains("cannot read the certificates",
            (await Assert.ThrowsAsync<TdxException>(() => missing.FetchAsync(Context("out", Quick), default)))
            .Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://example.org/x.tar.gz", null)]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("https://example.org/{commit}", null)]
    [InlineData("https://example.org/{commit}", "main")]
    public void Only_https_and_only_commits(string url, string? commit) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => new DownloadSource(url, commit, new DownloadOptions())).Code);

    private async Task MisbehaveAsync(string fault, Stream stream)
    {
        switch (fault)
        {
            case "stall before headers":
                await Task.Delay(1500);
                break;
            case "stall in body":
                await HttpsServer.Head(stream, 200, $"Content-Length: {archive.Length}");
                await stream.WriteAsync(archive.AsMemory(0, 100));
                await stream.FlushAsync();
                await Task.Delay(1500);
                break;
            case "reset":
                throw new IOException("reset");
            case "truncate":
                await HttpsServer.Head(stream, 200, $"Content-Length: {archive.Length}");
                await stream.WriteAsync(archive.AsMemory(0, archive.Length - 1));
                break;
            case "other bytes":
                await HttpsServer.Respond(stream, 200, "<html>log in</html>"u8.ToArray());
                break;
            case "damaged":
                var damaged = (byte[])archive.Clone();
                damaged[archive.Length / 2] ^= 0xFF;
                damaged[(archive.Length / 2) + 1] ^= 0xFF;
                await HttpsServer.Respond(stream, 200, [.. damaged[..20], 0xFF, 0xFF, .. damaged[22..]]);
                break;
            case "redirect to another host":
                await HttpsServer.Head(stream, 302, "Location: https://evil.example/x", "Content-Length: 0");
                break;
            case "redirect to file":
                await HttpsServer.Head(stream, 302, "Location: file:///etc/passwd", "Content-Length: 0");
                break;
            case "redirect to http":
                await HttpsServer.Head(stream, 302, "Location: http://localhost/x", "Content-Length: 0");
                break;
            case "redirect for ever":
                await HttpsServer.Head(stream, 302, "Location: /again", "Content-Length: 0");
                break;
            case "10 GB":
                await HttpsServer.Head(stream, 200, $"Content-Length: {10L << 30}");
                break;
            case "endless":
                await HttpsServer.Head(stream, 200);
                while (true)
                {
                    await stream.WriteAsync(new byte[1 << 16]);
                }

            case "rate limit":
                await HttpsServer.Respond(stream, 403, [], "x-ratelimit-remaining: 0", "x-ratelimit-reset: 1770724800");
                break;
            default:
                await HttpsServer.Respond(stream, int.Parse(fault, System.Globalization.CultureInfo.InvariantCulture), []);
                break;
        }
    }

    private HttpsServer Server(Func<HttpsRequest, Stream, Task> answer) => new(temp.Path, answer);

    private DownloadSource Source(HttpsServer server) =>
        new($"{server.Url}/{{commit}}.tar.gz", commit, new DownloadOptions { AuthoritiesFile = server.AuthoritiesFile });

    private FetchContext Context(string target, FetchLimits limits) =>
        new(temp[target], new ContentCache(temp["cache"]), SilentProgress.Instance, limits);

    private Task<Snapshot> FetchAsync(HttpsServer server) => Source(server).FetchAsync(Context("out", Quick), default);

    private async Task<TdxException> FailsAsync(HttpsServer server, FetchLimits limits)
    {
        var error = await Assert.ThrowsAsync<TdxException>(() => Source(server).FetchAsync(Context("out", limits), default));
        Assert.Equal(ExitCode.Io, error.Code);
        return error;
    }

    private string[] Partials() => Directory.GetFileSystemEntries(temp["cache/partial"]);
}
