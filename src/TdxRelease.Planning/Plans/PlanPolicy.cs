using System.Globalization;
using NuGet.Versioning;
using TdxRelease.Planning.Site;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Plans;

/// <summary>Which of several paths to the same target is taken.</summary>
public enum Preference
{
    /// <summary>As few updates as possible.</summary>
    Fewest,

    /// <summary>As many and as even steps as rules and budget allow.</summary>
    Smallest,
}

/// <summary>Which steps are taken at all.</summary>
public enum TierPolicy
{
    /// <summary>Strict where the mapping defines it, TD-preserving where it predates it.</summary>
    Default,

    /// <summary>Strict steps only.</summary>
    Strict,

    /// <summary>All TD-preserving steps, strict ones included.</summary>
    TdPreserving,
}

/// <summary>What an operator wants and does not want.</summary>
public sealed record PlanPolicy
{
    /// <summary>Fewest updates, tier by default, nothing forbidden.</summary>
    public static PlanPolicy Default { get; } = new();

    /// <summary>Which path.</summary>
    public Preference Prefer { get; init; }

    /// <summary>Which steps.</summary>
    public TierPolicy Tier { get; init; }

    /// <summary>Where to; null for the newest reachable.</summary>
    public ModuleVersion? Target { get; init; }

    /// <summary>TDX_FEATURES0 bits that every module on the path must have.</summary>
    public ulong RequiredFeatures { get; init; }

    /// <summary>TDX_FEATURES0 bits that running TDs use.</summary>
    public ulong UsedFeatures { get; init; }

    /// <summary>No step may lose a feature of the module it replaces.</summary>
    public bool KeepAllFeatures { get; init; }

    /// <summary>Where not empty, every module on the path is in one of these.</summary>
    public IReadOnlyList<VersionRange> Allowed { get; init; } = [];

    /// <summary>No module on the path is in one of these.</summary>
    public IReadOnlyList<VersionRange> Denied { get; init; } = [];

    /// <summary>Debug modules may be loaded.</summary>
    public bool AllowDebug { get; init; }

    /// <summary>The site's rules, or null.</summary>
    public SitePolicy? Site { get; init; }

    /// <summary><c>PREFER/TIER</c>, as steps.tsv writes it.</summary>
    public string Name => $"{Prefer.Word()}/{Tier.Word()}";
}

/// <summary>The words for <see cref="TierPolicy"/> and <see cref="Preference"/>.</summary>
public static class PolicyWords
{
    /// <summary><c>default</c>, <c>strict</c> or <c>td-preserving</c>.</summary>
    public static string Word(this TierPolicy tier) => tier switch
    {
        TierPolicy.Strict => "strict",
        TierPolicy.TdPreserving => "td-preserving",
        _ => "default",
    };

    /// <summary><c>fewest</c> or <c>smallest</c>.</summary>
    public static string Word(this Preference prefer) => prefer == Preference.Fewest ? "fewest" : "smallest";
}

/// <summary>A question to the planner.</summary>
/// <param name="Cpu">CPUID.1.EAX of the host.</param>
/// <param name="Seamldr">Its P-SEAMLDR.</param>
/// <param name="Running">Its running module.</param>
public sealed record PlanRequest(TdxRelease.Verification.Cpu.CpuSignature Cpu, ModuleVersion Seamldr, ModuleVersion Running)
{
    /// <summary>SEAMSVN of the running module, where the operator knows it and upstream does not list it.</summary>
    public SeamSvn? RunningSvn { get; init; }

    /// <summary>num_remaining_updates, 0 to 4294967295; null where unknown: then no budget limits the path.</summary>
    public long? Remaining { get; init; }

    /// <summary>Parses num_remaining_updates as Linux prints it, %u: an unset counter reads 4294967295, which means many.</summary>
    public static bool TryParseRemaining(string text, out long remaining)
    {
        var good = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        remaining = number;
        return good;
    }

    /// <summary>What is wanted.</summary>
    public PlanPolicy Policy { get; init; } = PlanPolicy.Default;
}
