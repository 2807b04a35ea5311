using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.GitHub;

/// <summary>
/// Asks the one server that was named, over TLS, and no other: a redirect
/// elsewhere is an error, so that the token never leaves for another host.
/// An answer is read whole and at most <see cref="AnswerFile.MaxLength"/> bytes long.
/// </summary>
/// <param name="options">The server, and how TLS is spoken.</param>
/// <param name="limits">The limit on silence.</param>
/// <param name="cancellation">Ends a request; Octokit's calls take no token.</param>
internal sealed class PinnedHostHandler(GitHubOptions options, FetchLimits limits, CancellationToken cancellation) : HttpMessageHandler
{
    private readonly HttpsClient client = new(options.Download with { RedirectHosts = [] }, limits, options.Url);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get || request.RequestUri is not { Scheme: "https" } address
            || address.Authority != new Uri(options.Url).Authority)
        {
            var asked = Credentials.Strip($"{request.RequestUri}");
            throw new TdxException(ExitCode.Io, $"{options.Url}: want a GET over https from this server, got {request.Method} {asked}");
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, cancellationToken);
        var response = await client.GetAsync(address, copy => Prepare(request, copy), either.Token, anyStatus: true).ConfigureAwait(false);
        using var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
        response.Content = AnswerFile.Content(await ReadAsync(body, either.Token).ConfigureAwait(false));
        response.RequestMessage = request;
        response.Headers.Remove("Link"); // one page is what is asked for; Octokit would follow it wherever it leads
        return response;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            client.Dispose();
        }

        base.Dispose(disposing);
    }

    private static void Prepare(HttpRequestMessage from, HttpRequestMessage to)
    {
        to.Headers.Accept.ParseAdd("application/vnd.github+json");
        to.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        to.Headers.Authorization = from.Headers.Authorization;
        foreach (var tag in from.Headers.IfNoneMatch)
        {
            to.Headers.IfNoneMatch.Add(tag);
        }
    }

    private async Task<byte[]> ReadAsync(Stream body, CancellationToken token)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[1 << 14];
        int n;
        while ((n = await client.ReadAsync(body, buffer, token).ConfigureAwait(false)) > 0)
        {
            whole.Write(buffer.AsSpan(0, n));
            if (whole.Length > AnswerFile.MaxLength)
            {
                throw new TdxException(ExitCode.Io, $"{options.Url}: an answer longer than {AnswerFile.MaxLength} bytes");
            }
        }

        return whole.ToArray();
    }
}
