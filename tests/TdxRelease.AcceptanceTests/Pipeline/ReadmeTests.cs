using System.Text.RegularExpressions;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Pipeline;

/// <summary>
/// Everything that README tells a newcomer to type is typed here, on Intel's real files, and what it shows is what comes out.
/// Hashes of keys made on the spot and dates of today differ from run to run: they are compared by their shape.
/// </summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(TestData.Checkout, "README.md"));

    [UpstreamFact]
    public void The_stories_run_as_they_stand()
    {
        using var temp = new TempFolder();
        Tool.Run("/", "cp", "-r", TestData.Snapshot, temp["tdx-module-binaries"]).Ok();
        File.Copy(Path.Combine(TestData.Checkout, "upstream.lock.json"), temp["upstream.lock.json"]);
        Directory.CreateDirectory(temp["bin"]);
        Tool.Write(temp["bin/tdxrel"], $"#!/bin/sh\nexec '{TdxrelProgram.Path}' \"$@\"\n");
        File.SetUnixFileMode(temp["bin/tdxrel"], UnixFileMode.UserRead | UnixFileMode.UserExecute);

        // One shell for all: what a story makes, a later one uses.
        var stories = Stories().Matches(Readme);
        Assert.Equal(3, stories.Count);
        var script = string.Concat(stories.Select(s => $"{s.Groups["commands"].Value}echo '--'\n"));
        var run = Tool.RunWith(temp.Path,
            new Dictionary<string, string> { ["PATH"] = $"{temp["bin"]}:{Environment.GetEnvironmentVariable("PATH")}" }, "sh", "-euc",
            script).Ok();
        Assert.Equal(string.Concat(stories.Select(s => $"{s.Groups["output"].Value}--\n")).Split('\n').Select(Shape),
            run.Output.Split('\n').Select(Shape));
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(temp["page/index.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_lead_somewhere_and_the_page_is_short()
    {
        Assert.True(Readme.Split('\n').Length <= 150, $"{Readme.Split('\n').Length} lines");
        var links = Links().Matches(Readme).Select(m => m.Groups[1].Value).ToList();
        Assert.True(links.Count > 10);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(TestData.Checkout, link)), link));
    }

    private static string Shape(string line) => Varying().Replace(line.TrimEnd(), "?");

    /// <summary>A block of commands and the block of what it prints.</summary>
    [GeneratedRegex("```sh\n(?<commands>.*?)```\n\n```text\n(?<output>.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Stories();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)\)")]
    private static partial Regex Links();

    /// <summary>The hash of a new key, and a date of eight digits.</summary>
    [GeneratedRegex(@"(?<=signed by key )[0-9a-f]{64}|(?<=tdx-module-)20[0-9]{6}")]
    private static partial Regex Varying();
}
