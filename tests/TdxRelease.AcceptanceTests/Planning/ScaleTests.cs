using System.Diagnostics;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Planning;

/// <summary>
/// Large inventories and graphs: the answer and the memory are asserted, the time is printed (the promise of two seconds is kept by the
/// benchmarks).
/// </summary>
public class ScaleTests(ITestOutputHelper output)
{
    [Fact]
    public void Hundred_thousand_hosts_are_planned()
    {
        var random = new Random(1);
        var text = new StringBuilder("host,cpu,seamldr,running,remaining\n");
        for (var i = 0; i < 100_000; i++)
        {
            text.Append($"node-{i}.example,0x806F8,1.5.0{random.Next(8)},1.5.{random.Next(1, 12):00},{random.Next(6)}\n");
        }

        var inventory = Encoding.UTF8.GetBytes(text.ToString());
        var best = Best(() =>
        {
            var planner = new FleetPlanner(SyntheticReleases.Small, PlanPolicy.Default, InventoryFormat.Csv);
            Assert.Equal(ExitCode.Success, planner.Run(new MemoryStream(inventory), Stream.Null, e => Assert.Fail(e.ToString())));
            Assert.Equal(100_000, planner.Summary.Hosts);
        });
        output.WriteLine($"{best.TotalMilliseconds:0} ms of processor time");
    }

    [Fact]
    public void Thousand_releases_are_graphed_in_30_MB()
    {
        // One line, so that nearly every pair is a step. Upstream has twenty releases; the rules are asked for each pair.
        var releases = SyntheticReleases.Row(1_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var edges = 0L;
        var memory = 0L;
        var best = Best(() =>
        {
            var graphs = StepGraph.All(releases);
            edges = graphs.Sum(g => g.CountEdges());
            memory = GC.GetTotalMemory(forceFullCollection: false) - before;
        });
        Assert.True(edges > 1_000_000, $"{edges} edges");
        output.WriteLine($"{best.TotalMilliseconds:0} ms of processor time for {edges} edges, {memory >> 20} MB");
        Assert.True(memory < 30L << 20, $"{memory >> 20} MB");
    }

    private static TimeSpan Best(Action action)
    {
        var best = TimeSpan.MaxValue;
        for (var run = 0; run < 3; run++)
        {
            using var process = Process.GetCurrentProcess();
            var before = process.TotalProcessorTime;
            action();
            process.Refresh();
            var used = process.TotalProcessorTime - before;
            best = used < best ? used : best;
        }

        return best;
    }
}
