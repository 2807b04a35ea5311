using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Exports;

/// <summary>The letters and colours of islands; a release that stands alone has neither.</summary>
internal sealed class SvgIslands
{
    private readonly Dictionary<ModuleVersion, (string Letter, string Style)> marks = [];

    public static SvgIslands Of(StepGraph graph)
    {
        var islands = new SvgIslands();
        var number = 0;
        foreach (var island in graph.Islands().Where(i => i.Count > 1))
        {
            var mark = (Letters(number), $"i{number % SvgStyle.Islands}");
            number++;
            foreach (var release in island)
            {
                islands.marks[release.Version] = mark;
            }
        }

        return islands;
    }

    public (string Letter, string Style) this[ReleaseFacts release] => marks.GetValueOrDefault(release.Version, ("", "ix"));

    private static string Letters(int number) =>
        number < 26 ? ((char)('A' + number)).ToString() : Letters((number / 26) - 1) + Letters(number % 26);
}
