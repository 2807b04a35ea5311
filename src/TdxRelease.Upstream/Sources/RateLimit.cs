using System.Globalization;
using TdxRelease.Core.Json;

namespace TdxRelease.Upstream.Sources;

/// <summary>When a server that limits requests takes more.</summary>
internal static class RateLimit
{
    /// <summary><c>; again at 2026-02-10T12:00:00Z</c>, or nothing where the server does not say.</summary>
    public static string When(HttpResponseMessage response)
    {
        if (response.Headers.TryGetValues("x-ratelimit-reset", out var reset)
            && long.TryParse(reset.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return $"; again at {Rfc3339.Write(DateTimeOffset.FromUnixTimeSeconds(seconds))}";
        }

        return response.Headers.RetryAfter?.Delta is { } wait ? $"; again in {wait.TotalSeconds:0} seconds" : "";
    }
}
