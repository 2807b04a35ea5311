using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.GitHub;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

/// <summary>GitHub's API, played by a server on loopback.</summary>
public sealed class GitHubTests : IDisposable
{
    private const string Repository = "intel/tdx-module";
    private const string Token = "ghp_TESTtesttesttest";
    private static readonly string Commit = new('a', 40);
    private static readonly FetchLimits Quick =
        new() { Stall = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(10), Attempts = 1 };

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task The_newest_commit_is_asked_with_version_and_token()
    {
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 200, CommitAnswer));
        Assert.Equal(Commit, await Client(server, token: Token).NewestCommitAsync(Repository, "main", default));
        var request = Assert.Single(server.Requests);
        Assert.Equal("/repos/intel/tdx-module/commits/main", request.Path);
        Assert.Equal("2022-11-28", request.Headers["X-GitHub-Api-Version"]);
        Assert.Equal("application/vnd.github+json", request.Headers["Accept"]);
        Assert.Equal($"Bearer {Token}", request.Headers["Authorization"]);

        await Client(server).NewestCommitAsync(Repository, "main", default);
        Assert.DoesNotContain("Authorization", server.Requests[1].Headers.Keys);
    }

    [Fact]
    public async Task An_unchanged_answer_comes_from_the_cache_by_its_entity_tag()
    {
        using var server = Server((request, stream) => request.Headers.GetValueOrDefault("If-None-Match") == "\"one\""
            ? HttpsServer.Head(stream, 304, "ETag: \"one\"")
            : HttpsServer.Respond(stream, 200, CommitAnswer, "ETag: \"one\""));
        for (var run = 0; run < 2; run++)
        {
            Assert.Equal(Commit, await Client(server, cache: temp["http"]).NewestCommitAsync(Repository, "main", default));
        }

        Assert.Equal([null, "\"one\""], server.Requests.Select(r => r.Headers.GetValueOrDefault("If-None-Match")));
    }

    [Theory]
    [InlineData("x-ratelimit-reset: 1770000000", "again at 2026-02-02T02:40:00Z")]
    [InlineData("Retry-After: 60", "again in 60 seconds")]
    public async Task A_rate_limit_says_when_it_ends(string header, string want)
    {
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 403, "{}"u8.ToArray(), header, "x-ratelimit-remaining: 0"));
        var error = await Assert.ThrowsAsync<TdxException>(() => Client(server, token: Token)
            .NewestCommitAsync(Repository, "main", default));
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.Contains(want, $"{error.Message} {error.Hint}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_is_in_no_message_no_record_and_no_cache()
    {
        var status = 401;
        using var server = Server((_, stream) =>
            HttpsServer.Respond(stream, status, status == 200 ? CommitAnswer : "{}"u8.ToArray(), "ETag: \"one\""));
        foreach (var code in (int[])[401, 403, 404, 500])
        {
            status = code;
            var error = await Assert.ThrowsAsync<TdxException>(() => Client(server, token: Token)
                .NewestCommitAsync(Repository, "main", default));
            Assert.DoesNotContain(Token, $"{error} {error.Hint}", StringComparison.Ordinal);
        }

        status = 200;
        await Client(server, token: Token, cache: temp["http"], record: temp["record"]).NewestCommitAsync(Repository, "main", default);
        var kept = Directory.GetFiles(temp.Path, "*.json", SearchOption.AllDirectories);
        Assert.Equal(2, kept.Length);
        Assert.All(kept, file => Assert.DoesNotContain(Token, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_redirect_to_another_host_does_not_get_the_token()
    {
        var asked = 0;
        using var other = Server((_, stream) =>
        {
            asked++;
            return HttpsServer.Respond(stream, 200, CommitAnswer);
        });
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 302, [], $"Location: https://127.0.0.1:{other.Port}/x"));
        var error = await Assert.ThrowsAsync<TdxException>(() => Client(server, token: Token)
            .NewestCommitAsync(Repository, "main", default));
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task What_is_recorded_is_replayed_without_a_network()
    {
        string url;
        using (var server = Server((_, stream) => HttpsServer.Respond(stream, 200, CommitAnswer)))
        {
            url = server.Url;
            await Client(server, record: temp["record"]).NewestCommitAsync(Repository, "main", default);
        }

        var replay = new GitHubClient(new GitHubOptions(new DownloadOptions()) { Url = url, ReplayFolder = temp["record"] }, Quick);
        Assert.Equal(Commit, await replay.NewestCommitAsync(Repository, "main", default));
        var error = await Assert.ThrowsAsync<TdxException>(() => replay.ReleasesAsync(Repository, default));
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.Contains("--record", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Release_notes_give_up_their_facts()
    {
        var mrseam = new string('b', 96);
        var body = $$"""Build date: 2025-05-20\nBuild number: 744\nSEAM SVN: 1.11\nMRSEAM: {{mrseam.ToUpperInvariant()}}""";
        var answer = $$"""
            [{"tag_name":"TDX_1.5.16","name":"TDX 1.5.16","published_at":"2025-06-01T00:00:00Z","draft":false,"body":"{{body}}"},
             {"tag_name":"draft","draft":true,"body":""}, {"tag_name":"bare","draft":false,"body":null}]
            """;
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 200, System.Text.Encoding.UTF8.GetBytes(answer)));
        var notes = await Client(server).ReleasesAsync(Repository, default);
        Assert.Equal(["TDX_1.5.16", "bare"], notes.Select(n => n.Tag));
        Assert.Equal(("1.5.16", "2025-05-20", "744", "1.11", mrseam),
            (notes[0].Version, notes[0].BuildDate, notes[0].BuildNumber, notes[0].Svn, notes[0].MrSeam));
        Assert.Null(notes[1].MrSeam);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("{\"sha\":\"--upload-pack=x\"}")]
    public async Task An_answer_of_another_form_is_exit_6(string body)
    {
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 200, System.Text.Encoding.UTF8.GetBytes(body)));
        Assert.Equal(ExitCode.Io,
            (await Assert.ThrowsAsync<TdxException>(() => Client(server).NewestCommitAsync(Repository, "main", default))).Code);
    }

    [Fact]
    public async Task A_redirect_on_the_same_host_is_followed_with_the_token()
    {
        using var server = Server((request, stream) => request.Path == "/moved"
            ? HttpsServer.Respond(stream, 200, CommitAnswer)
            : HttpsServer.Respond(stream, 301, [], "Location: /moved"));
        Assert.Equal(Commit, await Client(server, token: Token).NewestCommitAsync(Repository, "main", default));
        Assert.Equal(["/repos/intel/tdx-module/commits/main", "/moved"], server.Requests.Select(r => r.Path));
        Assert.All(server.Requests, r => Assert.Equal($"Bearer {Token}", r.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("http://localhost/x", "want https")]
    [InlineData("https://user:secret@localhost:1/x", "another host")]
    [InlineData("/again", "more than 5 redirects")]
    public async Task A_redirect_that_leads_astray_is_one_error(string location, string want)
    {
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 302, [], $"Location: {location}"));
        var error = await Assert.ThrowsAsync<TdxException>(() => Client(server, token: Token)
            .NewestCommitAsync(Repository, "main", default));
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.Contains(want, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_elsewhere_are_not_fetched()
    {
        using var server = Server((_, stream) =>
            HttpsServer.Respond(stream, 200, "[]"u8.ToArray(), "Link: <https://example.org/next>; rel=\"next\""));
        Assert.Empty(await Client(server, token: Token).ReleasesAsync(Repository, default));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_oversized_answer_is_cut_off()
    {
        using var server = Server(async (_, stream) =>
        {
            await HttpsServer.Head(stream, 200);
            var blanks = new byte[1 << 20];
            Array.Fill(blanks, (byte)' ');
            for (var i = 0; i < 1000; i++)
            {
                await stream.WriteAsync(blanks);
            }
        });
        var error = await Assert.ThrowsAsync<TdxException>(() => Client(server).NewestCommitAsync(Repository, "main", default));
        Assert.Equal(ExitCode.Io, error.Code);
        Assert.EndsWith("an answer longer than 16777216 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_304_that_nobody_asked_for_is_exit_6()
    {
        using var server = Server((_, stream) => HttpsServer.Head(stream, 304, "ETag: \"one\""));
        Assert.Equal(ExitCode.Io,
            (await Assert.ThrowsAsync<TdxException>(() => Client(server, cache: temp["http"])
            .NewestCommitAsync(Repository, "main", default))).Code);
    }

    [Theory]
    [InlineData(429, "{\"message\":\"API rate limit exceeded for 127.0.0.1.\"}")]
    [InlineData(403, "{\"message\":\"API rate limit exceeded for 127.0.0.1.\"}")]
    [InlineData(403, "no JSON")]
    public async Task A_spent_rate_limit_is_told_from_headers_or_message(int status, string body)
    {
        using var server = Server((_, stream) => HttpsServer.Respond(
            stream, status, System.Text.Encoding.UTF8.GetBytes(body), "X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0",
            "X-RateLimit-Reset: 1770000000"));
        var error = await Assert.ThrowsAsync<TdxException>(() => Client(server).ReleasesAsync(Repository, default));
        Assert.Equal((ExitCode.Io,
            $"{server.Url}/repos/intel/tdx-module/releases: HTTP {status}, rate limit; again at 2026-02-02T02:40:00Z"),
            (error.Code, error.Message));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public async Task Deep_nesting_ends_in_an_error(string open)
    {
        var deep = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(open, 100_000)));
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 200, deep));
        Assert.Equal(ExitCode.Io, (await Assert.ThrowsAsync<TdxException>(() => Client(server).ReleasesAsync(Repository, default))).Code);
        using var broken = Server((_, stream) => HttpsServer.Respond(stream, 500, deep));
        Assert.EndsWith("HTTP 500",
            (await Assert.ThrowsAsync<TdxException>(() => Client(broken).ReleasesAsync(Repository, default)))
            .Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[7]")]
    [InlineData("[null]")]
    [InlineData("[{\"tag_name\":7,\"draft\":\"x\"}]")]
    [InlineData("[{\"published_at\":\"yesterday\"}]")]
    public async Task Releases_of_another_form_are_exit_6_or_none(string body)
    {
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 200, System.Text.Encoding.UTF8.GetBytes(body)));
        try
        {
            Assert.All(await Client(server).ReleasesAsync(Repository, default), note => Assert.Null(note.MrSeam));
        }
        catch (TdxException e)
        {
            Assert.Equal(ExitCode.Io, e.Code);
            Assert.StartsWith("GitHub's answer to /repos/intel/tdx-module/releases", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("../../etc", "main")]
    [InlineData("intel", "main")]
    [InlineData("intel/x", "--main")]
    public async Task A_repository_or_branch_of_another_form_is_never_asked_for(string repository, string branch)
    {
        using var server = Server((_, stream) => HttpsServer.Respond(stream, 200, CommitAnswer));
        Assert.Equal(ExitCode.Usage,
            (await Assert.ThrowsAsync<TdxException>(() => Client(server).NewestCommitAsync(repository, branch, default))).Code);
        Assert.Empty(server.Requests);
    }

    private static byte[] CommitAnswer => System.Text.Encoding.UTF8.GetBytes($$"""{"sha":"{{Commit}}","url":"x"}""");

    private HttpsServer Server(Func<HttpsRequest, Stream, Task> answer) => new(temp.Path, answer);

    private static GitHubClient Client(HttpsServer server, string? token = null, string? cache = null, string? record = null) => new(
        new GitHubOptions(new DownloadOptions { AuthoritiesFile = server.AuthoritiesFile })
        {
            Url = server.Url,
            Token = token,
            CacheFolder = cache,
            RecordFolder = record
        },
        Quick);
}
