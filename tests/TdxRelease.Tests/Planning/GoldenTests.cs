using System.Buffers;
using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Planning.Site;
using TdxRelease.Testing;
using TdxRelease.Tests.Pipeline;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Planning;

/// <summary>Whole outputs on synthetic releases. Set TDXREL_UPDATE_GOLDEN=1 to write them anew, then read the difference.</summary>
public class GoldenTests
{
    private static readonly DocumentStamp Stamp = new(7, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(30));

    private static StepGraph Graph => StepGraph.All(SyntheticReleases.Small)[0];

    [Fact]
    public void Text() => Check("graph.txt", w => GraphText.Write([Graph], w));

    [Fact]
    public void Dot() => Check("graph.dot", w => GraphDot.Write(Graph, w));

    [Fact]
    public void Mermaid() => Check("graph.mmd", w => GraphMermaid.Write(Graph, w));

    [Fact]
    public void Steps_table() =>
        Check("steps.tsv", w =>
        Table(new ReleaseSet(SyntheticReleases.Small.Releases.Where(r => r.Version.Major == 1 && r.Version.Update <= 3)), w));

    [Fact]
    public void A_release_that_only_a_reboot_loads_is_named_in_the_table()
    {
        using var text = new StringWriter();
        Table(new ReleaseSet(
        [
            SyntheticReleases.Release("1.5.04", "1.1", 0xF0FBD, [SyntheticReleases.Red], predates: true),
            SyntheticReleases.Release("1.5.05", "1.1", 0xF0FBF, [SyntheticReleases.Red], predates: true),
        ]), text);
        Assert.Contains("\t1.5.05 only after a reboot\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan() => Check("plan.txt", w =>
    {
        var planner = new Planner(SyntheticReleases.Small);
        PlanText.Write(planner.Plan(
            new(SyntheticReleases.Red, new(1, 5, 0), new(1, 5, 1)) { Remaining = 1, Policy = new() { Prefer = Preference.Smallest } }),
            planner.Releases, w);
        PlanText.Write(planner.WhyNot(new(SyntheticReleases.Red, new(1, 5, 0), new(1, 5, 1)), new(1, 5, 8)), planner.Releases, w);
    });

    [Fact]
    public void The_table_leads_along_the_planners_own_paths()
    {
        var releases = SyntheticReleases.Small;
        using var text = new StringWriter();
        Table(releases, text);
        var lines = text.ToString().Split('\n')[..^1];
        Assert.Equal($"end\t{lines.Length - 1}", lines[^1]);
        var steps = lines.Where(l => l.StartsWith("step\t", StringComparison.Ordinal)).Select(l => l.Split('\t'))
            .ToDictionary(f => string.Join('\t', f[1..6]));
        var followed = 0;
        foreach (var fields in steps.Values.Where(f => !f[3].EndsWith('+')))
        {
            var policy = new PlanPolicy
            {
                Prefer = fields[4].StartsWith("smallest", StringComparison.Ordinal) ? Preference.Smallest : Preference.Fewest,
                Tier = fields[4].EndsWith("default", StringComparison.Ordinal) ? TierPolicy.Default
                    : fields[4].EndsWith("/strict", StringComparison.Ordinal) ? TierPolicy.Strict : TierPolicy.TdPreserving,
                Target = ModuleVersion.Parse(fields[5]),
            };
            var cpu = TdxRelease.Verification.Cpu.CpuFamily.Parse(fields[1])!.Value;
            var plan = new Planner(releases)
                .Plan(new(cpu, ModuleVersion.Parse(fields[2]), ModuleVersion.Parse(fields[3])) { Policy = policy });
            var at = fields;
            for (var i = 0; i < plan.Path.Count; i++)
            {
                Assert.Equal((plan.Path[i].To.Version.ToString(), plan.Path[i].Tier.Word(), $"{plan.Path.Count - i}"),
                    (at[6], at[7], at[8]));
                at = i + 1 < plan.Path.Count ? steps[string.Join('\t', [at[1], at[2], at[6], at[4], at[5]])] : at;
            }

            Assert.Equal(fields[5], at[6]);
            followed++;
        }

        Assert.True(followed > 50, $"{followed} paths");
    }

    [Fact]
    public void Documents_match_their_schemas_and_are_canonical()
    {
        var planner = new Planner(SyntheticReleases.Small);
        var request = new PlanRequest(SyntheticReleases.Red, new(1, 5, 4), new(1, 5, 1));
        Valid("graph.schema.json", b => GraphJson.Write(b, StepGraph.All(SyntheticReleases.Small), Stamp));
        Valid("plan.schema.json", b => PlanJson.Write(b, planner.Plan(request), planner.Releases, "host-1"));
        Valid("plan.schema.json", b => PlanJson.Write(b, planner.WhyNot(request, new(2, 0, 3)), planner.Releases));
    }

    [Fact]
    public void Cincinnati_clients_find_strict_SemVer_strings_and_no_pair_twice()
    {
        foreach (var graph in StepGraph.All(SyntheticReleases.Small))
        {
            var buffer = new ArrayBufferWriter<byte>();
            GraphCincinnati.Write(buffer, graph);
            using var json = JsonDocument.Parse(buffer.WrittenMemory);
            var root = json.RootElement;
            var versions = root.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("version").GetString()!).ToList();
            Assert.All(versions, v => Assert.Matches("^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)$", v));
            Assert.All(root.GetProperty("nodes").EnumerateArray(),
                n => Assert.All(n.GetProperty("metadata").EnumerateObject(), m => Assert.Equal(JsonValueKind.String, m.Value.ValueKind)));
            var pairs = root.GetProperty("edges").EnumerateArray().Select(e => (versions[e[0].GetInt32()], versions[e[1].GetInt32()]))
                .Concat(root.GetProperty("conditionalEdges").EnumerateArray().SelectMany(g => g.GetProperty("edges").EnumerateArray())
                    .Select(e => (e.GetProperty("from").GetString()!, e.GetProperty("to").GetString()!))).ToList();
            Assert.Equal(pairs.Count, pairs.Distinct().Count());
            Assert.Equal(graph.Edges.Select(e => (e.From.Version.ToSemVer(), e.To.Version.ToSemVer())).Order(), pairs.Order());
            Assert.All(root.GetProperty("conditionalEdges").EnumerateArray().SelectMany(g => g.GetProperty("risks").EnumerateArray()),
                r => Assert.Matches("^[A-Za-z][A-Za-z0-9]*$", r.GetProperty("name").GetString()));
        }
    }

