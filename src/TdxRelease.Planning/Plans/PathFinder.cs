using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Plans;

/// <summary>
/// Exact paths in the graph of allowed steps of one line. Node 0 is the running module,
/// the others are newer releases, ascending; an edge leads from a lower to a higher node.
/// The cost of a path is additive and compared lexicographically (docs/planning.md), so
/// that the rest of a best path is a best path itself: the lookup table relies on that.
/// </summary>
internal sealed class PathFinder
{
    private readonly ModuleVersion[] versions;
    private readonly bool[][] strict;
    private readonly bool[][] allowed;
    private readonly Preference prefer;

    /// <param name="versions">Ascending; the first is the running module.</param>
    /// <param name="edge">Whether a step is allowed and whether it is strict, by node numbers.</param>
    /// <param name="prefer">What is best.</param>
    public PathFinder(ModuleVersion[] versions, Func<int, int, (bool Allowed, bool Strict)> edge, Preference prefer)
    {
        this.versions = versions;
        this.prefer = prefer;
        allowed = new bool[versions.Length][];
        strict = new bool[versions.Length][];
        for (var from = 0; from < versions.Length; from++)
        {
            allowed[from] = new bool[versions.Length];
            strict[from] = new bool[versions.Length];
            for (var to = from + 1; to < versions.Length; to++)
            {
                (allowed[from][to], strict[from][to]) = edge(from, to);
            }
        }
    }

    public bool Allows(int from, int to) => allowed[from][to];

    /// <summary>The least number of steps to each node; -1 where nothing leads there.</summary>
    public int[] Distances()
    {
        var distance = new int[versions.Length];
        Array.Fill(distance, -1);
        distance[0] = 0;
        for (var to = 1; to < versions.Length; to++)
        {
            for (var from = 0; from < to; from++)
            {
                if (allowed[from][to] && distance[from] >= 0 && (distance[to] < 0 || distance[from] + 1 < distance[to]))
                {
                    distance[to] = distance[from] + 1;
                }
            }
        }

        return distance;
    }

    /// <summary>The best path to a node within a budget, node 0 left out; empty where there is none.</summary>
    public IReadOnlyList<int> Path(int target, long? budget)
    {
        var free = Free(target);
        return budget is null || free.Count <= budget ? free : Limited(target, budget.Value);
    }

    private List<int> Free(int target)
    {
        var best = new Cost?[target + 1];
        var next = new int[target + 1];
        best[target] = default(Cost);
        for (var from = target - 1; from >= 0; from--)
        {
            Relax(from, target, best, best, next);
        }

        if (best[0] is null)
        {
            return [];
        }

        var path = new List<int>();
        for (var at = 0; at != target;)
        {
            path.Add(at = next[at]);
        }

        return path;
    }

    /// <summary>Layer k holds the best paths of exactly k steps; the highest layer within the budget that holds node 0 wins.</summary>
    private List<int> Limited(int target, long budget)
    {
        var layer = new Cost?[target + 1];
        layer[target] = default(Cost);
        var nexts = new List<int[]>();
        var longest = 0;
        for (var steps = 1; steps <= Math.Min(budget, target); steps++)
        {
            var longer = new Cost?[target + 1];
            var next = new int[target + 1];
            for (var from = target - 1; from >= 0; from--)
            {
                Relax(from, target, layer, longer, next);
            }

            nexts.Add(next);
            longest = longer[0] is null ? longest : steps;
            layer = longer;
        }

        var path = new List<int>(longest);
        for (var (at, steps) = (0, longest); steps > 0; steps--)
        {
            path.Add(at = nexts[steps - 1][at]);
        }

        return path;
    }

    private void Relax(int from, int target, Cost?[] rest, Cost?[] best, int[] next)
    {
        for (var to = from + 1; to <= target; to++)
        {
            if (!allowed[from][to] || rest[to] is not { } behind)
            {
                continue;
            }

            var size = (long)(versions[to].Update - versions[from].Update);
            var cost = new Cost(behind.Steps + 1, behind.Loose + (strict[from][to] ? 0 : 1), behind.Squares + (size * size));
            if (best[from] is not { } known || cost.IsBetter(known, prefer))
            {
                best[from] = cost;
                next[from] = to;
            }
        }
    }

    /// <summary>What a path costs.</summary>
    /// <param name="Steps">Updates.</param>
    /// <param name="Loose">Updates that are not strict.</param>
    /// <param name="Squares">Sum of the squared distances between update numbers: least where steps are even.</param>
    private readonly record struct Cost(int Steps, int Loose, long Squares)
    {
        public bool IsBetter(Cost other, Preference prefer)
        {
            if (Steps != other.Steps)
            {
                return prefer == Preference.Fewest ? Steps < other.Steps : Steps > other.Steps;
            }

            return prefer == Preference.Fewest
                ? (Loose, Squares).CompareTo((other.Loose, other.Squares)) < 0
                : (Squares, Loose).CompareTo((other.Squares, other.Loose)) < 0;
        }
    }
}
