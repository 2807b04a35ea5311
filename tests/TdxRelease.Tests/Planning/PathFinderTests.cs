using TdxRelease.Planning.Plans;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Planning;

/// <summary>
/// The paths of small graphs: nodes are numbered from the running module, an edge is written FROM-TO, a strict one FROM=TO.
/// </summary>
public class PathFinderTests
{
    private static readonly ushort[] Updates = [1, 2, 5, 6, 9];

    [Theory]
    [InlineData("0-1 1-2", Preference.Fewest, 3, null, "")]
    [InlineData("0-1 1-3 0-3", Preference.Fewest, 3, null, "3")]
    [InlineData("0-1 1-3 0-3", Preference.Smallest, 3, null, "1 3")]
    [InlineData("0-1 1-3 0-3", Preference.Smallest, 3, 2L, "1 3")]
    [InlineData("0-1 1-3 0-3", Preference.Smallest, 3, 1L, "3")]
    [InlineData("0-1 1-3", Preference.Smallest, 3, 1L, "")]
    [InlineData("0-1 1-3", Preference.Fewest, 3, 1L, "")]
    [InlineData("0-1 1-2 2-3 0-3", Preference.Smallest, 3, 2L, "3")]
    [InlineData("0-1 1-2 2-3 3-4 0-4 0-3", Preference.Smallest, 4, 3L, "3 4")]
    [InlineData("0-1 1-4 0-2 2-4", Preference.Fewest, 4, null, "2 4")]
    [InlineData("0=1 1=4 0-2 2-4", Preference.Fewest, 4, null, "1 4")]
    [InlineData("0=1 1=4 0-2 2-4", Preference.Smallest, 4, null, "2 4")]
    [InlineData("0-1 1-4 0-2 2-4", Preference.Smallest, 4, 2L, "2 4")]
    public void The_best_path_within_a_budget(string edges, Preference prefer, int target, long? budget, string want) =>
        Assert.Equal(want, string.Join(' ', Finder(edges, prefer).Path(target, budget)));

    [Theory]
    [InlineData("0-1 1-2", "0 1 2 -1 -1")]
    [InlineData("0-1 1-2 0-2 2-4 1-4", "0 1 1 -1 2")]
    [InlineData("1-2 2-3 3-4", "0 -1 -1 -1 -1")]
    public void The_least_number_of_steps(string edges, string want)
    {
        var finder = Finder(edges, Preference.Fewest);
        Assert.Equal(want, string.Join(' ', finder.Distances()));
        Assert.Equal(edges.Contains("0-1", StringComparison.Ordinal), finder.Allows(0, 1));
        Assert.False(finder.Allows(1, 0));
    }

    private static PathFinder Finder(string edges, Preference prefer)
    {
        var all = edges.Split(' ').ToDictionary(e => (e[0] - '0', e[2] - '0'), e => e[1] == '=');
        return new PathFinder([.. Updates.Select(u => new ModuleVersion(1, 5, u))],
            (from, to) => (all.ContainsKey((from, to)), all.GetValueOrDefault((from, to))), prefer);
    }
}
