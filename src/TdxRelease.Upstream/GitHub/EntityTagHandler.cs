using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace TdxRelease.Upstream.GitHub;

/// <summary>Keeps answers with their entity tags: an unchanged one costs nothing of the rate limit (RFC 9110, section 13).</summary>
/// <param name="directory">Where they are kept.</param>
internal sealed class EntityTagHandler(string directory) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = AnswerFile.PathOf(directory, request.RequestUri!);
        var known = Read(path);
        if (known is { } kept)
        {
            request.Headers.IfNoneMatch.Add(kept.Tag);
        }

        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotModified && known is { } same)
        {
            response.StatusCode = HttpStatusCode.OK;
            response.Content = AnswerFile.Content(same.Body);
        }
        else if (response is { StatusCode: HttpStatusCode.OK, Headers.ETag: { } tag })
        {
            // One file, tag line first: body and tag can never be of two different answers.
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            AnswerFile.Write(path, [.. Encoding.ASCII.GetBytes($"{tag}\n"), .. body]);
        }

        return response;
    }

    private static (EntityTagHeaderValue Tag, byte[] Body)? Read(string path)
    {
        var bytes = AnswerFile.TryRead(path) ?? [];
        var end = Array.IndexOf(bytes, (byte)'\n');
        return end > 0 && EntityTagHeaderValue.TryParse(Encoding.ASCII.GetString(bytes, 0, end), out var tag) ? (tag, bytes[(end + 1)..])
            : null;
    }
}
