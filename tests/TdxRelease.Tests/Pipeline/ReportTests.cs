using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Tests.Samples;
using TdxRelease.Tests.Verification;
using TdxRelease.Verification;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Tests.Pipeline;

public class ReportTests
{
    private static readonly CheckReport Bad = BadReport();

    public static TheoryData<string, string> Formats() => new()
    {
        { "text", "txt" }, { "json", "json" }, { "sarif", "sarif" }, { "junit", "xml" }, { "markdown", "md" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_report_is_the_committed_one(string format, string extension) =>
        GoldenFile.Equal($"tests/fixtures/reports/bad.{extension}", Text(Bad, format));

    [Fact]
    public void All_formats_carry_the_same_findings_in_the_same_order()
    {
        var want = Bad.Findings.Select(f => f.Rule.Id).ToList();
        Assert.True(want.Count > 3);

        using var json = JsonDocument.Parse(ReportWriter.Write(Bad, ReportFormat.Json));
        Assert.Equal(want, json.RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("rule").GetString()!));

        using var sarif = JsonDocument.Parse(ReportWriter.Write(Bad, ReportFormat.Sarif));
        var run = sarif.RootElement.GetProperty("runs")[0];
        var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray()
            .Select(r => r.GetProperty("id").GetString()!).ToList();
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(want, results.Select(r => r.GetProperty("ruleId").GetString()!));
        Assert.Equal(want, results.Select(r => rules[r.GetProperty("ruleIndex").GetInt32()]));
        Assert.Equal(RuleCatalog.All.Select(r => r.Id), rules);

        var cases = XDocument.Parse(Text(Bad, "junit")).Descendants("testcase")
            .Where(c => (string)c.Attribute("classname")! == "tdxrel.findings").ToList();
        Assert.Equal(want, cases.Select(c => ((string)c.Attribute("name")!).Split(' ')[0]));
        Assert.Equal(Bad.Findings.Select(f => f.Fails), cases.Select(c => c.Element("failure") is not null));

        Assert.Equal(want, Text(Bad, "text").Split('\n').Select(l => l.Split(": ")).Where(p => p.Length > 3).Select(p => p[2]));
        Assert.Equal(want, Text(Bad, "markdown").Split('\n').Select(l => l.Split(" | "))
            .Where(p => p.Length == 4 && p[1].Contains('-', StringComparison.Ordinal) && p[1] != "---").Select(p => p[1]));
    }

    [Fact]
    public void The_json_report_fits_its_schema()
    {
        Assert.True(SchemaVerdict.Accepts("findings.schema.json", Text(Bad, "json")));
        Assert.True(SchemaVerdict.Accepts("findings.schema.json", Text(Good(), "json")));
        Assert.False(SchemaVerdict.Accepts("findings.schema.json",
            Text(Bad, "json").Replace("\"severity\": \"critical\"", "\"severity\": \"fatal\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_clean_run_says_so_in_every_format()
    {
        var good = Good();
        Assert.True(good.Passed);
        Assert.EndsWith("passed: no findings\n", Text(good, "text"), StringComparison.Ordinal);
        Assert.StartsWith("## Passed: no findings\n", Text(good, "markdown"), StringComparison.Ordinal);
        var suite = XDocument.Parse(Text(good, "junit")).Descendants("testsuite").Single();
        Assert.Equal(("12", "0"), ((string)suite.Attribute("tests")!, (string)suite.Attribute("failures")!));
    }

    [Fact]
    public void Hostile_text_from_an_input_breaks_no_format()
    {
        var place = new Location("a b\"<&>|`\n\u001b[31m.json", 3, 4);
        var hostile = Bad with
        {
            Findings = [new Finding(TrustRulesUnknown, "x\u0000\u001b[2J\n]]></failure>|`<script>\ud800", place,
            "1\u0007")]
        };
        Assert.Single(XDocument.Parse(Text(hostile, "junit")).Descendants("failure"));
        using var sarif = JsonDocument.Parse(ReportWriter.Write(hostile, ReportFormat.Sarif));
        var uri = sarif.RootElement.GetProperty("runs")[0].GetProperty("results")[0].GetProperty("locations")[0]
            .GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString();
        Assert.Equal("a%20b%22%3C%26%3E%7C%60%0A%1B%5B31m.json", uri);
        foreach (var format in new[] { "text", "markdown" })
        {
            Assert.DoesNotContain('\u001b', Text(hostile, format));
            Assert.Single(Text(hostile, format).Split('\n'), l => l.Contains("TRUST-001", StringComparison.Ordinal));
        }

        Assert.DoesNotContain("<script>", Text(hostile, "markdown"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_format_is_a_usage_error()
    {
        var e = Assert.Throws<TdxException>(() => ReportWriter.Parse("yaml"));
        Assert.Equal(ExitCode.Usage, e.Code);
    }

    private static Rule TrustRulesUnknown => TdxRelease.Verification.Trust.TrustRules.UnknownSigner;

    private static string Text(CheckReport report, string format) =>
        Encoding.UTF8.GetString(ReportWriter.Write(report, ReportWriter.Parse(format)));

    private static CheckReport Good() => Report([.. SampleVerdicts.All], []);

    private static CheckReport BadReport()
    {
        var verdicts = SampleVerdicts.All.ToDictionary(v => v.Input.Spelling);
        verdicts["1.5.56"] = ModuleVerifier.Verify(MutatedModule.Of("1.5.56").Sigstruct(516, 0xA5).Rejoin().Build(), SampleUpstream.Policy);
        verdicts["1.5.67"] =
            ModuleVerifier.Verify(MutatedModule.Of("1.5.67").Sigstruct(948, 2).Sigstruct(962, 0xFF).Resign().Rejoin().Build(),
            SampleUpstream.Policy);
        var mapping = CaseRunner.Run(CaseFile.Load("mapping-key-twice_fail"));
        var findings = mapping.Concat(verdicts.Values.SelectMany(v => v.Findings))
            .Concat(CrossChecks.Check(SampleVerdicts.Mapping, "mapping_file.json", [.. verdicts.Values], PublishedList.Default)).ToList();
        return Report([.. verdicts.Values], findings);
    }

    private static CheckReport Report(IReadOnlyList<ModuleVerdict> verdicts, IReadOnlyList<Finding> findings) => new()
    {
        ToolVersion = "0.0.0",
        Subject = "the sample",
        Mode = "strict",
        PolicyName = SampleUpstream.Policy.Name,
        PolicySha256 = SampleUpstream.Policy.Sha256,
        Published = "Intel's list of 2026-11-22",
        Modules = VerdictResults.Of(verdicts, findings),
        Findings = findings,
        Rules = RuleCatalog.All,
        Time = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000),
    };
}
