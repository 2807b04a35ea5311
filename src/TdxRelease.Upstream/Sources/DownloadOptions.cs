namespace TdxRelease.Upstream.Sources;

/// <summary>How https is spoken. Proxies come from HTTPS_PROXY, ALL_PROXY and NO_PROXY, which .NET reads itself.</summary>
public sealed record DownloadOptions
{
    /// <summary>Value of SSL_CERT_FILE: a PEM file of the only certification authorities that are trusted; null for the system's.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>Hosts that a redirect may lead to, besides the host that was asked.</summary>
    public IReadOnlyList<string> RedirectHosts { get; init; } = ["github.com", "codeload.github.com", "objects.githubusercontent.com"];

    /// <summary>What the client calls itself.</summary>
    public string UserAgent { get; init; } = "tdxrel";
}
