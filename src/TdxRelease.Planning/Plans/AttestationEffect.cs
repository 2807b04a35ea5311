using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Plans;

/// <summary>
/// What quotes say before, during and after a path. MRSEAM of new quotes and TEE_TCB_SVN_2
/// change with every step, TEE_TCB_SVN stays what it was when the TD was launched:
/// allow-lists must hold <see cref="During"/> before the first update and may shrink to <see cref="After"/> when the last host is done.
/// </summary>
/// <param name="Before">MRSEAM of the running module; empty where upstream does not list it.</param>
/// <param name="During">MRSEAM of every module from start to end.</param>
/// <param name="After">MRSEAM of the last module.</param>
/// <param name="TcbSvnBefore">TEE_TCB_SVN of the running module, 32 hex digits, or null where unknown.</param>
/// <param name="TcbSvnAfter">TEE_TCB_SVN_2 after the path, 32 hex digits, or null where unknown.</param>
public sealed record AttestationEffect(IReadOnlyList<string> Before, IReadOnlyList<string> During, IReadOnlyList<string> After,
    string? TcbSvnBefore, string? TcbSvnAfter)
{
    /// <summary>The effect of a plan's path; without a path nothing changes.</summary>
    public static AttestationEffect Of(ReleaseSet releases, PlanResult plan)
    {
        var running = releases.Find(plan.Source.Running)?.MrSeam;
        IReadOnlyList<string> before = running is null ? [] : [running];
        IReadOnlyList<string> after = plan.Path.Count == 0 ? before : [plan.Path[^1].To.MrSeam];
        SeamSvn? last = plan.Path.Count == 0 ? plan.Source.Svn : plan.Path[^1].To.Svn;
        return new(before, [.. before.Concat(plan.Path.Select(s => s.To.MrSeam)).Distinct()], after, TcbSvn(plan.Source.Svn), TcbSvn(last));
    }

    /// <summary>TEE_TCB_SVN: byte 0 is the minor, byte 1 the major part (inferred; agrees with what verifiers publish).</summary>
    private static string? TcbSvn(SeamSvn? svn) => svn is { } s ? $"{s.Minor:x2}{s.Major:x2}{new string('0', 28)}" : null;
}
