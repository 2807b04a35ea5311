using System.Text;
using TdxRelease.Build.Schemas;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.Tests.Pipeline;

/// <summary>
/// Typed reader and published schema give one verdict, keyword by keyword; what the reader alone can hold is listed in <see
/// cref="ReaderContract.All"/>.
/// </summary>
public class ReaderContractTests(ITestOutputHelper output)
{
    public static TheoryData<string> Schemas() => [.. ReaderContract.All.Select(c => c.Schema)];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Every_keyword_of_the_schema_is_held_by_schema_and_reader(string schema)
    {
        var contract = Of(schema);
        var text = SchemaVerdict.Text(schema);
        IReadOnlyList<string> documents = [contract.Document, .. contract.Variants];
        foreach (var document in documents)
        {
            Assert.Empty(contract.Refusals(Encoding.UTF8.GetBytes(document)));
            Assert.True(SchemaVerdict.Accepts(schema, document), "the document itself");
        }

        var mutants = documents.SelectMany(document => SchemaMutants.Of(text, document)).ToList();
        foreach (var mutant in mutants)
        {
            Assert.False(SchemaVerdict.Accepts(schema, mutant.Json), $"the schema takes {mutant.Keyword}: {mutant.What}");
            Assert.True(contract.Refusals(Encoding.UTF8.GetBytes(mutant.Json)).Count > 0,
                $"the reader takes {mutant.Keyword}: {mutant.What}");
        }

        Assert.Empty(SchemaMutants.Keywords(text).Except(mutants.Select(m => m.Keyword)));
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Several_changes_at_once_get_one_verdict(string schema)
    {
        var contract = Of(schema);
        var (accepted, refused) = (0, 0);
        Property.Check(60, (random, size) =>
        {
            var (json, changes) = (contract.Document, "");
            for (var i = 0; i < 1 + (size % 3); i++)
            {
                var variants = JsonVariants.Of(json);
                var (what, changed) = variants.ElementAt(random.Next(variants.Count()));
                (json, changes) = (changed, $"{changes}; {what}");
                Assert.True(contract.Disagreement(json) is null, $"{contract.Disagreement(json)}{changes}\n{json}");
                _ = SchemaVerdict.Accepts(schema, json) ? accepted++ : refused++;
            }
        });
        output.WriteLine($"{schema}: {accepted} accepted, {refused} refused, by schema and reader alike");
        Assert.True(refused > 30, $"{accepted} {refused}");
    }

    [Fact]
    public void Every_single_change_gets_one_verdict()
    {
        var differences = new List<string>();
        foreach (var contract in ReaderContract.All)
        {
            var accepted = 0;
            foreach (var (what, json) in JsonVariants.Of(contract.Document))
            {
                accepted += SchemaVerdict.Accepts(contract.Schema, json) ? 1 : 0;
                if (contract.Disagreement(json) is { } difference)
                {
                    differences.Add($"{what}: {difference}");
                }
            }

            Assert.True(accepted > 5, contract.Schema);
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    /// <summary>The one exception that is not between values: JSON Schema knows numbers, the readers their spelling.</summary>
    [Fact]
    public void A_whole_number_is_written_in_digits()
    {
        var contract = Of("lock.schema.json");
        var json = contract.Document.Replace("\"length\": 5000", "\"length\": 5e3", StringComparison.Ordinal);
        Assert.NotEqual(contract.Document, json);
        Assert.Empty(SchemaValidator.Validate(contract.Schema, Encoding.UTF8.GetBytes(json), "x"));
        Assert.NotEmpty(contract.Refusals(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void A_violation_names_its_place_and_keyword()
    {
        var json = "{\n  \"Header\": { \"Copyright\": \"c\", \"Info\": \"i\", \"Version\": \"2\" },\n"u8
            + "  \"tdx_module_releases\": [\n    { \"version\": \"1.5.05\", \"odd/key\": 1 }]\n}"u8;
        var findings = SchemaValidator.Validate("mapping-file.schema.json", json, "m.json");
        Assert.Equal(3, findings.Count);
        Assert.Contains(findings,
            f => f.Contains("m.json:2:57", StringComparison.Ordinal) && f.Contains("/Header/Version: enum: ", StringComparison.Ordinal));
        Assert.Contains(findings,
            f => f.Contains("m.json:4:5", StringComparison.Ordinal)
            && f.Contains("/tdx_module_releases/0: required: ", StringComparison.Ordinal));
        Assert.Contains(findings,
            f => f.Contains("m.json:4:39", StringComparison.Ordinal)
            && f.Contains("/tdx_module_releases/0/odd~1key: unknown key", StringComparison.Ordinal));
        Assert.Single(SchemaValidator.Validate("mapping-file.schema.json", "{\"a\":"u8, "m.json"));
    }

    private static ReaderContract Of(string schema) => ReaderContract.All.Single(c => c.Schema == schema);
}
