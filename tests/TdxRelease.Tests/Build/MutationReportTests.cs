using System.Text.Json.Nodes;
using TdxRelease.Build;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Build;

/// <summary>What the task Mutate makes of Stryker's report and of the list of equivalent mutants.</summary>
public sealed class MutationReportTests : IDisposable
{
    private readonly TempFolder temp = new();

    private static string Folder => Path.Combine(TestData.Checkout, "tests", "mutation");

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Survivors_fail_unless_they_are_named()
    {
        var report = Write(("Killed", "a"), ("Timeout", "b"), ("Survived", "c"), ("NoCoverage", "d"), ("CompileError", "e"),
            ("Ignored", "f"));
        Assert.Equal(4, report.Mutants.Count);
        var c = new EquivalentMutant("src/X.cs", "one();", "c", "because");
        Assert.Equal(["src/X.cs:2: d"], report.Unnoticed([c]));
        Assert.Empty(report.Unnoticed([c, c with { Replacement = "d" }]));
        Assert.Equal(new MeasuredArea("1", Measurements.Today, 4, 2, 1), report.Figures("1", [c]));
        Assert.Equal(["c: because"], report.Equivalent([c]).Select(e => $"{e.Mutant.Replacement}: {e.Reason}"));
        foreach (var other in new[] { c with { File = "src/Y.cs" }, c with { Line = "two();" }, c with { Replacement = "e" } })
        {
            Assert.Equal(["src/X.cs:2: c"], report.Unnoticed([other, c with { Replacement = "d" }]));
        }

        MutationReport.Require([], 4);
        var error = Assert.Throws<TdxException>(() => MutationReport.Require(["one"], 4));
        Assert.Equal((ExitCode.InternalError, "no test notices 1 of 4 changes"), (error.Code, error.Summary));
        Assert.Equal(["one"], error.Lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"files\":{\"x\":{}}}")]
    public void What_is_no_report_is_no_success(string text)
    {
        File.WriteAllText(temp["report.json"], text);
        Assert.Equal(ExitCode.InternalError,
            Assert.Throws<TdxException>(() => MutationReport.Read(temp["report.json"], temp.Path)).Code);
    }

    [Fact]
    public void Every_equivalent_mutant_is_of_a_line_that_is_there_and_has_a_reason()
    {
        foreach (var mutant in EquivalentMutant.Read(Path.Combine(Folder, "equivalents.json")))
        {
            var lines = File.ReadLines(Path.Combine(TestData.Checkout, mutant.File)).Select(line => line.Trim());
            Assert.Contains(mutant.Line, lines);
            Assert.True(mutant.Reason.Length > 20, $"{mutant.File}: \"{mutant.Line}\" has no reason");
        }
    }

    [Fact]
    public void Every_area_names_files_that_are_there_and_no_other_area_has()
    {
        var areas = MutationArea.Read(Path.Combine(Folder, "areas"), TestData.Checkout);
        Assert.Equal(Directory.GetFiles(Path.Combine(Folder, "areas")).Order(StringComparer.Ordinal), areas.Select(a => a.Settings));
        Assert.All(areas, area => Assert.NotEmpty(area.Files));
        Assert.All(areas.SelectMany(a => a.Files).GroupBy(f => f), file => Assert.Single(file));
        var manifest = areas.Single(a => a.Name == "manifest");
        Assert.Equal("src/TdxRelease.Release", manifest.Project);
        Assert.Contains("src/TdxRelease.Release/Manifests/Manifest.cs", manifest.Files);
        Assert.Contains("src/TdxRelease.Archives/TarReader.cs", areas.Single(a => a.Name == "archives").Files);
    }

    [Fact]
    public void A_block_is_known_by_its_head() =>
        Assert.Equal("catch (E)", Assert.Single(Write("catch (E)\n    {\n", ("Survived", "{}")).Mutants).Line);

    private MutationReport Write(params (string Status, string Replacement)[] mutants) => Write("zero();\n    one();\n", mutants);

    private MutationReport Write(string source, params (string Status, string Replacement)[] mutants)
    {
        var list = new JsonArray([.. mutants.Select(m => (JsonNode)new JsonObject
        {
            ["status"] = m.Status,
            ["replacement"] = m.Replacement,
            ["location"] = new JsonObject { ["start"] = new JsonObject { ["line"] = 2, ["column"] = 1 } },
        })]);
        var file = new JsonObject { ["source"] = source, ["mutants"] = list };
        File.WriteAllText(temp["report.json"],
            new JsonObject { ["files"] = new JsonObject { [Path.Combine(temp.Path, "src/X.cs")] = file } }.ToJsonString());
        return MutationReport.Read(temp["report.json"], temp.Path);
    }
}
