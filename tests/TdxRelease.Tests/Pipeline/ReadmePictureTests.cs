using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Pipeline;

public sealed class ReadmePictureTests
{
    /// <summary>
    /// The picture in README is what the command draws for Sapphire Rapids; the facts are those of Intel's mapping file of mid-2026.
    /// </summary>
    [UpstreamFact]
    public void The_committed_picture_is_what_the_code_draws()
    {
        var graph = StepGraph.All(RealReleases.Mid2026).First(g => g.Family.Id == "sapphire-rapids");
        using var svg = new StringWriter { NewLine = "\n" };
        GraphSvg.Write(graph, svg);
        GoldenFile.Equal("docs/images/sapphire-rapids.svg", svg.ToString());
    }
}
