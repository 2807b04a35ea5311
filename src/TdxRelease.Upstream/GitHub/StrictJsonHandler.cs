using System.Text.Json;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.GitHub;

/// <summary>
/// Lets only well-formed, shallow JSON through: Octokit's own reader recurses without a limit, and a deep answer would end the process.
/// </summary>
internal sealed class StrictJsonHandler : DelegatingHandler
{
    private const int MaxDepth = 64;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (IsJson(body))
        {
            return response;
        }

        if (response.IsSuccessStatusCode)
        {
            response.Dispose();
            throw new TdxException(ExitCode.Io, $"GitHub's answer to {request.RequestUri!.PathAndQuery} is not the JSON that is expected");
        }

        response.Content = AnswerFile.Content("{}"u8.ToArray()); // an error is told by its status
        return response;
    }

    private static bool IsJson(byte[] body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
