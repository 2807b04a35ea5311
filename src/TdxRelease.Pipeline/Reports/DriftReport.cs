using TdxRelease.Core.Findings;
using TdxRelease.Release.History;
using TdxRelease.Upstream.Drift;

namespace TdxRelease.Pipeline.Reports;

/// <summary>The report of a comparison between two states of upstream.</summary>
public static class DriftReport
{
    /// <summary>Makes the report.</summary>
    public static CheckReport Of(DriftState before, DriftState after, IReadOnlyList<Finding> findings, DateTimeOffset time) => new()
    {
        ToolVersion = Core.ToolVersion.Number,
        Subject = $"{before.Side.Name} → {after.Side.Name}",
        Mode = "lenient",
        PolicyName = "none",
        PolicySha256 = "none",
        Modules = [],
        Findings = findings,
        Rules = DriftRules.All,
        Time = time,
    };
}
