using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Build;

/// <summary>What users keep where the pipeline writes is still theirs when it ends.</summary>
public sealed class UserFilesTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("snapshot", "Default")]
    [InlineData("graph", "Graph")]
    [InlineData("bundle", "Bundle")]
    [InlineData("check", "Check")]
    public void No_task_replaces_a_folder_of_somebody_else(string folder, string target)
    {
        Tool.Write(temp[$"precious/{folder}/notes.txt"], "mine");
        var environment = new Dictionary<string, string> { ["XDG_CACHE_HOME"] = temp["cache"], ["SOURCE_DATE_EPOCH"] = "1770000000" };
        var run = Tool.RunWith(
            TestData.Checkout, environment, Path.Combine(TestData.Checkout, "build.sh"), $"--target={target}", "--source=sample",
            "--formats=tar", $"--output={temp["precious"]}");
        Assert.True(run.Exit == 6, $"{run.Command}: exit {run.Exit}, want 6\n{run.Output}\n{run.Errors}");
        Assert.Contains("\"notes.txt\"", run.Output + run.Errors, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(temp[$"precious/{folder}/notes.txt"]));
        Assert.Equal([temp[$"precious/{folder}/notes.txt"]], Directory.GetFileSystemEntries(temp[$"precious/{folder}"]));
    }

    [Fact]
    public void An_empty_output_is_no_folder()
    {
        var run = Tool.Run(TestData.Checkout, Path.Combine(TestData.Checkout, "build.sh"), "--source=sample", "--output=");
        Assert.True(run.Exit == 2, $"{run.Command}: exit {run.Exit}, want 2\n{run.Output}\n{run.Errors}");
    }
}
