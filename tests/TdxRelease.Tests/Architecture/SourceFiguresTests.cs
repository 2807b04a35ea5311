using Xunit.Abstractions;

namespace TdxRelease.Tests.Architecture;

/// <summary>The size of the house. The number of lines may only go down.</summary>
public sealed class SourceFiguresTests(ITestOutputHelper output)
{
    private const int MostLines = 43_602;
    private const int LargestFunction = 40;
    private const int LongestFile = 300;

    [Fact]
    public void The_figures_do_not_grow()
    {
        var files = SourceFigures.Files;
        foreach (var project in files.GroupBy(f => f.Project))
        {
            output.WriteLine($"{project.Key}: {project.Sum(f => f.Lines.Count)} lines in {project.Count()} files");
        }

        var total = files.Sum(f => f.Lines.Count);
        output.WriteLine($"all: {total} lines, mean file {(double)total / files.Count:0.0}");
        Assert.InRange(total, 1, MostLines);
        Assert.InRange(files.Max(f => f.Lines.Count), 1, LongestFile);
        Assert.DoesNotContain(files.SelectMany(SourceFigures.Functions), f => f.Lines > LargestFunction);
    }

    [Fact]
    public void No_line_is_too_wide() => Assert.Empty(SourceFigures.TooWide(SourceFigures.Everywhere));
}
