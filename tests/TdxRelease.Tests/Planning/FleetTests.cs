using System.Buffers;
using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Plans;
using TdxRelease.Testing;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Planning;

public class FleetTests
{
    private static readonly FleetOutput Details = new() { Format = FleetFormat.Details };

    [Theory]
    [InlineData("host,cpu,seamldr,running,remaining\na,0x806F8,1.5.02,1.5.05,3\n"
        + "\"b \"\"x\"\"\",sapphire-rapids,1.5.02,1.5.05,\nc,0xA06F1,2.0.00,1.5.02,1\n", InventoryFormat.Csv)]
    [InlineData("\uFEFFhost,cpu,seamldr,running,remaining\r\na,Sapphire Rapids,1.5.02,1.5.5,3\r\n"
        + "b \u0022x\u0022,806f2,1.5.02,1.5.05,\r\n\r\nc,sierra forest,2.0.00,1.5.02,1", null)]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":3}\n"
        + "{\"host\":\"b \\\"x\\\"\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":null}\n"
        + "{\"remaining\":1,\"host\":\"c\",\"cpu\":\"0xA06F0\",\"seamldr\":\"2.0.00\",\"running\":\"1.5.02\"}\n", InventoryFormat.Jsonl)]
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
        var run = Run("host,cpu,seamldr,running,remaining\na,i486,1.5.02,1.5.05,1\nb,0x806F8,1.5,1.5.05,1\n"
            + "c,0x806F8,1.5.02,x,1\nd,0x806F8,1.5.02,1.5.05,-1\n"
            + ",0x806F8,1.5.02,1.5.05,1\ne,0x806F8\nf,0x806F8,1.5.02,1.5.05,1\n", InventoryFormat.Csv);
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Equal(["f"], run.Lines.Select(l => l.GetProperty("host").GetString()!));
        Assert.Equal([(2L, "cpu"), (3L, "seamldr"), (4L, "running"), (5L, "remaining"), (6L, "host"), (7L, null)],
            run.Errors.Select(e => (e.Row, e.Column)));
        Assert.StartsWith("row 2, column \"cpu\": \"i486\" is not a CPU, want a hexadecimal signature such as 0x806F8 "
            + "or one of sapphire-rapids", run.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(6, run.Summary.BadRows);
        Assert.Equal(1, run.Summary.Hosts);
    }

    [Theory]
    [InlineData("{\"host\":\"a\"")]
    [InlineData("[]")]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":\"3\"}")]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\"}")]
    [InlineData("{\"host\":\"a\",\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\"}")]
    [InlineData("{\"host\":\"a\",\"HOST\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\"}")]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":4294967296}")]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":1.5}")]
    public void Bad_JSON_rows_fail(string row)
    {
        var run = Run(row, InventoryFormat.Jsonl);
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Single(run.Errors);
        Assert.Empty(run.Lines);
    }

    [Theory]
    [InlineData("host;cpu;seamldr;running\n", "lacks column \"host\"")]
    [InlineData("a,0x806F8,1.5.02,1.5.05,1\n", "lacks column \"host\"")]
    [InlineData("cpu,host,running,remaining\n", "lacks column \"seamldr\"")]
    [InlineData("host,cpu,seamldr,running,CPU\n", "names column \"cpu\" twice")]
    [InlineData("host,cpu,seamldr,\"running\n", "has a quote that is not closed")]
    public void A_header_that_lacks_a_column_or_names_one_twice_is_one_error(string inventory, string why)
    {
        var error = Assert.Throws<TdxException>(() => Run(inventory + "a,0x806F8,1.5.02,1.5.05,1\n", InventoryFormat.Csv));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains("want host, cpu, seamldr, running and, where known, remaining", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host,cpu,seamldr,running,remaining\na,0x806F8,1.5.02,1.5.05,3\nb,0x806F8,1.5.02,1.5.05,\n")]
    [InlineData("Remaining, RUNNING ,SeamLdr,cpu,HOST\n3,1.5.05,1.5.02,0x806F8,a\n,1.5.05,1.5.02,0x806F8,b\n")]
    [InlineData("rack,cpu,host,\"running\",room,seamldr,remaining\n"
        + "7,0x806F8,a,1.5.05,\"x, \"\"y\"\"\",1.5.02,3\n8,0x806F8,b,1.5.05,,1.5.02,\n", "rack", "room")]
    [InlineData("host,cpu,seamldr,running,remaining,serial\na,0x806F8,1.5.02,1.5.05,3,1\nb,0x806F8,1.5.02,1.5.05,,1\n", "serial")]
    public void Columns_stand_in_any_order_and_case_and_others_are_ignored_with_a_notice(string inventory, params string[] ignored)
    {
        var run = Run(inventory, InventoryFormat.Csv);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(["a", "b"], run.Lines.Select(l => l.GetProperty("host").GetString()!));
        Assert.All(run.Lines, l => Assert.Equal(["1.5.10"], Strings(l, "eligible")));
        Assert.Equal(ignored, run.Ignored);
    }

    [Fact]
    public void Unknown_keys_of_JSON_lines_are_ignored_with_a_notice_and_known_ones_are_read_in_any_case()
    {
        var run = Run("{\"Host\":\"a\",\"CPU\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"rack\":[7],\"Remaining\":0}\n",
            InventoryFormat.Jsonl);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(["rack"], run.Ignored);
        Assert.Empty(Strings(run.Lines.Single(), "eligible"));
    }

    [Fact]
    public void A_host_given_twice_is_an_error_that_names_both_rows_and_costs_no_other_row()
    {
        var run = Run("host,cpu,seamldr,running\na,0x806F8,1.5.02,1.5.05\nb,0x806F8,1.5.02,1.5.05\na,0x806F8,1.5.02,1.5.10\n\n"
            + "\"A\",0x806F8,1.5.02,1.5.05\nc,0x806F8,1.5.02,1.5.05\n", InventoryFormat.Csv);
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Equal(["a", "b", "c"], run.Lines.Select(l => l.GetProperty("host").GetString()!));
        Assert.Equal(["row 4, column \"host\": \"a\" is in row 2 already", "row 6, column \"host\": \"A\" is in row 2 already"],
            run.Errors.Select(e => e.ToString()));
        Assert.Equal((3, 2), (run.Summary.Hosts, run.Summary.BadRows));
        var buffer = new ArrayBufferWriter<byte>();
        FleetJson.Write(buffer, run.Summary);
        using var json = JsonDocument.Parse(buffer.WrittenMemory);
        Assert.Equal([4, 6], json.RootElement.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("row").GetInt32()));
    }

    [Fact]
    public void A_host_whose_first_row_is_bad_may_be_given_again()
    {
        var run = Run("host,cpu,seamldr,running\na,i486,1.5.02,1.5.05\na,0x806F8,1.5.02,1.5.05\n", InventoryFormat.Csv);
        Assert.Equal([(2L, "cpu")], run.Errors.Select(e => (e.Row, e.Column)));
        Assert.Single(run.Lines);
    }

    [Theory]
    [InlineData("", InventoryFormat.Csv, "the inventory is empty")]
    [InlineData("", InventoryFormat.Jsonl, "the inventory is empty")]
    [InlineData("\n\n", InventoryFormat.Jsonl, "the inventory names no host")]
    [InlineData("\uFEFF\r\n", InventoryFormat.Csv, "the inventory names no host")]
    [InlineData("host,cpu,seamldr,running\n", InventoryFormat.Csv, "the inventory names no host")]
    [InlineData("host,cpu,seamldr,running\n\n\r\n", InventoryFormat.Csv, "the inventory names no host")]
    public void An_inventory_without_a_host_is_an_error(string inventory, InventoryFormat format, string message)
    {
        var error = Assert.Throws<TdxException>(() => Run(inventory, format));
        Assert.Equal((ExitCode.BadInput, message), (error.Code, error.Message));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("2147483648", 1)]
    [InlineData("4294967295", 1)]
    public void Updates_left_are_the_kernels_unsigned_number(string remaining, int eligible)
    {
        foreach (var (inventory, format) in new[]
        {
            ($"host,cpu,seamldr,running,remaining\na,0x806F8,1.5.02,1.5.05,{remaining}\n", InventoryFormat.Csv),
            ($"{{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"remaining\":{remaining}}}\n",
                InventoryFormat.Jsonl),
        })
        {
            var run = Run(inventory, format);
            Assert.Equal(ExitCode.Success, run.Code);
            Assert.Equal(eligible, Strings(run.Lines.Single(), "eligible").Length);
        }

        Assert.Equal([(2L, "remaining")],
            Run("host,cpu,seamldr,running,remaining\na,0x806F8,1.5.02,1.5.05,4294967296\n", InventoryFormat.Csv)
            .Errors.Select(e => (e.Row, e.Column)));
    }

    [Fact]
    public void The_summary_counts_rounds_and_names_the_stuck()
    {
        var run = Run("host,cpu,seamldr,running\na,0x806F8,1.5.02,1.5.01\nb,0x806F8,1.5.02,1.5.02\n"
            + "c,0x806F8,1.5.09,1.5.05\nd,0xA06F8,1.5.02,2.0.01\ne,0x806F8,1.5.09,1.5.10\n",
            InventoryFormat.Csv, new PlanPolicy { Prefer = Preference.Smallest });
        Assert.Equal([("1.5.03", 2L), ("1.5.10", 1L)], run.Summary.Reach);
        Assert.Equal([("1.5.10", 1L)], run.Summary.UpToDate);
        Assert.Equal(2, run.Summary.Rounds.Count);
        Assert.Equal([("1.5.02", 1L), ("1.5.03", 1L), ("1.5.10", 1L)], run.Summary.Rounds[0].Load);
        Assert.Equal([2L, 1L], run.Summary.Rounds.Select(w => w.Done));
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
        var planner = new FleetPlanner(releases, new PlanPolicy { Tier = (TierPolicy)random.Next(3) }, InventoryFormat.Csv, Details);
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
            Assert.Equal(plan.Path.Select(s => s.To.Spelling),
                json.RootElement.GetProperty("path").EnumerateArray().Select(s => s.GetProperty("to").GetString()!));
            Assert.Equal(plan.Refused.Select(s => s.Release.Spelling),
                json.RootElement.GetProperty("refused").EnumerateArray().Select(s => s.GetProperty("version").GetString()!));
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
        Assert.Equal(ExitCode.Success,
            planner.Run(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), Stream.Null, e => Assert.Fail(e.ToString())));
        Assert.Equal(5_000, planner.Summary.Hosts);
        Assert.Equal(4 * 5 * 3, planner.Planned);
    }

    private static string[] Strings(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];

    private static (ExitCode Code, List<JsonElement> Lines, List<InventoryError> Errors, FleetSummary Summary,
        IReadOnlyCollection<string> Ignored) Run(string inventory, InventoryFormat format, PlanPolicy? policy = null)
    {
        var planner = new FleetPlanner(SyntheticReleases.Small, policy ?? PlanPolicy.Default, format, Details);
        var output = new MemoryStream();
        var errors = new List<InventoryError>();
        var code = planner.Run(new MemoryStream(Encoding.UTF8.GetBytes(inventory)), output, errors.Add);
        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement).ToList();
        return (code, lines, errors, planner.Summary, planner.UnknownColumns);
    }
}
