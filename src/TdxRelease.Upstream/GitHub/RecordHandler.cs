using System.Net;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.GitHub;

/// <summary>Keeps every answer in a directory, for <see cref="ReplayHandler"/>.</summary>
/// <param name="directory">Where.</param>
internal sealed class RecordHandler(string directory) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            AnswerFile.Write(AnswerFile.PathOf(directory, request.RequestUri!),
                await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        }

        return response;
    }
}

/// <summary>Answers from a directory, never from the network.</summary>
/// <param name="directory">What a <see cref="RecordHandler"/> wrote.</param>
internal sealed class ReplayHandler(string directory) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var bytes = AnswerFile.TryRead(AnswerFile.PathOf(directory, request.RequestUri!))
            ?? throw new TdxException(ExitCode.Io, $"\"{directory}\" has no recorded answer to {request.RequestUri!.AbsoluteUri}",
                "record it with --record DIR");
        return Task.FromResult(
            new HttpResponseMessage(HttpStatusCode.OK) { Content = AnswerFile.Content(bytes), RequestMessage = request });
    }
}
