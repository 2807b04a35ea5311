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
