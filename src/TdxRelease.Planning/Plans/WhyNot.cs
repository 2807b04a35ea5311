using TdxRelease.Core.Findings;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Plans;

/// <summary>
/// The full account of one release on one host: every rule with its verdict,
/// every constraint that stands in the way, and what would lead there.
/// </summary>
/// <param name="Release">The release asked about.</param>
/// <param name="Answer">What the rules alone say of a direct step.</param>
/// <param name="Verdicts">All rules of <see cref="StepRules"/>, held and broken, in order of their ids.</param>
/// <param name="Constraints">The operator's and the site's constraints that a direct step breaks.</param>
/// <param name="Plan">The plan with this release as its target.</param>
public sealed record WhyNot(ReleaseFacts Release, StepAnswer Answer, IReadOnlyList<StepVerdict> Verdicts,
    IReadOnlyList<StepReason> Constraints, PlanResult Plan)
{
    /// <summary>Whether it may be loaded next.</summary>
    public bool Eligible => Plan.Eligible.Any(s => s.To == Release);

    internal static WhyNot Of(Planner planner, PlanRequest request, ModuleVersion version)
    {
        var plan = planner.Plan(request with { Policy = request.Policy with { Target = version } });
        var release = plan.Target ?? throw new TdxException(ExitCode.InternalError, $"the plan to \"{version}\" lost its target");
        return new WhyNot(
            release,
            StepRules.Answer(plan.Source, release, request.Policy.AllowDebug),
            [.. StepRules.All.Select(r => r.Verdict(plan.Source, release))],
            [.. PlanConstraints.Broken(request.Policy, request.Remaining, plan.Source, release)],
            plan);
    }
}
