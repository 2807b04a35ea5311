using System.Net;
using System.Net.Http.Headers;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// Downloads one https URL into a file, going on after a break where the
/// server can (strong ETag, Range, If-Range), with bounds on everything.
/// </summary>
internal sealed class Download : IDisposable
{
    private readonly FetchLimits limits;
    private readonly IProgressSink progress;
    private readonly string name;
    private readonly HttpsClient client;

    public Download(DownloadOptions options, FetchLimits limits, IProgressSink progress, string name)
    {
        (this.limits, this.progress, this.name) = (limits, progress, name);
        client = new HttpsClient(options, limits, name);
    }

    public void Dispose() => client.Dispose();

    /// <exception cref="TdxException">Exit 6.</exception>
    public async Task RunAsync(Uri address, PartialFile partial, CancellationToken cancellation)
    {
        using var total = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        total.CancelAfter(limits.Total);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AttemptAsync(address, partial, total.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested && total.IsCancellationRequested)
            {
                throw new TdxException(ExitCode.Io, $"{name}: not done after {limits.Total.TotalSeconds:0.#} seconds",
                    "try again, or name a mirror");
            }
            catch (BrokenTransferException e)
            {
                if (attempt >= limits.Attempts)
                {
                    throw new TdxException(ExitCode.Io, $"{name}: {e.Message} ({attempt} {(attempt == 1 ? "attempt" : "attempts")})",
                        "try again, or name a mirror", e);
                }

                progress.Note($"{name}: {e.Message}, trying again");
                await Task.Delay(limits.Pause * Math.Pow(2, attempt - 1), cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task AttemptAsync(Uri address, PartialFile partial, CancellationToken cancellation)
    {
        var tag = partial.Tag;
        using var response = await client.GetAsync(
            address,
            request =>
            {
                if (tag is not null)
                {
                    request.Headers.Range = new RangeHeaderValue(partial.Stream.Length, null);
                    request.Headers.IfRange = new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(tag));
                }
            },
            cancellation).ConfigureAwait(false);

        var resumed = response.StatusCode == HttpStatusCode.PartialContent && tag is not null
            && response.Content.Headers.ContentRange?.From == partial.Stream.Length && response.Headers.ETag?.ToString() == tag;
        if (!resumed)
        {
            if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent)
            {
                partial.Restart(null);
                throw new BrokenTransferException("the server does not go on where the last transfer ended");
            }

            partial.Restart(response.Headers.ETag is { IsWeak: false } strong ? strong.ToString() : null);
        }

        partial.Stream.Position = partial.Stream.Length;
        var expected = response.Content.Headers.ContentLength is { } length ? partial.Stream.Length + length : (long?)null;
        await CopyAsync(response, partial, expected, cancellation).ConfigureAwait(false);
    }

    private async Task CopyAsync(HttpResponseMessage response, PartialFile partial, long? expected, CancellationToken cancellation)
    {
        if (expected > limits.MaxDownload)
        {
            partial.Discard();
            throw TooLarge(expected);
        }

        using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[1 << 16];
        int n;
        while ((n = await client.ReadAsync(body, buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (partial.Stream.Length + n > limits.MaxDownload)
            {
                partial.Discard();
                throw TooLarge(null);
            }

            try
            {
                await partial.Stream.WriteAsync(buffer.AsMemory(0, n), cancellation).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw IoErrors.Writing(partial.Path, e);
            }

            progress.Report($"downloading {name}", partial.Stream.Length, expected);
        }

        await partial.Stream.FlushAsync(cancellation).ConfigureAwait(false);
        if (expected is not null && partial.Stream.Length != expected)
        {
            throw new BrokenTransferException($"ended after {partial.Stream.Length} of {expected} bytes");
        }
    }

    private TdxException TooLarge(long? bytes) =>
        new(ExitCode.Io, $"{name}: {(bytes is null ? "body" : $"{bytes} bytes")}, the limit is {limits.MaxDownload}",
            "this is not upstream's archive");
}
