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
        Assert.Equal(50.0, report.Score);
        var c = new EquivalentMutant("src/X.cs", "one();", "c", "because");
        var error = Assert.Throws<TdxException>(() => report.Require("area", [c]));
        Assert.Equal(ExitCode.InternalError, error.Code);
        Assert.Equal("area: no test notices 1 of 4 changes", error.Summary);
        Assert.Equal(["src/X.cs:2: d"], error.Lines);
        report.Require("area", [c, c with { Replacement = "d" }]);
        Assert.Equal(["c: because"], report.Equivalent([c]).Select(e => $"{e.Mutant.Replacement}: {e.Reason}"));
        foreach (var other in new[] { c with { File = "src/Y.cs" }, c with { Line = "two();" }, c with { Replacement = "e" } })
        {
            Assert.Throws<TdxException>(() => report.Require("area", [other, c with { Replacement = "d" }]));
        }
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
    public void Every_area_names_files_that_are_there()
    {
        foreach (var area in Directory.GetFiles(Path.Combine(Folder, "areas")))
        {
            var settings = JsonNode.Parse(File.ReadAllText(area))!["stryker-config"]!;
            var project = Path.Combine(TestData.Checkout, "src", Path.GetFileNameWithoutExtension((string)settings["project"]!));
            foreach (var pattern in settings["mutate"]!.AsArray().Select(each => (string)each!))
            {
                var deep = pattern.StartsWith("**/", StringComparison.Ordinal);
                var option = deep ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly;
                var relative = deep ? pattern[3..] : pattern;
                var folder = Path.Combine(project, Path.GetDirectoryName(relative)!);
                Assert.True(Directory.GetFiles(folder, Path.GetFileName(relative), option).Length > 0, $"{area}: {pattern}");
            }
        }
    }

    private MutationReport Write(params (string Status, string Replacement)[] mutants)
    {
        var list = new JsonArray([.. mutants.Select(m => (JsonNode)new JsonObject
        {
            ["status"] = m.Status,
            ["replacement"] = m.Replacement,
            ["location"] = new JsonObject { ["start"] = new JsonObject { ["line"] = 2, ["column"] = 1 } },
        })]);
        var file = new JsonObject { ["source"] = "zero();\n    one();\n", ["mutants"] = list };
        File.WriteAllText(temp["report.json"],
            new JsonObject { ["files"] = new JsonObject { [Path.Combine(temp.Path, "src/X.cs")] = file } }.ToJsonString());
        return MutationReport.Read(temp["report.json"], temp.Path);
    }
}
