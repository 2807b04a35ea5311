using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Pipeline.Checking;

/// <summary>A plan that changed.</summary>
/// <param name="Hosts">CPU family and loader class.</param>
/// <param name="Running">The running module.</param>
/// <param name="Before">The path before, such as <c>1.5.05 → 1.5.16</c>.</param>
/// <param name="After">The path now.</param>
public sealed record PlanChange(string Hosts, string Running, string Before, string After);

/// <summary>
/// Compares the plans that two states give to the same hosts: to the newest release that can be reached, by the default policy.
/// </summary>
internal static class PlanDrift
{
    /// <summary>The newest running modules of a graph that are planned for; hosts below them have long been told to reboot.</summary>
    public const int MaxRunning = 100;

    public static IReadOnlyList<PlanChange> Between(ReleaseSet before, ReleaseSet after)
    {
        var (old, now) = (new Planner(before), new Planner(after));
        var changes = new List<PlanChange>();
        foreach (var family in after.Families.Where(f => before.Families.Contains(f)))
        {
            foreach (var loader in before.LoaderClasses(family.Signature).Union(after.LoaderClasses(family.Signature)).Order())
            {
                foreach (var running in before.Releases.Where(r => r.Fits(family.Signature)).Reverse().Take(MaxRunning).Reverse())
                {
                    var (was, became) = (Path(old, family, loader, running.Version), Path(now, family, loader, running.Version));
                    if (was != became)
                    {
                        changes.Add(new PlanChange($"{family.Name}, P-SEAMLDR {loader}", running.Spelling, was, became));
                    }
                }
            }
        }

        return changes;
    }

    private static string Path(Planner planner, CpuFamily family, ModuleVersion loader, ModuleVersion running)
    {
        var plan = planner.Plan(new PlanRequest(family.Signature, loader, running));
        return plan.Path.Count > 0
            ? string.Join(" → ", plan.Path.Select(s => s.To.Spelling).Prepend(planner.Releases.Spell(running)))
            : plan.Outcome == PlanOutcome.UpToDate ? "up to date" : "no path at runtime";
    }
}
