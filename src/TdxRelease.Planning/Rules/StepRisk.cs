using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Rules;

/// <summary>A known risk of a step: shown, never hidden, and never a refusal by itself.</summary>
/// <param name="Id">Stable id.</param>
/// <param name="Title">What can go wrong.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record StepRisk(string Id, string Title, string Advice);

/// <summary>The catalogue of risks, from Intel's release notes and the kernel's documentation.</summary>
public static class StepRisks
{
    /// <summary>TD-build race.</summary>
    public static readonly StepRisk TdBuildRace = new(
        "td-build-race",
        "a TD that is being built or migrated during the update can get wrong measurements; modules before 1.5.24 and 2.0.14 have no guard",
        "stop TD creation and migration for the time of the update");

    /// <summary>2.0.x.</summary>
    public static readonly StepRisk UnsupportedPreview = new(
        "unsupported-2.0-preview",
        "line 2.0 carries pre-production TDX Connect interfaces and is called currently not supported by Intel",
        "use it for evaluation only");

    /// <summary>Lost features.</summary>
    public static readonly StepRisk FeatureLoss =
        new("feature-loss", "the module lacks features that the running one has",
        "name the features that running TDs use, or keep all of them");

    /// <summary>Unlisted running version.</summary>
    public static readonly StepRisk RunningUnlisted = new(
        "running-unlisted",
        "upstream does not list the running module, so that its SVN and features are unknown; "
        + "the loader refuses a fall of the SVN after the old module is gone, which ends every TD",
        "read the running SVN from a quote (TEE_TCB_SVN) and compare it first");

    /// <summary>No further update.</summary>
    public static readonly StepRisk LastUpdate =
        new("last-update", "the module lacks TD_PRESERVING, so that no further update is possible before a reboot",
        "choose another module");

    /// <summary>Debug module.</summary>
    public static readonly StepRisk DebugModule =
        new("debug-module", "the module is debug-signed: TDs are not protected from the host", "never in production");

    /// <summary>All of them, sorted by id.</summary>
    public static IReadOnlyList<StepRisk> All { get; } =
        [.. new[] { TdBuildRace, UnsupportedPreview, FeatureLoss, RunningUnlisted, LastUpdate, DebugModule }.OrderBy(r => r.Id,
            StringComparer.Ordinal)];

    /// <summary>The risks of a step, sorted by id.</summary>
    public static IReadOnlyList<StepRisk> Of(StepSource source, ReleaseFacts target)
    {
        var risks = new List<StepRisk>(2);
        Add(risks, DebugModule, target.IsDebug);
        Add(risks, FeatureLoss, source.Features0 is { } features && (features & ~target.Features0) != 0);
        Add(risks, LastUpdate, (target.Features0 & TdxFeatures0.TdPreserving) == 0);
        Add(risks, RunningUnlisted, source.Svn is null || source.Features0 is null);
        Add(risks, TdBuildRace, HasNoGuard(source.Running));
        Add(risks, UnsupportedPreview, target.Version.Line == (2, 0));
        return risks;
    }

    private static void Add(List<StepRisk> risks, StepRisk risk, bool applies)
    {
        if (applies)
        {
            risks.Add(risk);
        }
    }

    private static bool HasNoGuard(ModuleVersion running) => running.Line switch
    {
        (1, 5) => running.Update < 24,
        (2, 0) => running.Update < 14,
        _ => false,
    };
}
