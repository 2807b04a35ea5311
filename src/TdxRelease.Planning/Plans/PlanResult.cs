using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Plans;

/// <summary>One update.</summary>
/// <param name="Source">The state before.</param>
/// <param name="To">The module loaded.</param>
/// <param name="Tier">Strict or TD-preserving.</param>
/// <param name="Risks">Known risks, sorted by id.</param>
public sealed record PlanStep(StepSource Source, ReleaseFacts To, StepAnswer Tier, IReadOnlyList<StepRisk> Risks)
{
    /// <summary>The version before.</summary>
    public ModuleVersion From => Source.Running;

    /// <summary>Feature bits that the step adds; 0 where the running module's are unknown.</summary>
    public ulong Added => Source.Features0 is { } before ? To.Features0 & ~before : 0;

    /// <summary>Feature bits that the step loses; 0 where the running module's are unknown.</summary>
    public ulong Lost => Source.Features0 is { } before ? before & ~To.Features0 : 0;

    /// <summary>The step with its tier and risks.</summary>
    public static PlanStep Of(StepSource source, ReleaseFacts to) =>
        new(source, to, StepRules.Strict.Holds(source, to) ? StepAnswer.Strict : StepAnswer.TdPreserving, StepRisks.Of(source, to));
}

/// <summary>A release that may not be loaded next, and all reasons.</summary>
/// <param name="Release">The release.</param>
/// <param name="Answer">What the rules alone say of a direct step.</param>
/// <param name="Reasons">Every rule and constraint that does not hold, in order of their ids.</param>
public sealed record Refusal(ReleaseFacts Release, StepAnswer Answer, IReadOnlyList<StepReason> Reasons);

/// <summary>What the question came to.</summary>
public enum PlanOutcome
{
    /// <summary>There is a path.</summary>
    Path,

    /// <summary>No newer release fits the host, or the target is already running.</summary>
    UpToDate,

    /// <summary>Something newer (or the target) exists, and nothing leads there.</summary>
    NoPath,
}

/// <summary>A remark on the answer.</summary>
/// <param name="Id">Stable id, such as <c>budget</c>.</param>
/// <param name="Message">One sentence.</param>
public sealed record PlanNote(string Id, string Message);

/// <summary>The planner's answer.</summary>
/// <param name="Request">The question.</param>
/// <param name="Source">The host's state as the rules see it.</param>
/// <param name="LoaderClass">The loader class of the host, or null where its loader is too old or unknown.</param>
/// <param name="Outcome">What it came to.</param>
/// <param name="Target">Where the path leads, or the target asked for; null where there is neither.</param>
/// <param name="Reinstall">The running release if it may be loaded over itself.</param>
/// <param name="Eligible">What may be loaded next, sorted by version.</param>
/// <param name="Path">The updates, in order.</param>
/// <param name="Refused">Every other release, sorted by version.</param>
/// <param name="Notes">Remarks, in a fixed order.</param>
/// <param name="Hints">What would change the answer.</param>
public sealed record PlanResult(
    PlanRequest Request,
    StepSource Source,
    ModuleVersion? LoaderClass,
    PlanOutcome Outcome,
    ReleaseFacts? Target,
    ReleaseFacts? Reinstall,
    IReadOnlyList<PlanStep> Eligible,
    IReadOnlyList<PlanStep> Path,
    IReadOnlyList<Refusal> Refused,
    IReadOnlyList<PlanNote> Notes,
    IReadOnlyList<string> Hints)
{
    /// <summary>The process's exit code: 5 where something newer or the target exists and nothing leads there.</summary>
    public TdxRelease.Core.Findings.ExitCode ExitCode =>
        Outcome == PlanOutcome.NoPath ? TdxRelease.Core.Findings.ExitCode.Refused : TdxRelease.Core.Findings.ExitCode.Success;

    /// <summary>The distinct risks of the path, sorted by id.</summary>
    public IReadOnlyList<StepRisk> Risks => [.. Path.SelectMany(s => s.Risks).Distinct().OrderBy(r => r.Id, StringComparer.Ordinal)];
}
