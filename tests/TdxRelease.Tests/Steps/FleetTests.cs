using System.Buffers;
using System.Text;
using System.Text.Json;
using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Steps;
using TdxRelease.Modules.Versions;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Steps;

public class FleetTests
{
    [Theory]
    [InlineData("host,cpu,seamldr,running,remaining\na,0x806F8,1.5.02,1.5.05,3\n\"b \"\"x\"\"\",sapphire-rapids,1.5.02,1.5.05,\nc,0xA06F1,2.0.00,1.5.02,1\n", InventoryFormat.Csv)]
    [InlineData("\uFEFFhost,cpu,seamldr,running,remaining\r\na,Sapphire Rapids,1.5.02,1.5.5,3\r\nb \u0022x\u0022,806f2,1.5.02,1.5.05,\r\n\r\nc,sierra forest,2.0.00,1.5.02,1", null)]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":3}\n{\"host\":\"b \\\"x\\\"\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":null}\n{\"remaining\":1,\"host\":\"c\",\"cpu\":\"0xA06F0\",\"seamldr\":\"2.0.00\",\"running\":\"1.5.02\"}\n", InventoryFormat.Jsonl)]
    public void Formats_say_the_same(string inventory, InventoryFormat? format)
    {
        // The second case has a bare quote inside a field: that row is bad, the others are planned.
        var run = Run(inventory, format ?? InventoryFormat.Csv);
        Assert.Equal(format is null ? ExitCode.BadInput : ExitCode.Success, run.Code);
        string[] hosts = format is null ? ["a", "c"] : ["a", "b \"x\"", "c"];
        Assert.Equal(hosts, run.Lines.Select(l => l.GetProperty("host").GetString()!));
        Assert.Equal(["1.5.10"], Strings(run.Lines[0], "eligible"));
        Assert.Equal(["1.5.04"], Strings(run.Lines[^1], "eligible"));
        Assert.Equal("1.5.05", run.Lines[0].GetProperty("path")[0].GetProperty("from").GetString());
        Assert.Equal("1.5.05", Strings(run.Lines[0], "reinstall").Single());
        if (format is null)
        {
            Assert.Equal(["row 3: a quote is not closed or stands inside a field"], run.Errors.Select(e => e.ToString()));
        }
    }

    [Fact]
    public void Bad_rows_name_row_and_column_and_the_rest_is_planned()
    {
        var run = Run("host,cpu,seamldr,running,remaining\na,i486,1.5.02,1.5.05,1\nb,0x806F8,1.5,1.5.05,1\nc,0x806F8,1.5.02,x,1\nd,0x806F8,1.5.02,1.5.05,-1\n,0x806F8,1.5.02,1.5.05,1\ne,0x806F8\nf,0x806F8,1.5.02,1.5.05,1\n", InventoryFormat.Csv);
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Equal(["f"], run.Lines.Select(l => l.GetProperty("host").GetString()!));
        Assert.Equal([(2L, "cpu"), (3L, "seamldr"), (4L, "running"), (5L, "remaining"), (6L, "host"), (7L, null)], run.Errors.Select(e => (e.Row, e.Column)));
        Assert.StartsWith("row 2, column \"cpu\": \"i486\" is no CPU, want a hexadecimal signature such as 0x806F8 or one of sapphire-rapids", run.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(6, run.Summary.BadRows);
        Assert.Equal(1, run.Summary.Hosts);
    }

    [Theory]
    [InlineData("{\"host\":\"a\"")]
    [InlineData("[]")]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":\"3\"}")]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\"}")]
    [InlineData("{\"host\":\"a\",\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\"}")]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"rack\":\"7\"}")]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":1.5}")]
    public void Bad_JSON_rows_fail(string row)
    {
        var run = Run(row, InventoryFormat.Jsonl);
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Single(run.Errors);
        Assert.Empty(run.Lines);
    }

    [Theory]
    [InlineData("host;cpu;seamldr;running\n")]
    [InlineData("cpu,host,seamldr,running\n")]
    [InlineData("a,0x806F8,1.5.02,1.5.05,1\n")]
    public void A_wrong_header_is_one_error(string inventory) =>
        Assert.Contains("want \"host,cpu,seamldr,running\"", Assert.Throws<TdxException>(() => Run(inventory, InventoryFormat.Csv)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_summary_counts_waves_and_names_the_stuck()
    {
        var run = Run("host,cpu,seamldr,running\na,0x806F8,1.5.02,1.5.01\nb,0x806F8,1.5.02,1.5.02\nc,0x806F8,1.5.09,1.5.05\nd,0xA06F8,1.5.02,2.0.01\ne,0x806F8,1.5.09,1.5.10\n", InventoryFormat.Csv, new PlanPolicy { Prefer = Preference.Smallest });
        Assert.Equal([("1.5.03", 2L), ("1.5.10", 1L)], run.Summary.Reach);
        Assert.Equal([("1.5.10", 1L)], run.Summary.UpToDate);
        Assert.Equal(2, run.Summary.Waves.Count);
        Assert.Equal([("1.5.02", 1L), ("1.5.03", 1L), ("1.5.10", 1L)], run.Summary.Waves[0].Load);
        Assert.Equal([2L, 1L], run.Summary.Waves.Select(w => w.Done));
        Assert.Single(run.Summary.Stuck);
        Assert.Equal(run.Summary.During, run.Summary.Before.Union(run.Summary.After).Order(StringComparer.Ordinal));
        var buffer = new ArrayBufferWriter<byte>();
        FleetJson.Write(buffer, run.Summary);
        using var json = JsonDocument.Parse(buffer.WrittenMemory);
        Assert.Equal(5, json.RootElement.GetProperty("hosts").GetInt64());
    }

    [Fact]
    public void A_line_of_a_fleet_says_what_a_plan_says() => Property.Check(60, (random, size) =>
    {
        var releases = SyntheticReleases.Any(random, 8);
        var planner = new FleetPlanner(releases, new PlanPolicy { Tier = (TierPolicy)random.Next(3) }, InventoryFormat.Csv);
        var buffer = new ArrayBufferWriter<byte>();
        planner.Line("host,cpu,seamldr,running"u8, buffer);
        for (var i = 0; i < 20; i++)
        {
            buffer.ResetWrittenCount();
            var running = new ModuleVersion(1, 5, (ushort)random.Next(1, 20));
            Assert.Null(planner.Line(Encoding.UTF8.GetBytes($"h{i},0x806F{random.Next(9)},1.5.09,{running}"), buffer));
            using var json = JsonDocument.Parse(buffer.WrittenMemory);
            var plan = new Planner(releases).Plan(new(SyntheticReleases.Red, new(1, 5, 9), running) { Policy = planner.Policy });
            Assert.Equal($"h{i}", json.RootElement.GetProperty("host").GetString());
            Assert.Equal(plan.Eligible.Select(s => s.To.Spelling), Strings(json.RootElement, "eligible"));
            Assert.Equal(plan.Path.Select(s => s.To.Spelling), json.RootElement.GetProperty("path").EnumerateArray().Select(s => s.GetProperty("to").GetString()!));
            Assert.Equal(plan.Refused.Select(s => s.Release.Spelling), json.RootElement.GetProperty("refused").EnumerateArray().Select(s => s.GetProperty("version").GetString()!));
        }
    });

    [Fact]
    public void Each_state_is_planned_once_however_many_hosts_share_it()
    {
        var random = new Random(1);
        var text = new StringBuilder("host,cpu,seamldr,running,remaining\n");
        for (var i = 0; i < 5_000; i++)
        {
            text.Append($"node-{i}.example,0x806F{random.Next(9)},1.5.0{random.Next(4)},1.5.{random.Next(1, 6):00},{random.Next(3)}\n");
        }

        var planner = new FleetPlanner(SyntheticReleases.Small, PlanPolicy.Default, InventoryFormat.Csv);
        Assert.Equal(ExitCode.Success, planner.Run(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), Stream.Null, e => Assert.Fail(e.ToString())));
        Assert.Equal(5_000, planner.Summary.Hosts);
        Assert.Equal(4 * 5 * 3, planner.Planned);
    }

    private static string[] Strings(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];

    private static (ExitCode Code, List<JsonElement> Lines, List<InventoryError> Errors, FleetSummary Summary) Run(string inventory, InventoryFormat format, PlanPolicy? policy = null)
    {
        var planner = new FleetPlanner(SyntheticReleases.Small, policy ?? PlanPolicy.Default, format);
        var output = new MemoryStream();
        var errors = new List<InventoryError>();
        var code = planner.Run(new MemoryStream(Encoding.UTF8.GetBytes(inventory)), output, errors.Add);
        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        return (code, lines, errors, planner.Summary);
    }
}
