using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Testing;

/// <summary>The lines of a report that verdicts alone give.</summary>
public static class VerdictResults
{
    /// <summary>Failing findings of cross-checks count against the module they name.</summary>
    public static IReadOnlyList<ModuleResult> Of(IEnumerable<ModuleVerdict> verdicts, IReadOnlyList<Finding> findings) =>
        [.. verdicts.OrderBy(v => v.Input.Version).Select(v => new ModuleResult(
            v.Input.Spelling,
            v.Verified && !findings.Any(f => f.Fails && f.Version == v.Input.Spelling),
            v.Facts))];
}
