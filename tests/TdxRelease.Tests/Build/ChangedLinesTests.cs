using TdxRelease.Build;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Build;

/// <summary>Which lines the task Mutate changes where it is asked for the changed ones, and what it remembers of a whole run.</summary>
public class ChangedLinesTests
{
    private static readonly string[] Diff =
    [
        "diff --git src/A.cs src/A.cs", "index 1..2 100644", "--- src/A.cs", "+++ src/A.cs", "@@ -1 +1 @@ class A", "-one", "+++ two",
        "@@ -3,2 +3,0 @@", "-three", "-four", "@@ -9,0 +8,2 @@", "+eight", "+nine",
        "diff --git src/B.cs src/B.cs", "--- src/B.cs", "+++ /dev/null", "@@ -1 +0,0 @@", "-one",
        "diff --git src/C.cs src/C.cs", "new file mode 100644", "--- /dev/null", "+++ src/C.cs", "@@ -0,0 +1,3 @@", "+1", "+2", "+3",
    ];

    [Fact]
    public void Written_lines_are_read_from_the_diff_and_removed_ones_are_not()
    {
        var changed = ChangedLines.Parse(Diff).Files;
        Assert.Equal(["src/A.cs", "src/C.cs"], changed.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([(1, 1), (8, 2)], changed["src/A.cs"]);
        Assert.Equal([(1, 3)], changed["src/C.cs"]);
    }

    [Theory]
    [InlineData("a\nbc\nd\n", "x/C.cs{0..7}")]
    [InlineData("a\nbc\nd", "x/C.cs{0..6}")]
    [InlineData("a\nbc\nd\ne\n", "x/C.cs{0..7}")]
    public void Lines_become_spans_of_characters(string text, string want) =>
        Assert.Equal(want, ChangedLines.Parse(Diff).Pattern("src/C.cs", "x/C.cs", text));

    [Fact]
    public void Several_places_of_a_file_are_several_spans() =>
        Assert.Equal("A.cs{0..2}{14..18}", ChangedLines.Parse(Diff).Pattern("src/A.cs", "A.cs", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"));

    [Fact]
    public void A_record_comes_back_as_it_was_written_and_counts_what_changes_something()
    {
        using var temp = new TempFolder();
        var area = new MeasuredArea("0123456789012345678901234567890123456789", "2026-11-27", 12, 9, 2);
        new MutationRecord(new(StringComparer.Ordinal) { ["b"] = area, ["a"] = area with { Noticed = 10 } }).Write(temp["m.json"]);
        var read = MutationRecord.Read(temp["m.json"]);
        Assert.Equal(["a", "b"], read.Areas.Keys);
        Assert.Equal((90.0, 100.0), (read.Areas["b"].Score, read.Areas["a"].Score));
        Assert.Equal(area, read.Areas["b"]);
        File.WriteAllText(temp["m.json"], "{\"a\":{}}");
        Assert.Equal(ExitCode.InternalError, Assert.Throws<TdxException>(() => MutationRecord.Read(temp["m.json"])).Code);
    }
}
