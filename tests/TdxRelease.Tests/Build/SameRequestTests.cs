using System.Reflection;
using TdxRelease.Build;
using TdxRelease.Build.CommandLine;
using TdxRelease.Cli;
using TdxRelease.Cli.Documentation;

namespace TdxRelease.Tests.Build;

/// <summary>
/// A release made by the build and one made by hand cannot differ: whoever can ask for something here can ask for it there.
/// </summary>
public sealed class SameRequestTests
{
    /// <summary>What the two call differently, and what only one of them has, with the reason.</summary>
    private static readonly Dictionary<string, string> Others = new()
    {
        ["--out"] = "--output: the build has one directory for all of its results",
        ["--json"] = "none: a task hands its result to the next task",
        ["--print-metadata"] = "none: a text for the terminal, and no release",
        ["--help"] = "Cake's own",
    };

    [Fact]
    public void Every_option_of_bundle_is_an_argument_of_the_build()
    {
        using var output = new MemoryStream();
        using var writer = new StreamWriter(output);
        using var errors = new StringWriter();
        var commands = CommandTree.All(CommandLine.Root(new Terminal(output, writer, errors)));
        var options = commands.Single(c => c.Path == "tdxrel bundle").Command.Options.Select(o => o.Name).ToList();
        var arguments = typeof(BuildContext).GetCustomAttributes<KnownArgumentAttribute>().Select(a => $"--{a.Name}").ToList();
        Assert.Equal([], options.Except(arguments).Except(Others.Keys));
        Assert.Equal([], Others.Keys.Except(options).Except(["--help"]));
        Assert.True(options.Count > 15);
    }
}
