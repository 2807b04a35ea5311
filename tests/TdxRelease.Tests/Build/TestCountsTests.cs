using TdxRelease.Build;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Build;

public sealed class TestCountsTests
{
    [Fact]
    public void Counts_come_with_names()
    {
        var counts = Read(("B", "Failed"), ("A", "Passed"), ("D", "NotExecuted"), ("C", "NotExecuted"), ("A2", "Aborted"));

        Assert.Equal("1 passed, 2 failed, 2 skipped", counts.ToString());
        Assert.Equal(["A2", "B"], counts.Failed);
        Assert.Equal(["C", "D"], counts.Skipped);
        Assert.Equal("p: 2 failed: A2, B", Assert.Throws<TdxException>(() => counts.Require("p", noSkip: false)).Message);
    }

    [Fact]
    public void A_skipped_test_fails_only_where_none_may_be_skipped()
    {
        var counts = Read(("A", "Passed"), ("C", "NotExecuted"));

        counts.Require("p", noSkip: false);
        Assert.Equal("p: 1 skipped: C", Assert.Throws<TdxException>(() => counts.Require("p", noSkip: true)).Message);
    }

    [Fact]
    public void A_run_without_tests_is_no_success() =>
        Assert.Equal("p: no test ran", Assert.Throws<TdxException>(() => Read().Require("p", noSkip: false)).Message);

    [Fact]
    public void A_record_cut_short_is_an_error()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["x.trx"], "<TestRun");

        Assert.Equal(ExitCode.InternalError, Assert.Throws<TdxException>(() => TestCounts.Read(folder["x.trx"])).Code);
    }

    private static TestCounts Read(params (string Name, string Outcome)[] results)
    {
        using var folder = new TempFolder();
        var lines = string.Concat(results.Select(each => $"""<UnitTestResult testName="{each.Name}" outcome="{each.Outcome}" />"""));
        File.WriteAllText(folder["x.trx"],
            $"""<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>{lines}</Results></TestRun>""");
        return TestCounts.Read(folder["x.trx"]);
    }
}
