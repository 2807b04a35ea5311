using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Samples;
using TdxRelease.Tests.Verification;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Trust;
using Xunit.Abstractions;

namespace TdxRelease.Tests.Pipeline;

/// <summary>Schema and typed reader are two descriptions of one format: on every variant they say the same.</summary>
public class SchemaAgreementTests(ITestOutputHelper output)
{
    /// <summary>What a schema cannot see: rules between values, and what a JSON parser has merged already.</summary>
    private static readonly string[] ShapeOfPolicy = ["POL-003", "POL-004", "POL-005", "POL-006"];
    private static readonly string[] ShapeOfMapping =
        ["MAP-003", "MAP-004", "MAP-005", "MAP-006", "MAP-007", "MAP-008", "MAP-011", "MAP-013", "MAP-021"];

    [Fact]
    public void Policy_schema_and_reader_agree_on_every_variant()
    {
        var measurements = $$"""[{"mrseam": "{{new string('0', 96)}}", "reason": "TEST"}]""";
        var full = Encoding.UTF8.GetString(SampleUpstream.PolicyBytes).Replace(
            "\"allowDebug\": true,",
            $$"""
            "allowDebug": true, "allowedVersions": ["[1.5.0,1.6.0)", "[2.0.51]", "(,3.0.0]", "1.0.0"],
            "deniedVersions": [{"range": "[1.5.1,1.5.2]", "reason": "TEST"}], "deniedMeasurements": {{measurements}},
            """,
            StringComparison.Ordinal);
        Compare("trust-policy.schema.json", full, json =>
        {
            var findings = new List<Finding>();
            TrustPolicyReader.Read(Encoding.UTF8.GetBytes(json), "policy.json", findings);
            return !findings.Exists(f => ShapeOfPolicy.Contains(f.Rule.Id));
        });
    }

    [Fact]
    public void Mapping_schema_and_reader_agree_on_every_variant() =>
        Compare("mapping-file.schema.json", Encoding.UTF8.GetString(SampleVerdicts.Files["mapping_file.json"]), AcceptsMapping);

    [Theory]
    [MemberData(nameof(MappingCases))]
    public void Mapping_schema_and_reader_agree_on_every_case(string name)
    {
        var file = CaseFile.Load(name);
        var json = Encoding.UTF8.GetString(file.Patched(SampleVerdicts.Files["mapping_file.json"], "replace"));
        Assert.Equal(AcceptsMapping(json), SchemaVerdict.Accepts("mapping-file.schema.json", json));
    }

    /// <summary>Cases that are JSON to begin with and have no key twice.</summary>
    public static TheoryData<string> MappingCases() =>
        [.. CaseFile.Names().Select(CaseFile.Load).Where(c => c.Kind == "mapping" && !c.Expected.Intersect(["MAP-001", "MAP-002"]).Any())
            .Select(c => c.Name)];

    private static bool AcceptsMapping(string json)
    {
        var findings = new List<Finding>();
        MappingReader.Read(Encoding.UTF8.GetBytes(json), "mapping_file.json", Strictness.Strict, findings);
        return !findings.Exists(f => ShapeOfMapping.Contains(f.Rule.Id));
    }

    private void Compare(string schema, string document, Func<string, bool> reader)
    {
        Assert.True(reader(document) && SchemaVerdict.Accepts(schema, document));
        var (accepted, refused) = (0, 0);
        foreach (var (what, json) in JsonVariants.Of(document))
        {
            var verdict = SchemaVerdict.Accepts(schema, json);
            Assert.True(verdict == reader(json), $"{what}: schema {(verdict ? "accepts" : "refuses")}, reader does not\n{json}");
            _ = verdict ? accepted++ : refused++;
        }

        output.WriteLine($"{schema}: {accepted} variants accepted, {refused} refused, by schema and reader alike");
        Assert.True(accepted > 5 && refused > 300, $"{accepted} {refused}");
    }
}
