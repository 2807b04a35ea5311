using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// GET over https with our own rules: redirects only to https and to known hosts, a limit on silence, errors in the user's words.
/// </summary>
internal sealed class HttpsClient : IDisposable
{
    private const int MaxRedirects = 5;

    private readonly DownloadOptions options;
    private readonly FetchLimits limits;
    private readonly string name;
    private readonly HttpClient client;

    public HttpsClient(DownloadOptions options, FetchLimits limits, string name)
    {
        (this.options, this.limits, this.name) = (options, limits, name);
#pragma warning disable CA2000 // the client disposes its handler
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = limits.Stall,
            UseCookies = false,
            MaxResponseHeadersLength = 64,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Policy(options.AuthoritiesFile) },
        };
#pragma warning restore CA2000
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd(options.UserAgent);
    }

    public void Dispose() => client.Dispose();

    /// <summary>Sends a GET, follows redirects, and returns the headers; the body is still to be read.</summary>
    /// <param name="address">What is asked for.</param>
    /// <param name="prepare">Sets the headers of each request, redirected ones included.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="anyStatus">Returns answers of every status but redirects; else an error is thrown for those that bring nothing.</param>
    /// <exception cref="TdxException">Exit 6: refused for good.</exception>
    /// <exception cref="BrokenTransferException">Another attempt may help.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri address, Action<HttpRequestMessage> prepare, CancellationToken cancellation,
        bool anyStatus = false)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            prepare(request);
            var response = await SendAsync(request, cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
            {
                using (response)
                {
                    address = Redirected(address, response.Headers.Location, redirects);
                }

                continue;
            }

            if (anyStatus || response.IsSuccessStatusCode
                || response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.NotModified)
            {
                return response;
            }

            using (response)
            {
                throw Refused(response);
            }
        }
    }

    /// <summary>Reads from a body, with the limit on silence.</summary>
    public Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellation) =>
        NotSilent(token => body.ReadAsync(buffer, token).AsTask(), cancellation);

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        NotSilent(token => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellation);

    private async Task<T> NotSilent<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(limits.Stall);
        try
        {
            return await work(silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BrokenTransferException($"no byte for {limits.Stall.TotalSeconds:0.#} seconds");
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException
            || e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new TdxException(ExitCode.Io, $"{name}: TLS: {Innermost(e)}",
                "SSL_CERT_FILE names another set of certification authorities", e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.NameResolutionError
            || e.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound })
        {
            throw new TdxException(
                ExitCode.Io, $"{name}: the host name cannot be resolved",
                "without a network, use --source=FOLDER, --source=sample, or --offline with a filled cache", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new BrokenTransferException(Innermost(e), e);
        }
    }

    private Uri Redirected(Uri from, Uri? location, int redirects)
    {
        if (redirects == MaxRedirects || location is null)
        {
            throw new TdxException(ExitCode.Io,
                $"{name}: {(location is null ? "a redirect to nowhere" : $"more than {MaxRedirects} redirects")}");
        }

        var to = location.IsAbsoluteUri ? location : new Uri(from, location);
        var shown = SafePath.Printable(Credentials.Strip(to.OriginalString));
        if (to.Scheme != "https")
        {
            throw new TdxException(ExitCode.Io, $"{name}: redirected to \"{shown}\", want https");
        }

        return to.Authority == from.Authority || options.RedirectHosts.Contains(to.Authority, StringComparer.OrdinalIgnoreCase)
            ? to
            : throw new TdxException(ExitCode.Io, $"{name}: redirected to \"{shown}\", another host",
                "name that URL itself if it is to be trusted");
    }

    private Exception Refused(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var limited = status == 429 || (status == 403 && (response.Headers.RetryAfter is not null
            || (response.Headers.TryGetValues("x-ratelimit-remaining", out var left) && left.FirstOrDefault() == "0")));
        return limited ? new TdxException(ExitCode.Io, $"{name}: HTTP {status}, rate limit{RateLimit.When(response)}",
            "wait, set GITHUB_TOKEN, or name a mirror")
            : status is 404 or 410
            ? new TdxException(ExitCode.Io, $"{name}: HTTP {status}, not found", "the commit is no longer there, or the URL is wrong")
            : status is 408 or >= 500 ? new BrokenTransferException($"HTTP {status}")
            : new TdxException(ExitCode.Io, $"{name}: HTTP {status}");
    }

    private static X509ChainPolicy Policy(string? authorities)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (!string.IsNullOrEmpty(authorities))
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            try
            {
                policy.CustomTrustStore.ImportFromPemFile(authorities);
            }
            catch (Exception e) when (IoErrors.Is(e) || e is CryptographicException)
            {
                throw new TdxException(ExitCode.Io, $"cannot read the certificates in \"{authorities}\"",
                    "SSL_CERT_FILE names a PEM file", e);
            }
        }

        return policy;
    }

    private static string Innermost(Exception e)
    {
        var inner = e.GetBaseException().Message.TrimEnd('.');
        return inner.Length > 0 ? char.ToLowerInvariant(inner[0]) + inner[1..] : "failed";
    }
}