    [Theory]
    [InlineData("""{"format":"tdxrel-site-policy/1","name":"s","barriers":[{"version":"1.5.24","reason":"r"}],"denied":"""
        + """[{"range":"[1.5.20,1.5.28)","reason":"r","cpus":["sapphire-rapids"]}]}""",
        "barrier 1.5.24 is denied by [1.5.20,1.5.28) for Sapphire Rapids")]
    [InlineData("""{"format":"tdxrel-site-policy/1","name":"s","barriers":[{"version":"1.5.24","reason":"r"}],"deadEnds":"""
        + """[{"version":"1.5.24","reason":"r"}]}""", "1.5.24 is a barrier and a dead end for every CPU family")]
    [InlineData("""{"format":"tdxrel-site-policy/1","name":"s","blocked":[{"from":"*","to":"1.5.20","reason":"r","fixedIn":"1.5.24"},"""
        + """{"from":"*","to":"1.5.24","reason":"r","fixedIn":"1.5.20"}]}""",
        "circular fixes for every CPU family: 1.5.24 -> 1.5.20 -> 1.5.24")]
    [InlineData("""{"format":"tdxrel-site-policy/1","name":"s","denied":[{"range":"[1.5","reason":"r"}]}""",
        "\"[1.5\" is neither a version nor a NuGet range")]
    [InlineData("""{"format":"tdxrel-site-policy/1","name":"s","denied":[{"range":"(1.5.05,1.5.05)","reason":"r"}]}""",
        "\"(1.5.05,1.5.05)\" is an empty version range")]
    [InlineData("""{"format":"tdxrel-site-policy/1","name":"s","denid":[]}""", "unknown key \"denid\"")]
    [InlineData("""{"format":"tdxrel-site-policy/1","name":"s","barriers":[{"version":"1.5","reason":"r","cpus":["i486"]}]}""",
        "\"i486\" is not a CPU family, want sapphire-rapids")]
    public void A_bad_site_policy_is_refused_and_says_why(string json, string message)
    {
        var findings = new List<Finding>();
        Assert.Null(SitePolicy.Read(Encoding.UTF8.GetBytes(json), "site.json", findings));
        Assert.Contains(findings, f => f.Message.Contains(message, StringComparison.Ordinal));
    }

    private static void Table(ReleaseSet releases, TextWriter output) =>
        new StepsTable(releases)
        .Write(output, releases.Releases.ToDictionary(r => r.Version, r => new ImageFile(r.ImagePath, 8192, new string('a', 64))), Stamp);

    private static void Valid(string schema, Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        Assert.True(SchemaVerdict.Accepts(schema, text), schema);
        Assert.False(SchemaVerdict.Accepts(schema, text.Insert(1, "\"unknown\":1,")), schema);
        using var json = JsonDocument.Parse(text);
        Sorted(json.RootElement);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
    }

    private static void Sorted(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            var names = element.EnumerateObject().Select(m => m.Name).ToList();
            Assert.Equal(names.Order(StringComparer.Ordinal), names);
        }

        foreach (var child in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(m => m.Value)
            : element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [])
        {
            Sorted(child);
        }
    }

    private static void Check(string name, Action<TextWriter> write)
    {
        using var text = new StringWriter();
        write(text);
        var path = Path.Combine(TestData.Checkout, "tests", "TdxRelease.Tests", "Planning", "golden", name);
        if (Environment.GetEnvironmentVariable("TDXREL_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text.ToString());
        }

        Assert.Equal(File.ReadAllText(path), text.ToString());
    }
}
