using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using TdxRelease.Build.Schemas;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;

namespace TdxRelease.Tests.Pipeline;

/// <summary>What the commands print with --json, good and bad, satisfies the schema that the code names for it.</summary>
public sealed partial class OutputSchemaTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly HashSet<(string Schema, string Keyword)> broken = [];

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Every_json_output_satisfies_its_schema()
    {
        var sample = temp["sample"];
        Holds("fetch", 0, "sample", "create", sample);
        Holds("fetch", 0, "fetch", "--source", sample, "--lock", "none", "--out", temp["fetched"]);
        Holds("fetch", 7, "fetch", "--source", sample, "--lock", Path.Combine(TestData.Checkout, "upstream.lock.json"), "--out",
            temp["other"]);
        Holds("validate", 0, "validate", sample);
        Holds("verify", 0, "verify", sample, "--policy", "sample");
        Holds("verify", 4, "verify", sample);
        Holds("graph", 0, "graph", sample, "--policy", "sample");
        Holds("plan", 0, "plan", sample, "--policy", "sample", "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.51");
        var image = Path.Combine(sample, "joined_files/1.5/tdx_module_1.5.67.blob");
        Holds("image", 0, "image", "inspect", image);
        foreach (var form in (string[])["allow-list", "families"])
        {
            Satisfies(form == "families" ? "reference-values-families" : "reference-values",
                Run.Tdxrel("report", "reference-values", sample, "--policy", "sample", "--format", form).Ends(0).Output);
        }

        Satisfies("reference-values-plan",
            Run.Tdxrel("report", "reference-values", sample, "--policy", "sample", "--cpu", "0x806F8", "--plan", "1.5.51:1.5.02").Ends(0)
            .Output);
        Bundle(sample);
        Holds("findings", 0, "diff", sample, temp["fetched"]);
        var mapping = Path.Combine(sample, "mapping_file.json");
        File.WriteAllText(temp["later.json"], File.ReadAllText(mapping).Replace("\"1.5.67\"", "\"1.5.68\"", StringComparison.Ordinal));
        Holds("findings", 7, "diff", mapping, temp["later.json"]);

        File.WriteAllBytes(temp["short.blob"], File.ReadAllBytes(image)[..5000]);
        Holds("image", 3, "image", "inspect", temp["short.blob"]);
        File.WriteAllText(temp["mapping_file.json"],
            File.ReadAllText(Path.Combine(sample, "mapping_file.json")).Replace("min_seamldr_versions", "x", StringComparison.Ordinal));
        Holds("validate", 3, "validate", temp["mapping_file.json"]);
        foreach (var schema in broken.Select(b => b.Schema).Distinct().ToList())
        {
            var keywords = SchemaMutants.Keywords(SchemaValidator.Text($"{schema}.schema.json")).Select(k => k.Split('/')[^1]).Distinct();
            Assert.All(keywords, keyword => Assert.Contains((schema, keyword), broken));
        }
    }

    [Fact]
    public void Every_schema_that_code_or_documents_name_is_there()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(TestData.Checkout, "src"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(TestData.Checkout, "docs"), "*.md"));
        var named = sources.SelectMany(f => SchemaName().Matches(File.ReadAllText(f)).Select(m => m.Value)).Distinct()
            .Order(StringComparer.Ordinal).ToList();
        Assert.True(named.Count > 12, string.Join(" ", named));
        Assert.All(named, name => Assert.True(File.Exists(Path.Combine(TestData.Checkout, "schemas", name)), name));
    }

    private void Bundle(string sample)
    {
        var license = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(sample, "BINARIES_LICENSE"))));
        Holds("bundle-result", 0, "bundle", sample, "--policy", "sample", "--unsigned", "--formats", "tar", "--accept-license", license,
            "--out", temp["out"]);
        Holds("audit", 0, "audit", temp["out"], "--allow-unsigned", "--allow-expired", "--policy", "sample");
        var provenance = Directory.GetFiles(temp["out/provenance"], "*.intoto.json").Single();
        Holds("rebuild", 0, "rebuild", provenance, "--source", sample, "--policy", "sample");
        File.WriteAllText(temp["out/stray"], "x");
        Holds("audit", 4, "audit", temp["out"], "--allow-unsigned", "--allow-expired", "--policy", "sample");
    }

    private void Holds(string schema, int code, params string[] arguments) =>
        Satisfies(schema, Run.Tdxrel([.. arguments, "--json"]).Ends(code).Output);

    private void Satisfies(string schema, string json)
    {
        var findings = SchemaValidator.Validate($"{schema}.schema.json", Encoding.UTF8.GetBytes(json), schema);
        Assert.True(findings.Count == 0, $"{schema}: {string.Join("\n", findings)}\n{json}");
        foreach (var mutant in SchemaMutants.Of(SchemaValidator.Text($"{schema}.schema.json"), json))
        {
            Assert.False(SchemaVerdict.Accepts($"{schema}.schema.json", mutant.Json), $"{schema}: {mutant.Keyword}: {mutant.What}");
            broken.Add((schema, mutant.Keyword.Split('/')[^1]));
        }
    }

    [GeneratedRegex("[a-z]+(-[a-z]+)*\\.schema\\.json")]
    private static partial Regex SchemaName();
}
