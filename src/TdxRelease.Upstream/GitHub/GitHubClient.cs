using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Upstream.Json;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.GitHub;

/// <summary>How GitHub is asked.</summary>
/// <param name="Download">TLS and name of the client.</param>
public sealed record GitHubOptions(DownloadOptions Download)
{
    /// <summary>The API; GitHub Enterprise has another.</summary>
    public string Url { get; init; } = "https://api.github.com";

    /// <summary>Value of GITHUB_TOKEN; null asks anonymously. Never logged, and sent to <see cref="Url"/> only.</summary>
    public string? Token { get; init; }

    /// <summary>Folder of answers by entity tag, so that an unchanged answer costs nothing of the rate limit; null for none.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Keeps every answer in this folder.</summary>
    public string? RecordFolder { get; init; }

    /// <summary>Answers from this folder only, never from the network.</summary>
    public string? ReplayFolder { get; init; }
}

/// <summary>A small client of GitHub's REST API, version 2022-11-28.</summary>
/// <param name="options">How it is asked.</param>
/// <param name="limits">Bounds.</param>
public sealed partial class GitHubClient(GitHubOptions options, FetchLimits limits) : IGitHub
{
    private const int MaxAnswer = 16 << 20;

    /// <inheritdoc/>
    public async Task<string> NewestCommitAsync(string repository, string branch, CancellationToken cancellation)
    {
        if (!RepositoryForm().IsMatch(repository) || !BranchForm().IsMatch(branch))
        {
            throw new TdxException(ExitCode.Usage, $"\"{SafePath.Printable(repository)}\" and \"{SafePath.Printable(branch)}\" are not owner/name and a branch");
        }

        var path = $"/repos/{repository}/commits/{Uri.EscapeDataString(branch)}";
        var answer = Parse(path, await GetAsync(path, cancellation).ConfigureAwait(false), bytes => JsonSerializer.Deserialize(bytes, GitHubJson.Default.CommitAnswer));
        return answer?.Sha is { } sha && Hex.IsGitId(sha) ? sha : throw Bad(path, "names no commit");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReleaseNote>> ReleasesAsync(string repository, CancellationToken cancellation)
    {
        if (!RepositoryForm().IsMatch(repository))
        {
            throw new TdxException(ExitCode.Usage, $"\"{SafePath.Printable(repository)}\" is not owner/name");
        }

        var path = $"/repos/{repository}/releases?per_page=100";
        var answer = Parse(path, await GetAsync(path, cancellation).ConfigureAwait(false), bytes => JsonSerializer.Deserialize(bytes, GitHubJson.Default.ReleaseAnswerArray));
        return [.. (answer ?? throw Bad(path, "is no list")).Where(release => release is { Draft: false }).Select(ReleaseNotes.Of)];
    }

    private async Task<byte[]> GetAsync(string path, CancellationToken cancellation)
    {
        var name = $"{Hex.Sha256(Encoding.UTF8.GetBytes($"{options.Url}{path}"))[..32]}.json";
        if (options.ReplayFolder is { } replay)
        {
            var recorded = Path.Combine(replay, name);
            return FileStat.Of(recorded) is null
                ? throw new TdxException(ExitCode.Io, $"\"{replay}\" has no recorded answer to {options.Url}{path}", "record it with --record DIR")
                : InputFile.Read(recorded, MaxAnswer);
        }

        var bytes = await AskAsync(path, name, cancellation).ConfigureAwait(false);
        if (options.RecordFolder is { } record)
        {
            Keep(record, name, bytes);
        }

        return bytes;
    }

    private async Task<byte[]> AskAsync(string path, string name, CancellationToken cancellation)
    {
        using var client = new HttpsClient(options.Download with { RedirectHosts = [] }, limits, options.Url);
        var known = Cached(name);
        try
        {
            using var response = await client.GetAsync(new Uri(options.Url + path), request => Prepare(request, known?.Tag), cancellation).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotModified && known is { } same)
            {
                return same.Body;
            }

            using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var bytes = await ReadAsync(client, body, path, cancellation).ConfigureAwait(false);
            if (options.CacheFolder is { } cache && response.Headers.ETag is { } tag)
            {
                // One file, tag line first: body and tag can never be of two different answers.
                Keep(cache, name, [.. Encoding.ASCII.GetBytes($"{tag}\n"), .. bytes]);
            }

            return bytes;
        }
        catch (BrokenTransferException e)
        {
            throw new TdxException(ExitCode.Io, $"{options.Url}{path}: {e.Message}", "try again later, or use --replay DIR", e);
        }
    }

    private void Prepare(HttpRequestMessage request, string? tag)
    {
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        if (!string.IsNullOrEmpty(options.Token))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
        }

        if (tag is not null && EntityTagHeaderValue.TryParse(tag, out var value))
        {
            request.Headers.IfNoneMatch.Add(value);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpsClient client, Stream body, string path, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[1 << 14];
        int n;
        while ((n = await client.ReadAsync(body, buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            whole.Write(buffer.AsSpan(0, n));
            if (whole.Length > MaxAnswer)
            {
                throw Bad(path, $"is longer than {MaxAnswer} bytes");
            }
        }

        return whole.ToArray();
    }

    private (string Tag, byte[] Body)? Cached(string name)
    {
        if (options.CacheFolder is not { } folder || FileStat.Of(Path.Combine(folder, name)) is null)
        {
            return null;
        }

        var bytes = InputFile.Read(Path.Combine(folder, name), MaxAnswer + 1000);
        var end = Array.IndexOf(bytes, (byte)'\n');
        return end > 0 ? (Encoding.ASCII.GetString(bytes, 0, end), bytes[(end + 1)..]) : null;
    }

    private static void Keep(string folder, string name, byte[] bytes)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Writing(folder, e);
        }

        AtomicFile.Write(Path.Combine(folder, name), bytes);
    }

    private static T? Parse<T>(string path, byte[] bytes, Func<byte[], T?> read)
        where T : class
    {
        try
        {
            return read(bytes);
        }
        catch (JsonException)
        {
            throw Bad(path, "is not the JSON that is expected");
        }
    }

    private static TdxException Bad(string path, string what) => new(ExitCode.Io, $"GitHub's answer to {path} {what}");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex BranchForm();
}
