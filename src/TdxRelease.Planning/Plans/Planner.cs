using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Plans;

/// <summary>Answers what can be loaded on a host, by which path, and why not the rest.</summary>
/// <param name="releases">The releases on offer.</param>
public sealed class Planner(ReleaseSet releases)
{
    /// <summary>The releases on offer.</summary>
    public ReleaseSet Releases => releases;

    /// <summary>Answers a request completely.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">The target is not a release.</exception>
    public PlanResult Plan(PlanRequest request)
    {
        var search = new PlanSearch(releases, request);
        var path = search.Path();
        var eligible = new List<PlanStep>();
        var refused = new List<Refusal>();
        foreach (var release in releases.Releases)
        {
            if (release.Version == search.Source.Running)
            {
                continue;
            }

            if (search.IsEligible(release))
            {
                eligible.Add(PlanStep.Of(search.Source, release));
            }
            else
            {
                refused.Add(search.Refuse(release));
            }
        }

        var target = search.Target ?? (path.Count > 0 ? path[^1].To : null);
        var outcome = search.Outcome(path);
        var advice = new PlanAdvice(releases, search, path, outcome);
        return new PlanResult(
            request,
            search.Source,
            releases.LoaderClass(request.Cpu, request.Seamldr),
            outcome,
            target,
            search.Reinstall,
            eligible,
            path,
            refused,
            [.. advice.Notes()],
            [.. advice.Hints()]);
    }

    /// <summary>The account of one release, constraint by constraint.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">The version is not a release.</exception>
    public WhyNot WhyNot(PlanRequest request, ModuleVersion version) => TdxRelease.Planning.Plans.WhyNot.Of(this, request, version);
}
