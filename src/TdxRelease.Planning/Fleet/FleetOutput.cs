using TdxRelease.Planning.Plans;

namespace TdxRelease.Planning.Fleet;

/// <summary>How a host's plan is written.</summary>
public enum FleetFormat
{
    /// <summary>A line of JSON with the decision (schemas/fleet-plan.schema.json).</summary>
    Jsonl,

    /// <summary>A line of JSON with what may be loaded next, and all reasons against the rest.</summary>
    Details,

    /// <summary>A line of CSV below a header.</summary>
    Csv,
}

/// <summary>What a fleet's planning writes.</summary>
public sealed record FleetOutput
{
    /// <summary>The columns by which hosts can be counted, in the order of a sorted object.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["cpu", "outcome", "remaining", "running", "seamldr", "target"];

    /// <summary>How each line is written.</summary>
    public FleetFormat Format { get; init; }

    /// <summary>
    /// The one outcome that is written; null for all. Bad rows are written only where <see cref="OnlyErrors"/> asks for them.
    /// </summary>
    public PlanOutcome? Only { get; init; }

    /// <summary>Whether bad rows are written, and nothing else.</summary>
    public bool OnlyErrors { get; init; }

    /// <summary>Whether the columns that no plan needs are written beside each host's plan.</summary>
    public bool KeepColumns { get; init; }

    /// <summary>Whether each distinct state is written once, with the number of its hosts.</summary>
    public bool States { get; init; }

    /// <summary>Those of <see cref="Keys"/> whose values make a group; empty where hosts are written one by one.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>Whether hosts are counted, not written one by one.</summary>
    public bool Counts => States || GroupBy.Count > 0;

    /// <summary>Whether plans of that outcome are written.</summary>
    internal bool Includes(PlanOutcome outcome) => !OnlyErrors && (Only is null || Only == outcome);
}
