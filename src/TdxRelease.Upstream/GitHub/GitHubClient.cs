using System.Globalization;
using System.Text.RegularExpressions;
using Octokit;
using Octokit.Internal;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.GitHub;

/// <summary>GitHub's REST API through Octokit, over connections with our own rules (see the handlers in this directory).</summary>
/// <param name="options">How it is asked.</param>
/// <param name="limits">Bounds.</param>
public sealed partial class GitHubClient(GitHubOptions options, FetchLimits limits) : IGitHub
{
    /// <inheritdoc/>
    public async Task<string> NewestCommitAsync(string repository, string branch, CancellationToken cancellation)
    {
        if (!RepositoryForm().IsMatch(repository) || !BranchForm().IsMatch(branch))
        {
            throw new TdxException(ExitCode.Usage,
                $"\"{SafePath.Printable(repository)}\" and \"{SafePath.Printable(branch)}\" are not owner/name and a branch");
        }

        var path = $"/repos/{repository}/commits/{branch}";
        var (owner, name) = Split(repository);
        var commit = await AskAsync(path, github => github.Repository.Commit.Get(owner, name, branch), cancellation).ConfigureAwait(false);
        return commit?.Sha is { } sha && Hex.IsGitId(sha) ? sha : throw Bad(path, "names no commit");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReleaseNote>> ReleasesAsync(string repository, CancellationToken cancellation)
    {
        if (!RepositoryForm().IsMatch(repository))
        {
            throw new TdxException(ExitCode.Usage, $"\"{SafePath.Printable(repository)}\" is not owner/name");
        }

        var path = $"/repos/{repository}/releases";
        var (owner, name) = Split(repository);
        var page = new ApiOptions { StartPage = 1, PageCount = 1, PageSize = 100 };
        var releases = await AskAsync(path, github => github.Repository.Release.GetAll(owner, name, page), cancellation)
            .ConfigureAwait(false);
        return [.. releases.Where(release => release is { Draft: false }).Select(ReleaseNotes.Of)];
    }

    private async Task<T> AskAsync<T>(string path, Func<Octokit.GitHubClient, Task<T>> ask, CancellationToken cancellation)
    {
        using var adapter = new HttpClientAdapter(() => Handler(cancellation));
        var credentials = string.IsNullOrEmpty(options.Token) ? Octokit.Credentials.Anonymous
            : new Octokit.Credentials(options.Token, AuthenticationType.Bearer);
        var connection = new Connection(
            new ProductHeaderValue(options.Download.UserAgent), new Uri($"{options.Url}/"), new InMemoryCredentialStore(credentials),
            adapter, new SimpleJsonSerializer());
        connection.SetRequestTimeout(limits.Total);
        try
        {
            return await ask(new Octokit.GitHubClient(connection)).ConfigureAwait(false);
        }
        catch (BrokenTransferException e)
        {
            throw new TdxException(ExitCode.Io, $"{options.Url}{path}: {e.Message}", "try again later, or use --replay DIR", e);
        }
        catch (ApiException e)
        {
            throw Refused(path, e);
        }
        catch (Exception e) when (e is not (TdxException or OperationCanceledException))
        {
            // Octokit's reader of JSON has no exception of its own: whatever it throws on an answer is that answer's fault.
            throw Bad(path, "is not the JSON that is expected", e);
        }
    }

    private HttpMessageHandler Handler(CancellationToken cancellation)
    {
        HttpMessageHandler handler = options.ReplayFolder is { } replay ? new ReplayHandler(replay)
            : new PinnedHostHandler(options, limits, cancellation);
        if (options.ReplayFolder is null && options.CacheFolder is { } cache)
        {
            handler = new EntityTagHandler(cache) { InnerHandler = handler };
        }

        handler = new StrictJsonHandler { InnerHandler = handler };
        return options.RecordFolder is { } record ? new RecordHandler(record) { InnerHandler = handler } : handler;
    }

    private TdxException Refused(string path, ApiException e)
    {
        var (status, asked) = ((int)e.StatusCode, $"{options.Url}{path}: HTTP {(int)e.StatusCode}");
        var limit = e.HttpResponse?.ApiInfo?.RateLimit;
        string? wait = null;
        e.HttpResponse?.Headers.TryGetValue("Retry-After", out wait);
        var spent = limit is { Remaining: 0, ResetAsUtcEpochSeconds: > 0 };
        if (e is RateLimitExceededException or SecondaryRateLimitExceededException || status == 429
            || (status == 403 && (spent || wait is not null)))
        {
            var when = spent ? $"; again at {limit!.Reset.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}"
                : int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? $"; again in {seconds} seconds"
                : "";
            return new TdxException(ExitCode.Io, $"{asked}, rate limit{when}", "wait, set GITHUB_TOKEN, or use --replay DIR");
        }

        return status is 404 or 410
            ? new TdxException(ExitCode.Io, $"{asked}, not found", "the repository or branch is not there, or GITHUB_TOKEN may not see it")
            : new TdxException(ExitCode.Io, asked, status is 408 or >= 500 ? "try again later, or use --replay DIR" : null);
    }

    private static (string Owner, string Name) Split(string repository)
    {
        var slash = repository.IndexOf('/', StringComparison.Ordinal);
        return (repository[..slash], repository[(slash + 1)..]);
    }

    private static TdxException Bad(string path, string what, Exception? inner = null) =>
        new(ExitCode.Io, $"GitHub's answer to {path} {what}", inner: inner);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex BranchForm();
}
