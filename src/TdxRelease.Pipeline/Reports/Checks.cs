using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Pipeline.Reports;

/// <summary>Turns the outcome of a stage into the one report that all formats are written from.</summary>
public static class Checks
{
    /// <summary>The report of a verification.</summary>
    public static CheckReport Of(VerifiedSnapshot verified, Strictness strictness, DateTimeOffset time) => new()
    {
        ToolVersion = TdxRelease.Core.ToolVersion.Number,
        Subject = Subject(verified.Snapshot),
        Mode = Word(strictness),
        PolicyName = verified.Policy.Name,
        PolicySha256 = verified.Policy.Sha256,
        Published = $"{verified.Published.Source}, {verified.Published.Date:yyyy-MM-dd}",
        Modules = [.. verified.Modules.Select(m => new ModuleResult(m.Release.Spelling, m.Verified, m.Facts))],
        Findings = verified.Findings,
        Rules = RuleCatalog.All,
        Time = time,
    };

    /// <summary>The report of a validation.</summary>
    public static CheckReport Of(Validation validation, Strictness strictness, DateTimeOffset time) => new()
    {
        ToolVersion = TdxRelease.Core.ToolVersion.Number,
        Subject = validation.Subject,
        Mode = Word(strictness),
        PolicyName = "none",
        PolicySha256 = "none",
        Modules = [],
        Findings = validation.Findings,
        Rules = [.. MappingRules.All, .. SnapshotRules.All],
        Time = time,
    };

    private static string Subject(Snapshot snapshot) =>
        snapshot.Origin.Commit is { } commit ? $"{snapshot.Folder} ({commit})" : snapshot.Folder;

    private static string Word(Strictness strictness) => strictness == Strictness.Strict ? "strict" : "lenient";
}
