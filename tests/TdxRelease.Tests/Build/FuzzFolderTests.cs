using TdxRelease.Build;
using TdxRelease.Core.Findings;
using TdxRelease.Fuzz;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Build;

/// <summary>What the task Fuzz reads: the names of the parsers, and the statistics of afl-fuzz.</summary>
public sealed class FuzzFolderTests : IDisposable
{
    private readonly TempFolder temp = new();

    private static string Corpora => Path.Combine(TestData.Checkout, "tests", "fixtures", "corpus");

    public void Dispose() => temp.Dispose();

    [Fact]
    public void The_parsers_of_the_build_are_the_targets()
    {
        Assert.Equal(FuzzTargets.All.Select(t => t.Name).Order(StringComparer.Ordinal), FuzzFolder.Parsers(Corpora, null));
        Assert.Equal(["tar"], FuzzFolder.Parsers(Corpora, "tar"));
        Assert.Equal(["zstd", "ar"], FuzzFolder.Parsers(Corpora, "zstd,ar"));
        Assert.StartsWith("--parser: got \"\", want one of ar, ",
            Assert.Throws<TdxException>(() => FuzzFolder.Parsers(Corpora, "ar,")).Message, StringComparison.Ordinal);
        var error = Assert.Throws<TdxException>(() => FuzzFolder.Parsers(Corpora, "../keys"));
        Assert.Equal(ExitCode.Usage, error.Code);
        Assert.StartsWith("--parser: got \"../keys\", want one of ar, arch, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_figures_are_those_of_afl_fuzz()
    {
        File.WriteAllText(temp["fuzzer_stats"], """
            run_time          : 25
            execs_done        : 215775
            execs_per_sec     : 8624.10
            corpus_count      : 170
            saved_crashes     : 1
            saved_hangs       : 2
            edges_found       : 495
            command_line      : afl-fuzz -i a:b -o c

            """);
        var figures = FuzzFigures.Read(temp["fuzzer_stats"]);
        Assert.Equal(new FuzzFigures(25, 215_775, 8624.10, 495, 170, 1, 2), figures);
        Assert.Equal("215,775 executions (8,624 a second), 495 edges, 170 inputs, 1 crashes, 2 hangs", figures.ToString());
    }

    [Fact]
    public void A_run_that_left_no_figures_is_not_a_run()
    {
        Assert.Equal(ExitCode.InternalError, Assert.Throws<TdxException>(() => FuzzFigures.Read(temp["fuzzer_stats"])).Code);
        File.WriteAllText(temp["fuzzer_stats"], "run_time : 1\nexecs_done : many\n");
        Assert.Contains("no number \"execs_done\"", Assert.Throws<TdxException>(() => FuzzFigures.Read(temp["fuzzer_stats"])).Message,
            StringComparison.Ordinal);
    }
}
