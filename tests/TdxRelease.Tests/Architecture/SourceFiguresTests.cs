using Xunit.Abstractions;

namespace TdxRelease.Tests.Architecture;

/// <summary>The size of the house. A limit that is met is held; one that is not yet met is a number that may only go down.</summary>
public sealed class SourceFiguresTests(ITestOutputHelper output)
{
    private const int MostLines = 43_490;
    private const int LargestFunction = 40;
    private const int LongestFile = 300;
    private const int MostLongFiles = 0;
    private const int MostWideLines = 157;
    private const int MostLongFunctions = 0;

    [Fact]
    public void The_figures_do_not_grow()
    {
        var files = SourceFigures.Files;
        var functions = files.SelectMany(SourceFigures.Functions).OrderByDescending(f => f.Lines).ToList();
        foreach (var project in files.GroupBy(f => f.Project))
        {
            output.WriteLine($"{project.Key}: {project.Sum(f => f.Lines.Count)} lines in {project.Count()} files, {SourceFigures.TooWide(project)} wide lines");
        }

        var total = files.Sum(f => f.Lines.Count);
        var (longFiles, longFunctions) = (files.Count(f => f.Lines.Count > 300), functions.Count(f => f.Lines > 40));
        output.WriteLine($"all: {total} lines, mean file {(double)total / files.Count:0.0}, {longFiles} files of more than 300 lines");
        output.WriteLine($"{SourceFigures.TooWide(files)} lines of more than {SourceFigures.WidestLine} columns");
        output.WriteLine($"{longFunctions} functions of more than 40 lines");
        functions.Take(longFunctions).ToList().ForEach(f => output.WriteLine($"  {f.Lines}: {f.Name}"));

        Assert.InRange(total, 1, MostLines);
        Assert.InRange(files.Max(f => f.Lines.Count), 1, LongestFile);
        Assert.InRange(longFiles, 0, MostLongFiles);
        Assert.InRange(functions[0].Lines, 1, LargestFunction);
        Assert.InRange(longFunctions, 0, MostLongFunctions);
        Assert.InRange(SourceFigures.TooWide(files), 0, MostWideLines);
    }
}
