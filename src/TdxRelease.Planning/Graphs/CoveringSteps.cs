using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Graphs;

/// <summary>The steps that a picture needs: one is left out where smaller steps of the same or a better tier lead the same way.</summary>
internal static class CoveringSteps
{
    /// <summary>More nodes than this make no picture; the JSON has them all.</summary>
    public const int MaxNodes = 250;

    /// <summary>The covering steps by node number, sorted by target, then source.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">The graph is too large for a picture.</exception>
    public static IReadOnlyList<(int From, int To, StepAnswer Tier)> Of(StepGraph graph)
    {
        var count = graph.Nodes.Count;
        if (count > MaxNodes)
        {
            throw new TdxRelease.Core.Findings.TdxException(TdxRelease.Core.Findings.ExitCode.Refused,
                $"{count} releases for {graph.Family.Name} make no picture, want at most {MaxNodes}", "use the JSON or the text");
        }

        var tiers = new StepAnswer?[count][];
        for (var to = 0; to < count; to++)
        {
            tiers[to] = [.. Enumerable.Range(0, to).Select(from => graph.Between(from, to)?.Tier)];
        }

        var steps = new List<(int From, int To, StepAnswer Tier)>();
        for (var to = 0; to < count; to++)
        {
            for (var from = 0; from < to; from++)
            {
                if (tiers[to][from] is { } tier && !Replaced(tiers, from, to, tier))
                {
                    steps.Add((from, to, tier));
                }
            }
        }

        return steps;
    }

    private static bool Replaced(StepAnswer?[][] tiers, int from, int to, StepAnswer tier)
    {
        for (var via = from + 1; via < to; via++)
        {
            if (tiers[via][from] <= tier && tiers[to][via] <= tier)
            {
                return true;
            }
        }

        return false;
    }
}
