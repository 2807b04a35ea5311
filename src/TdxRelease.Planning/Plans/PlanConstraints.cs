using System.Globalization;
using NuGet.Versioning;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Planning.Plans;

/// <summary>The operator's constraints on a step, over and above <see cref="StepRules"/>; each explains itself.</summary>
public static class PlanConstraints
{
    private const string Operator = "the operator's request";
    private const string Site = "site policy";

    private static readonly RuleSet Own = new("Steps and constraints of a plan", exitCode: ExitCode.Refused);

    /// <summary>The tier.</summary>
    public static readonly Rule Tier = Own.Add("STEP-101", Severity.Error, "the step is of the tier asked for", Operator);

    /// <summary>A required mask.</summary>
    public static readonly Rule Required = Own.Add("STEP-102", Severity.Error, "the module has the required features", Operator);

    /// <summary>Features in use.</summary>
    public static readonly Rule Used = Own.Add("STEP-103", Severity.Error, "the module has the features that running TDs use", Operator);

    /// <summary>Keep all.</summary>
    public static readonly Rule KeepAll = Own.Add("STEP-104", Severity.Error, "the step loses no feature", Operator);

    /// <summary>Allowed ranges.</summary>
    public static readonly Rule Allowed = Own.Add("STEP-105", Severity.Error, "the version is in an allowed range", Operator);

    /// <summary>Denied ranges.</summary>
    public static readonly Rule Denied = Own.Add("STEP-106", Severity.Error, "the version is in no denied range", Operator);

    /// <summary>Updates left.</summary>
    public static readonly Rule Budget =
        Own.Add("STEP-107", Severity.Error, "enough updates are left (num_remaining_updates)", "kernel ABI sysfs-devices-faux-tdx-host");

    /// <summary>A version the site denies.</summary>
    public static readonly Rule SiteDenied = Own.Add("STEP-108", Severity.Error, "the site does not deny the version", Site);

    /// <summary>A step the site blocks.</summary>
    public static readonly Rule SiteBlocked = Own.Add("STEP-109", Severity.Error, "the site does not block the step", Site);

    /// <summary>A barrier.</summary>
    public static readonly Rule SiteBarrier =
        Own.Add("STEP-110", Severity.Error, "the step does not jump over a barrier of the site", Site);

    /// <summary>A dead end.</summary>
    public static readonly Rule SiteDeadEnd =
        Own.Add("STEP-111", Severity.Error, "the running version is not a dead end of the site", Site);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } =
        [Tier, Required, Used, KeepAll, Allowed, Denied, Budget, SiteDenied, SiteBlocked, SiteBarrier, SiteDeadEnd];

    /// <summary>
    /// The constraints that the step breaks, in order of their ids; the budget is not a matter of one step, unless nothing is left.
    /// </summary>
    public static IEnumerable<StepReason> Broken(PlanPolicy policy, long? remaining, StepSource source, ReleaseFacts target)
    {
        if (BrokenTier(policy.Tier, source, target) is { } tier)
        {
            yield return tier;
        }

        if (Lacks(policy.RequiredFeatures, target) is var required and not 0)
        {
            yield return Features(Required, target, required, policy.RequiredFeatures, "which are required");
        }

        if (Lacks(policy.UsedFeatures, target) is var used and not 0)
        {
            yield return Features(Used, target, used, policy.UsedFeatures, "which running TDs use");
        }

        if (policy.KeepAllFeatures && BrokenKeepAll(source, target) is { } keep)
        {
            yield return keep;
        }

        foreach (var range in BrokenRanges(policy, target))
        {
            yield return range;
        }

        if (remaining == 0)
        {
            yield return new(Budget, "no update is left: a reboot makes room again", "0", ">= 1");
        }

        foreach (var reason in policy.Site?.Broken(source, target) ?? [])
        {
            yield return reason;
        }
    }

    /// <summary>The reason if the step is not of the tier that the policy asks for.</summary>
    public static StepReason? BrokenTier(TierPolicy tier, StepSource source, ReleaseFacts target)
    {
        var demanded = tier == TierPolicy.Strict || (tier == TierPolicy.Default && target.StrictCompat is not null);
        if (!demanded || StepRules.Strict.Holds(source, target))
        {
            return null;
        }

        var verdict = StepRules.Strict.Verdict(source, target);
        var why = tier == TierPolicy.Strict ? "only strict steps are allowed"
            : "only strict steps are allowed by default where the mapping defines them";
        return verdict.Reason with { Rule = Tier, Message = $"{why}: {verdict.Reason.Message}" };
    }

    private static ulong Lacks(ulong mask, ReleaseFacts target) => mask & ~target.Features0;

    private static StepReason Features(Rule rule, ReleaseFacts target, ulong lost, ulong want, string why) =>
        new(rule, $"lacks {TdxFeatures0.Describe(lost)}, {why}", $"0x{target.Features0:X}", $"0x{want:X}");

    private static StepReason? BrokenKeepAll(StepSource source, ReleaseFacts target)
    {
        if (source.Features0 is not { } running)
        {
            return new(KeepAll, $"features of running {source.Running} are unknown, so that none can be promised to stay", "unknown",
                "known features");
        }

        return Lacks(running, target) is var lost and not 0
            ? Features(KeepAll, target, lost, running, $"which running {source.Running} has") : null;
    }

    private static IEnumerable<StepReason> BrokenRanges(PlanPolicy policy, ReleaseFacts target)
    {
        var version = target.Version.ToNuGet();
        if (policy.Allowed.Count > 0 && !policy.Allowed.Any(r => r.Satisfies(version)))
        {
            var want = string.Join(" or ", policy.Allowed.Select(Print));
            yield return new(Allowed, $"{target.Spelling} is not in {want}", target.Spelling, want);
        }

        foreach (var range in policy.Denied.Where(r => r.Satisfies(version)))
        {
            yield return new(Denied, $"{target.Spelling} is in denied range {Print(range)}", target.Spelling, $"outside {Print(range)}");
        }
    }

    internal static string Print(VersionRange range) => range.OriginalString ?? range.ToNormalizedString();

    internal static string Count(int number, string noun) =>
        number == 1 ? $"1 {noun}" : string.Create(CultureInfo.InvariantCulture, $"{number} {noun}s");
}
