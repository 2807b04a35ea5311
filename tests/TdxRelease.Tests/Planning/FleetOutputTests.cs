using System.Text;
using System.Text.Json;
using TdxRelease.Build.Schemas;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Plans;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Planning;

/// <summary>
/// What a fleet's planning writes: the decision alone, states, groups, CSV, kept columns, and the inventories of other programs.
/// </summary>
public class FleetOutputTests
{
    private const string Hosts =
        "host,cpu,seamldr,running,remaining,rack\na,0x806F8,1.5.02,1.5.05,3,\"r 1,\"\"x\"\"\"\nb,0x806F8,1.5.02,1.5.10,,r2\n"
        + "c,0x806F2,1.5.02,1.5.05,3,\nd,0x806F8,1.5.02,1.5.05,0,r1\ne,nope,1.5.02,1.5.05,0,r1\n";

    [Fact]
    public void A_line_has_the_decision_in_250_bytes_and_satisfies_its_schema()
    {
        var lines = Run(Hosts, new(), InventoryFormat.Csv);
        Assert.Equal("""{"cpu":"0x806F0","host":"a","outcome":"path","path":[{"risks":["td-build-race"],"tier":"strict","to":"1.5.10"}]"""
            + ""","remaining":3,"running":"1.5.05","seamldr":"1.5.02"}""", lines[0]);
        Assert.Equal("""{"cpu":"0x806F0","host":"b","outcome":"up-to-date","path":[],"running":"1.5.10","seamldr":"1.5.02"}""", lines[1]);
        Assert.Contains("\"reason\":\"1.5.10: ", lines[3], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.Empty(SchemaValidator.Validate("fleet-plan.schema.json", Encoding.UTF8.GetBytes(line), "line")));
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 250));
    }

    [Fact]
    public void Other_columns_are_passed_through_untouched()
    {
        Assert.StartsWith("{\"columns\":{\"rack\":\"r 1,\\\"x\\\"\"},\"cpu\":",
            Run(Hosts, new() { KeepColumns = true }, InventoryFormat.Csv)[0], StringComparison.Ordinal);
        var json = Run("{\"zone\":[1, 2.50],\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\","
            + "\"Aisle\":null}\n", new() { KeepColumns = true }, InventoryFormat.Jsonl)[0];
        Assert.StartsWith("{\"columns\":{\"Aisle\":null,\"zone\":[1, 2.50]},\"cpu\":", json, StringComparison.Ordinal);
        Assert.Empty(SchemaValidator.Validate("fleet-plan.schema.json", Encoding.UTF8.GetBytes(json), "line"));
        var csv = Run(Hosts, new() { KeepColumns = true, Format = FleetFormat.Csv }, InventoryFormat.Csv);
        Assert.Equal(FleetLine.Header + ",rack", csv[0]);
        Assert.Equal("a,path,1.5.10,strict,td-build-race,0x806F0,1.5.02,1.5.05,3,,\"r 1,\"\"x\"\"\"", csv[1]);
        Assert.EndsWith(",", csv[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host,cpu,seamldr,running,rack,rack\na,0x806F8,1.5.02,1.5.05,1,2\n", InventoryFormat.Csv)]
    [InlineData("{\"host\":\"a\",\"cpu\":\"0x806F8\",\"seamldr\":\"1.5.02\",\"running\":\"1.5.05\",\"rack\":1,\"rack\":2}\n",
        InventoryFormat.Jsonl)]
    public void A_kept_column_that_is_given_twice_is_an_error(string inventory, InventoryFormat format)
    {
        var planner = new FleetPlanner(SyntheticReleases.Small, PlanPolicy.Default, format, new() { KeepColumns = true });
        var errors = new List<string>();
        try
        {
            planner.Run(new MemoryStream(Encoding.UTF8.GetBytes(inventory)), Stream.Null, e => errors.Add(e.ToString()));
        }
        catch (TdxException e)
        {
            errors.Add(e.Message);
        }

        Assert.Contains("twice", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PlanOutcome.Path, "a c")]
    [InlineData(PlanOutcome.UpToDate, "b")]
    [InlineData(PlanOutcome.NoPath, "d")]
    public void One_outcome_can_be_asked_for(PlanOutcome only, string hosts) =>
        Assert.Equal(hosts, string.Join(' ', Run(Hosts, new() { Only = only }, InventoryFormat.Csv)
            .Select(l => JsonDocument.Parse(l).RootElement.GetProperty("host").GetString())));

    [Fact]
    public void Bad_rows_can_be_asked_for()
    {
        Assert.StartsWith("{\"column\":\"cpu\",\"message\":\"\\\"nope\\\" is not a CPU",
            Assert.Single(Run(Hosts, new() { OnlyErrors = true }, InventoryFormat.Csv)), StringComparison.Ordinal);
        var csv = Run(Hosts, new() { OnlyErrors = true, Format = FleetFormat.Csv }, InventoryFormat.Csv);
        Assert.Equal(("row,column,message", 2), (csv[0], csv.Length));
        Assert.StartsWith("6,cpu,\"\"\"nope", csv[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_states_are_written_once_with_the_number_of_their_hosts()
    {
        var lines = Run(Hosts, new() { States = true }, InventoryFormat.Csv);
        Assert.Equal([1, 2, 1], lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("hosts").GetInt32()));
        Assert.All(lines, line => Assert.Empty(SchemaValidator.Validate("fleet-plan.schema.json", Encoding.UTF8.GetBytes(line), "line")));
        var csv = Run(Hosts, new() { States = true, Format = FleetFormat.Csv }, InventoryFormat.Csv);
        Assert.Equal(["hosts", "1", "1", "2"], csv.Select(l => l.Split(',')[0]).Order(StringComparer.Ordinal).OrderBy(w => w != "hosts"));
    }

    [Fact]
    public void Hosts_are_counted_by_columns() => Assert.Equal(
        [
            "{\"cpu\":\"0x806F0\",\"hosts\":3,\"outcomes\":{\"no-path\":1,\"path\":2},\"running\":\"1.5.05\"}",
            "{\"cpu\":\"0x806F0\",\"hosts\":1,\"outcomes\":{\"up-to-date\":1},\"running\":\"1.5.10\"}",
        ],
        Run(Hosts, new() { GroupBy = ["cpu", "running"] }, InventoryFormat.Csv));

    [Fact]
    public void The_summary_fits_one_screen_however_many_kinds_there_are()
    {
        var text = new StringBuilder("host,cpu,seamldr,running,remaining\n");
        for (var i = 0; i < 4000; i++)
        {
            text.Append($"h{i},0x{0x10000 + (i % 50 * 16):X},1.5.02,1.{i % 40}.05,{i % 3}\n");
        }

        var planner = new FleetPlanner(SyntheticReleases.Small, PlanPolicy.Default, InventoryFormat.Csv);
        planner.Run(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), Stream.Null, e => Assert.Fail(e.ToString()));
        using var screen = new StringWriter();
        FleetJson.WriteText(screen, planner.Summary);
        Assert.InRange(screen.ToString().Count(c => c == '\n'), 3, 24);
        Assert.Contains(" others: ", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_are_told_apart_in_16_bytes_each()
    {
        var rows = new HostRows();
        for (var i = 1; i <= 100_000; i++)
        {
            Assert.Equal(0u, rows.Add($"node-{i}.example", i));
        }

        Assert.All(Enumerable.Range(1, 1000), i => Assert.Equal((uint)i, rows.Add($"NODE-{i}.Example", 200_000)));
    }

    [Theory]
    [InlineData("""{"ansible_facts":{"ansible_nodename":"a","ansible_local":"""
        + """{"tdx_module":{"host":"x","cpu":"0x806F0","seamldr":"1.5.02","running":"1.5.05","remaining":3}}},"changed":false}""")]
    [InlineData("""{"_meta":{"hostvars":{"a":{"rack":"r1","tdx_module":"""
        + """{"cpu":"0x806F0","seamldr":"1.5.02","running":"1.5.05","remaining":3}}}},"all":{"children":["ungrouped"]}}""")]
    [InlineData("""{"a":{"ansible_local":{"tdx_module":{"cpu":"0x806F0","seamldr":"1.5.02","running":"1.5.05","remaining":3}}}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":["""
        + """{"metric":{"__name__":"tdx_module_info","instance":"a:9100","cpu":"0x806F0","seamldr":"1.5.02","running":"1.5.05"}"""
        + ""","value":[1,"1"]},{"metric":{"__name__":"tdx_module_remaining_updates","instance":"a:9100"},"value":[1,"3"]}]}}""")]
    public void Documents_of_other_programs_are_inventories(string document)
    {
        var line = Assert.Single(Run(Encoding.UTF8.GetString(InventoryDocument.Lines(Encoding.UTF8.GetBytes(document))), new(),
            InventoryFormat.Jsonl));
        Assert.StartsWith("{\"cpu\":\"0x806F0\",\"host\":\"a\",\"outcome\":\"path\"", line, StringComparison.Ordinal);
        Assert.Contains("\"remaining\":3,", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "the document is not an object")]
    [InlineData("""{"a":1,"a":2}""", "not JSON")]
    [InlineData("""{"a":1}""", "\"a\" is not a host with facts or variables")]
    [InlineData("""{"_meta":{}}""", "_meta.hostvars is not an object")]
    [InlineData("""{"ansible_facts":{}}""", "lack ansible_nodename")]
    [InlineData("""{"status":"error","error":"bad query"}""", "Prometheus answered error: bad query")]
    [InlineData("""{"status":"success","data":{"result":3}}""", "no data.result")]
    [InlineData("""{"status":"success","data":{"result":[1]}}""", "data.result[0] has no metric")]
    public void Other_documents_are_one_error(string document, string why)
    {
        var error = Assert.Throws<TdxException>(() => InventoryDocument.Lines(Encoding.UTF8.GetBytes(document)));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_whose_facts_lack_a_state_is_a_bad_row_that_says_what_is_missing()
    {
        var planner = new FleetPlanner(SyntheticReleases.Small, PlanPolicy.Default, InventoryFormat.Jsonl);
        var errors = new List<string>();
        planner.Run(new MemoryStream(InventoryDocument.Lines("""{"a":{"rack":"x"}}"""u8)), Stream.Null, e => errors.Add(e.ToString()));
        Assert.Equal(["row 1, column \"cpu\": missing"], errors);
    }

    private static string[] Run(string inventory, FleetOutput wanted, InventoryFormat format)
    {
        var output = new MemoryStream();
        new FleetPlanner(SyntheticReleases.Small, PlanPolicy.Default, format,
            wanted).Run(new MemoryStream(Encoding.UTF8.GetBytes(inventory)), output, _ => { });
        return Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
