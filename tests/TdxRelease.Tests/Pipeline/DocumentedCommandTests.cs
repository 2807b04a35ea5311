using System.Text.RegularExpressions;
using TdxRelease.Cli;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Pipeline;

/// <summary>What the documents tell people to type is a command line that the program takes.</summary>
public sealed partial class DocumentedCommandTests
{
    [Theory]
    [InlineData("docs/ci.md", 5)]
    [InlineData("action.yml", 1)]
    [InlineData("docs/report.md", 2)]
    [InlineData("docs/extending.md", 2)]
    public void Every_command_line_parses(string path, int atLeast)
    {
        var root = CommandLine.Root(new Terminal(Stream.Null, TextWriter.Null, TextWriter.Null));
        var lines = CommandLines().Matches(File.ReadAllText(Path.Combine(TestData.Checkout, path)))
            .Select(m => m.Groups["args"].Value.Trim()).Where(l => l.Length > 0).ToList();
        Assert.True(lines.Count >= atLeast, $"{path}: {lines.Count} command lines");
        Assert.All(lines, line =>
        {
            var parsed = root.Parse(line.Split('#')[0].Replace("\"", "", StringComparison.Ordinal));
            Assert.True(parsed.Errors.Count == 0, $"{path}: tdxrel {line}: {string.Join("; ", parsed.Errors)}");
        });
    }

    /// <summary>A line of a code block, or what follows <c>--</c> of dotnet run; prose names commands in backquotes.</summary>
    [GeneratedRegex(@"^\s*(?:- |run: )?(?:tdxrel|dotnet run [^\n]*? --) (?<args>[a-z][^\n|&]*?)(?: \|\| [^\n]*)?$", RegexOptions.Multiline)]
    private static partial Regex CommandLines();
}
