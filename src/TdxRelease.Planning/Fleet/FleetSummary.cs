using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Cpu;

namespace TdxRelease.Planning.Fleet;

/// <summary>What all hosts with one answer count as.</summary>
/// <param name="State">What the hosts have in common.</param>
/// <param name="Outcome">What their plan came to.</param>
/// <param name="Path">The versions loaded, in order.</param>
/// <param name="Risks">Known risks of the path, sorted.</param>
/// <param name="Stays">The version that stays, where the host is up to date.</param>
/// <param name="Stuck">Why nothing can be loaded, where the host is stuck.</param>
/// <param name="Rule">The rule that is in the way, where the host is stuck.</param>
/// <param name="Effect">What quotes say.</param>
/// <param name="Line">The rendered plan, where states are written once.</param>
internal sealed record FleetGroup(
    HostColumns State,
    PlanOutcome Outcome,
    IReadOnlyList<string> Path,
    IReadOnlyList<string> Risks,
    string? Stays,
    string? Stuck,
    string? Rule,
    AttestationEffect Effect,
    FleetLine? Line)
{
    public static FleetGroup Of(PlanResult plan, ReleaseSet releases, HostColumns state, FleetLine? line)
    {
        var running = releases.Spell(plan.Source.Running);
        return new(
            state,
            plan.Outcome,
            [.. plan.Path.Select(s => s.To.Spelling)],
            [.. plan.Risks.Select(r => r.Id)],
            plan.Outcome == PlanOutcome.UpToDate ? running : null,
            FleetLine.Reason(plan) is { } reason
                ? $"{CpuFamily.Of(plan.Source.Cpu).Name}, P-SEAMLDR {plan.Source.Seamldr}, running {running}: {reason}{Hint(plan)}"
                : null,
            plan.Outcome != PlanOutcome.NoPath ? null
                : FleetLine.Blocker(plan) is var (_, first) ? $"{first.Rule.Id}: {first.Rule.Title}" : FleetLine.Reason(plan),
            AttestationEffect.Of(releases, plan),
            line);
    }

    private static string Hint(PlanResult plan) => plan.Hints.Count > 0 ? $" ({plan.Hints[0]})" : "";
}

/// <summary>One round of updates over the fleet: the first update of every host, or the second, and so on.</summary>
/// <param name="Load">How many hosts load what in this round, sorted by name.</param>
/// <param name="Done">How many hosts are done after it.</param>
public sealed record FleetRound(IReadOnlyList<(string Name, long Hosts)> Load, long Done);

/// <summary>
/// What a fleet came to: how many hosts reach what, after how many updates, which are stuck and why, and what verifiers must accept.
/// </summary>
public sealed class FleetSummary
{
    private const int MaxErrors = 1000;

    private readonly List<InventoryError> errors = [];
    private readonly Dictionary<FleetGroup, long> groups = new(ReferenceEqualityComparer.Instance);

    /// <summary>Hosts planned.</summary>
    public long Hosts => groups.Values.Sum();

    /// <summary>Rows that could not be read or name a host again.</summary>
    public long BadRows { get; private set; }

    /// <summary>What is wrong with the first 1,000 of them, in order.</summary>
    public IReadOnlyList<InventoryError> Errors => errors;

    /// <summary>How many hosts have which outcome: <c>no-path</c>, <c>path</c>, <c>up-to-date</c>.</summary>
    public IReadOnlyList<(string Name, long Hosts)> Outcomes => Count(groups.Select(g => (PlanJson.Word(g.Key.Outcome), g.Value)));

    /// <summary>How many hosts take which known risk, sorted by its id.</summary>
    public IReadOnlyList<(string Name, long Hosts)> Risks => Count(groups.SelectMany(g => g.Key.Risks.Select(risk => (risk, g.Value))));

    /// <summary>How many hosts end at which version, sorted by name.</summary>
    public IReadOnlyList<(string Name, long Hosts)> Reach => Count(groups.Where(g => g.Key.Path.Count > 0)
        .Select(g => (g.Key.Path[^1], g.Value)));

    /// <summary>How many hosts are up to date at which version, sorted by name.</summary>
    public IReadOnlyList<(string Name, long Hosts)> UpToDate => Count(groups.Where(g => g.Key.Stays is not null)
        .Select(g => (g.Key.Stays!, g.Value)));

    /// <summary>Why hosts are stuck, and how many, sorted by reason.</summary>
    public IReadOnlyList<(string Name, long Hosts)> Stuck => Count(groups.Where(g => g.Key.Stuck is not null)
        .Select(g => (g.Key.Stuck!, g.Value)));

    /// <summary>The rounds.</summary>
    public IReadOnlyList<FleetRound> Rounds =>
    [
        .. Enumerable.Range(0, groups.Keys.Select(g => g.Path.Count).DefaultIfEmpty().Max()).Select(round => new FleetRound(
            Count(groups.Where(g => g.Key.Path.Count > round).Select(g => (g.Key.Path[round], g.Value))),
            groups.Where(g => g.Key.Path.Count == round + 1).Sum(g => g.Value))),
    ];

    /// <summary>MRSEAM values that quotes carry today, sorted.</summary>
    public IReadOnlyList<string> Before => Values(e => e.Before);

    /// <summary>MRSEAM values that quotes can carry while the fleet is updated, sorted.</summary>
    public IReadOnlyList<string> During => Values(e => e.During);

    /// <summary>MRSEAM values that quotes carry when all is done, sorted.</summary>
    public IReadOnlyList<string> After => Values(e => e.After);

    /// <summary>Which rule is in the way of how many stuck hosts, sorted by rule.</summary>
    public IReadOnlyList<(string Name, long Hosts)> Blockers =>
        Count(groups.Where(g => g.Key.Rule is not null).Select(g => (g.Key.Rule!, g.Value)));

    internal IEnumerable<(FleetGroup Group, long Hosts)> Groups => groups.Select(g => (g.Key, g.Value));

    internal void Add(FleetGroup group) => System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(groups, group,
        out _)++;

    internal void Add(InventoryError error)
    {
        BadRows++;
        if (errors.Count < MaxErrors)
        {
            errors.Add(error);
        }
    }

    private List<string> Values(Func<AttestationEffect, IReadOnlyList<string>> pick) =>
        [.. groups.Keys.SelectMany(g => pick(g.Effect)).Distinct().Order(StringComparer.Ordinal)];

    private static List<(string Name, long Hosts)> Count(IEnumerable<(string Name, long Hosts)> items) =>
        [.. items.GroupBy(i => i.Name, StringComparer.Ordinal).Select(g => (g.Key, g.Sum(i => i.Hosts)))
            .OrderBy(g => g.Key, StringComparer.Ordinal)];
}
