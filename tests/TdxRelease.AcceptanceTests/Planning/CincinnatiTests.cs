using System.Buffers;
using TdxRelease.AcceptanceTests.Signing;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Planning;

/// <summary>Graphs in the hands of a client of Cincinnati v1, with the strict SemVer parser of npm.</summary>
public class CincinnatiTests
{
    [UpstreamFact]
    public void A_client_accepts_every_graph_and_sees_every_step_from_every_version()
    {
        using var folder = new TempFolder();
        var steps = 0;
        foreach (var graph in StepGraph.All(RealReleases.Mid2026))
        {
            var output = new ArrayBufferWriter<byte>();
            GraphCincinnati.Write(output, graph);
            File.WriteAllBytes(folder["graph.json"], output.WrittenSpan.ToArray());
            var seen = Npm.Run(folder.Path, "cincinnati.mjs", "graph.json").Ok().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var want = graph.Edges.Select(e => $"{e.From.Version.ToSemVer()} {e.To.Version.ToSemVer()}").Order(StringComparer.Ordinal);
            Assert.Equal(want, seen.Select(line => line[..line.LastIndexOf(' ')]).Order(StringComparer.Ordinal));
            steps += seen.Length;
        }

        Assert.True(steps > 100, $"{steps} steps");
    }

    [UpstreamFact]
    public void A_client_refuses_upstreams_own_spelling()
    {
        using var folder = new TempFolder();
        var output = new ArrayBufferWriter<byte>();
        GraphCincinnati.Write(output, StepGraph.All(RealReleases.Mid2026)[0]);
        File.WriteAllText(folder["graph.json"],
            System.Text.Encoding.UTF8.GetString(output.WrittenSpan)
            .Replace("\"version\":\"1.5.5\"", "\"version\":\"1.5.05\"", StringComparison.Ordinal));
        Assert.Contains("1.5.05 is not strict SemVer", Npm.Run(folder.Path, "cincinnati.mjs", "graph.json").Refused().Errors,
            StringComparison.Ordinal);
    }
}
