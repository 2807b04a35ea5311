using System.Text;
using System.Text.Json;
using TdxRelease.HostModel;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Plans;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Host;

/// <summary>What a host reports is what the planner and Prometheus read.</summary>
public class StatusTests
{
    [Theory]
    [ClassData(typeof(ShellData))]
    public void Status_is_one_row_of_an_inventory(string shell)
    {
        using var machine = new Machine(new());
        machine.Root.Write("proc/sys/kernel/hostname", "node-1.example\n");
        var status = machine.Run("status --json", shell);
        Assert.Equal(0, status.Exit);
        using var json = JsonDocument.Parse(status.Output);
        Assert.Equal(JsonValueKind.Number, json.RootElement.GetProperty("remaining").ValueKind);
        var planner = new FleetPlanner(SyntheticReleases.Small, PlanPolicy.Default, InventoryFormat.Jsonl);
        var output = new MemoryStream();
        planner.Run(new MemoryStream(Encoding.UTF8.GetBytes(status.Output)), output, e => Assert.Fail(e.ToString()));
        Assert.StartsWith("{\"cpu\":\"0x806F0\",\"host\":\"node-1.example\",\"outcome\":\"path\"",
            Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void Metrics_have_help_and_type_and_say_what_status_says(string shell)
    {
        using var machine = new Machine(new());
        machine.Root.Write("proc/sys/kernel/hostname", "node-1\n");
        var metrics = machine.Run("status --prometheus", shell);
        Assert.True(metrics.Exit == 0, metrics.All);
        Assert.Contains("\ntdx_module_info{host=\"node-1\",cpu=\"0x806F0\",seamldr=\"1.5.02\",running=\"1.5.05\","
            + "svn=\"1.5\",target=\"1.5.16\",module=\"running\"} 1\n", metrics.Output, StringComparison.Ordinal);
        Assert.Contains("\ntdx_module_planned_updates 1\n", metrics.Output, StringComparison.Ordinal);
        var lines = metrics.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(0, lines.Length % 3);
        foreach (var metric in lines.Chunk(3))
        {
            var name = metric[2].Split('{', ' ')[0];
            Assert.StartsWith($"# HELP {name} ", metric[0], StringComparison.Ordinal);
            Assert.Equal($"# TYPE {name} gauge", metric[1]);
        }

        var created = long.Parse(lines.Single(l => l.StartsWith("tdx_bundle_created", StringComparison.Ordinal)).Split(' ')[1],
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - created, 86_400 - 60, 86_400 + 7200);
    }

    [Fact]
    public void A_module_that_is_gone_is_a_metric_too()
    {
        using var machine = new Machine(new() { FailAfterShutdownAt = 1 });
        machine.Run("apply");
        var metrics = machine.Run("status --prometheus");
        Assert.Equal(21, metrics.Exit);
        Assert.Contains("module=\"gone\"} 1\n", metrics.Output, StringComparison.Ordinal);
        Assert.Contains("\ntdx_module_up 0\n", metrics.Output, StringComparison.Ordinal);
        Assert.Contains("\ntdx_module_last_upload_failed 1\n", metrics.Output, StringComparison.Ordinal);
    }
}
