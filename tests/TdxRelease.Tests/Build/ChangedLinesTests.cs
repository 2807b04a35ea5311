using TdxRelease.Build;

namespace TdxRelease.Tests.Build;

/// <summary>Which lines the task Mutate changes where it is asked for the changed ones.</summary>
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
    [InlineData("")]
    [InlineData("    // why")]
    [InlineData("    /// <summary>What.</summary>")]
    [InlineData("using static System.Math;")]
    [InlineData("    }")]
    public void Where_nothing_can_be_changed_nothing_is(string line)
    {
        string[] diff = ["diff --git a.cs a.cs", "--- a.cs", "+++ a.cs", "@@ -1 +1 @@", "-code();", $"+{line}"];
        Assert.Empty(ChangedLines.Parse(diff).Files);
        Assert.Equal([(1, 1), (5, 2)], ChangedLines.Parse(["diff --git a.cs a.cs", "+++ a.cs", "@@ -1 +1 @@", "+    using var a = B();",
            "@@ -4,0 +5,2 @@", $"+{line}", "+code();", "@@ -9,0 +9 @@", $"+{line}"]).Files["a.cs"]);
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
}
