namespace TdxRelease.Planning.Plans;

/// <summary>The same request with one kind of constraint lifted, for "with … the path would be …".</summary>
internal static class Relaxations
{
    /// <summary>Each that lifts something, in a fixed order, with words that begin the hint.</summary>
    public static IEnumerable<(PlanRequest Request, string Words)> Of(PlanRequest request)
    {
        var policy = request.Policy;
        if (policy.Tier != TierPolicy.TdPreserving)
        {
            yield return (With(request, policy with { Tier = TierPolicy.TdPreserving }), "with --tier td-preserving");
        }

        if (request.Remaining is not null)
        {
            yield return (request with { Remaining = null }, "with enough updates left (a reboot resets the count)");
        }

        if (policy.RequiredFeatures != 0 || policy.UsedFeatures != 0 || policy.KeepAllFeatures)
        {
            yield return (With(request, policy with { RequiredFeatures = 0, UsedFeatures = 0, KeepAllFeatures = false }),
                "without the demands on features");
        }

        if (policy.Allowed.Count > 0 || policy.Denied.Count > 0)
        {
            yield return (With(request, policy with { Allowed = [], Denied = [] }), "without the allowed and denied ranges");
        }

        if (policy.Site is not null)
        {
            yield return (With(request, policy with { Site = null }), $"without site policy {policy.Site.Name}");
        }
    }

    /// <summary>No constraint but the rules.</summary>
    public static PlanRequest All(PlanRequest request) => request with
    {
        Remaining = null,
        Policy = new PlanPolicy
        {
            Tier = TierPolicy.TdPreserving,
            Target = request.Policy.Target,
            Prefer = request.Policy.Prefer,
            AllowDebug = request.Policy.AllowDebug
        },
    };

    private static PlanRequest With(PlanRequest request, PlanPolicy policy) => request with { Policy = policy };
}
