using System.Text;
using System.Text.Json;
using System.Xml;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Verification;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Verification;

/// <summary>Reports and schemas before consumers that are not ours: ajv and an XML parser.</summary>
public class ReportConsumersTests(AjvFolder ajv, ITestOutputHelper output) : IClassFixture<AjvFolder>
{
    private static readonly string[] Shape =
        ["MAP-003", "MAP-004", "MAP-005", "MAP-006", "MAP-007", "MAP-008", "MAP-011", "MAP-013", "MAP-021"];

    [UpstreamFact]
    public void Sarif_fits_the_official_schema()
    {
        var reports = Reports().ToDictionary(r => $"{r.Name}.sarif", r => ReportWriter.Write(r.Report, ReportFormat.Sarif));
        var schema = ajv.AsDraft07(Path.Combine(TestData.Shared!, "schemas", "sarif-2.1.0.schema.json"));
        Assert.Equal(reports.Keys.Order(StringComparer.Ordinal), ajv.Valid(schema, reports).Order(StringComparer.Ordinal));
        output.WriteLine($"ajv: {reports.Count} SARIF files valid, {Reports().Sum(r => r.Report.Findings.Count)} results");

        var broken = new Dictionary<string, byte[]>
        {
            ["broken.sarif"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(reports.Values.First())
            .Replace("\"level\": \"error\"", "\"level\": \"critical\"", StringComparison.Ordinal))
        };
        Assert.Empty(ajv.Valid(schema, broken));
    }

    [Fact]
    public void Json_reports_fit_our_schema_by_ajv_too()
    {
        var reports = Reports().ToDictionary(r => $"{r.Name}.json", r => ReportWriter.Write(r.Report, ReportFormat.Json));
        Assert.Equal(reports.Count, ajv.Valid(Path.Combine(TestData.Checkout, "schemas", "findings.schema.json"), reports).Count);
    }

    [Fact]
    public void JUnit_parses_and_counts_right()
    {
        foreach (var (_, report) in Reports())
        {
            var document = new XmlDocument { XmlResolver = null };
            using var reader = XmlReader.Create(new MemoryStream(ReportWriter.Write(report, ReportFormat.JUnit)),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            document.Load(reader);
            var suite = (XmlElement)document.SelectSingleNode("/testsuites/testsuite")!;
            Assert.Equal(suite.GetAttribute("tests"), $"{suite.SelectNodes("testcase")!.Count}");
            Assert.Equal(suite.GetAttribute("failures"), $"{suite.SelectNodes("testcase/failure")!.Count}");
            Assert.Equal(report.Findings.Count(f => f.Fails), suite.SelectNodes("testcase/failure")!.Count);
        }
    }

    [Fact]
    public void Ajv_and_our_reader_agree_on_every_mapping_case()
    {
        var cases = MappingCases();
        var ours = cases.Where(c => Accepts(c.Value)).Select(c => c.Key).Order(StringComparer.Ordinal).ToList();
        var theirs = ajv.Valid(Path.Combine(TestData.Checkout, "schemas", "mapping-file.schema.json"), cases).Order(StringComparer.Ordinal)
            .ToList();
        Assert.Equal(ours, theirs);
        Assert.True(ours.Count > 3 && cases.Count - ours.Count > 5, $"{ours.Count} of {cases.Count} accepted");
        output.WriteLine($"ajv agrees on {cases.Count} mapping cases: {ours.Count} accepted, {cases.Count - ours.Count} refused");
    }

    [UpstreamFact]
    public void Ajv_and_our_reader_agree_on_every_published_mapping_file()
    {
        var files = Directory.GetFiles(TestData.MappingHistory).ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes);
        Assert.All(files, f => Assert.True(Accepts(f.Value), f.Key));
        Assert.Equal(files.Count, ajv.Valid(Path.Combine(TestData.Checkout, "schemas", "mapping-file.schema.json"), files).Count);
    }

    private static bool Accepts(byte[] mapping)
    {
        var findings = new List<Finding>();
        MappingReader.Read(mapping, "mapping_file.json", Strictness.Strict, findings);
        return !findings.Exists(f => Shape.Contains(f.Rule.Id));
    }

    /// <summary>
    /// The documents of tests/cases of kind mapping that are JSON and name no key twice (a parser merges those before a schema sees them).
    /// </summary>
    private static Dictionary<string, byte[]> MappingCases()
    {
        var documents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var sample = Encoding.UTF8.GetString(SampleUpstream.Create().Single(f => f.Path == "mapping_file.json").Bytes);
        foreach (var folder in Directory.GetDirectories(Path.Combine(TestData.Checkout, "tests", "cases"))
            .Where(f => File.Exists(Path.Combine(f, "case.json"))).Order(StringComparer.Ordinal))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
            var root = json.RootElement;
            if (root.GetProperty("kind").GetString() != "mapping"
                || root.GetProperty("expect").EnumerateArray().Any(e => e.GetString() is "MAP-001" or "MAP-002"))
            {
                continue;
            }

            var text = root.TryGetProperty("document", out var whole) ? whole.GetString()! : sample;
            foreach (var pair in root.TryGetProperty("replace", out var replace) ? replace.EnumerateArray().ToArray() : [])
            {
                text = text.Replace(pair[0].GetString()!, pair[1].GetString(), StringComparison.Ordinal);
            }

            documents.Add($"{Path.GetFileName(folder)}.json", Encoding.UTF8.GetBytes(text));
        }

        return documents;
    }

    /// <summary>A clean run, and one with findings of every kind of place.</summary>
    private static IEnumerable<(string Name, CheckReport Report)> Reports()
    {
        var inputs = SampleUpstream.Releases.Select(SampleUpstream.Module).ToList();
        foreach (var (name, policy) in new[] { ("clean", SampleUpstream.Policy), ("refused", TrustPolicy.Default) })
        {
            var verdicts = inputs.Select(i => ModuleVerifier.Verify(i, policy)).ToList();
            var findings = verdicts.SelectMany(v => v.Findings).ToList();
            if (name == "refused")
            {
                MappingReader.Read("{\n  \"Header\": 1,\n  \"Header\": 2\n}"u8.ToArray(), "a b/mapping_file.json", Strictness.Strict,
                    findings);
                findings.AddRange(CrossChecks.Check(new MappingFile("1.0", []), "mapping_file.json", verdicts, PublishedList.Default));
            }

            yield return (name, new CheckReport
            {
                ToolVersion = "0.0.0",
                Subject = "the sample",
                Mode = "strict",
                PolicyName = policy.Name,
                PolicySha256 = policy.Sha256,
                Modules = VerdictResults.Of(verdicts, findings),
                Findings = findings,
                Rules = RuleCatalog.All,
                Time = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000),
            });
        }
    }
}
