using TdxRelease.Core.Findings;
using TdxRelease.Planning.Plans;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Planning.Site;

/// <summary>What a site policy says against itself. Each finding names the versions and the CPU family.</summary>
internal static class SiteContradictions
{
    public static void Check(SitePolicy policy, Location place, List<Finding> findings)
    {
        Barriers(policy, place, findings);
        Fixes(policy, place, findings);
        Cycles(policy, place, findings);
    }

    private static void Barriers(SitePolicy policy, Location place, List<Finding> findings)
    {
        foreach (var barrier in policy.Barriers)
        {
            foreach (var denial in policy.Denied.Where(d => Overlap(d.Cpus, barrier.Cpus) && d.Range.Satisfies(barrier.Version.ToNuGet())))
            {
                Add(findings, place,
                    $"barrier {barrier.Version} is denied by {PlanConstraints.Print(denial.Range)} "
                    + $"for {Names(barrier.Cpus, denial.Cpus)}: nothing older could ever pass");
            }

            foreach (var end in policy.DeadEnds.Where(e => Overlap(e.Cpus, barrier.Cpus) && e.Version == barrier.Version))
            {
                Add(findings, place,
                    $"{barrier.Version} is a barrier and a dead end for {Names(barrier.Cpus, end.Cpus)}: everything would stop there");
            }
        }
    }

    private static void Fixes(SitePolicy policy, Location place, List<Finding> findings)
    {
        foreach (var blocked in policy.Blocked.Where(b => b.FixedIn is not null))
        {
            var version = blocked.FixedIn!.Value.ToNuGet();
            foreach (var denial in policy.Denied.Where(d => Overlap(d.Cpus, blocked.Cpus) && d.Range.Satisfies(version)))
            {
                Add(findings, place,
                    $"{Step(blocked)} is fixed in {blocked.FixedIn}, which {PlanConstraints.Print(denial.Range)} denies "
                    + $"for {Names(blocked.Cpus, denial.Cpus)}");
            }

            if (blocked.To.Satisfies(version))
            {
                Add(findings, place,
                    $"{Step(blocked)} is fixed in {blocked.FixedIn}, which it blocks itself for {Names(blocked.Cpus, [])}");
            }
        }
    }

    /// <summary>A block says "take the fix instead": if the fix is blocked too, and its fix in turn, the chain must end.</summary>
    private static void Cycles(SitePolicy policy, Location place, List<Finding> findings)
    {
        var reported = new HashSet<BlockedStep>();
        foreach (var start in policy.Blocked.Where(b => b.FixedIn is not null))
        {
            var chain = new List<BlockedStep>();
            for (var at = start; at is not null; at = Next(policy, at))
            {
                if (chain.IndexOf(at) is var begin and >= 0)
                {
                    var cycle = chain[begin..];
                    if (cycle.Count > 1 && cycle.TrueForAll(reported.Add))
                    {
                        var versions = cycle.Select(b => b.FixedIn!.Value).Append(cycle[0].FixedIn!.Value);
                        findings.Add(new(SiteRules.Cycle, $"circular fixes for {Names(start.Cpus, [])}: {string.Join(" -> ", versions)}",
                            place));
                    }

                    break;
                }

                chain.Add(at);
            }
        }
    }

    private static BlockedStep? Next(SitePolicy policy, BlockedStep blocked) =>
        policy.Blocked.FirstOrDefault(b => b.FixedIn is not null && Overlap(b.Cpus, blocked.Cpus)
            && b.To.Satisfies(blocked.FixedIn!.Value.ToNuGet()));

    private static void Add(List<Finding> findings, Location place, string message) =>
        findings.Add(new(SiteRules.Contradiction, message, place));

    private static string Step(BlockedStep blocked) => $"{PlanConstraints.Print(blocked.From)} -> {PlanConstraints.Print(blocked.To)}";

    private static bool Overlap(IReadOnlyList<CpuSignature> left, IReadOnlyList<CpuSignature> right) =>
        left.Count == 0 || right.Count == 0 || left.Any(l => right.Any(r => r.SameFamily(l)));

    private static string Names(IReadOnlyList<CpuSignature> left, IReadOnlyList<CpuSignature> right)
    {
        var common = left.Count == 0 ? right : right.Count == 0 ? left : [.. left.Where(l => right.Any(r => r.SameFamily(l)))];
        return common.Count == 0 ? "every CPU family" : string.Join(", ", common.Select(c => CpuFamily.Of(c).Name));
    }
}
