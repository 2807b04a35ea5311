using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Upstream.Fetching;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel sample create|policy</c>.</summary>
internal static class SampleCommand
{
    public static Command Create(Terminal terminal) =>
        new("sample", "A synthetic upstream for trying out: labelled TEST, refused by every policy but its own.") { Write(terminal),
            Policy(terminal) };

    private static Command Write(Terminal terminal)
    {
        var folder = new Argument<string>("DIR") { Description = "a directory that does not exist yet, or an older sample" };
        var json = Options.Json();
        var command = new Command("create",
            "Write the sample as a directory in upstream's layout; the same bytes each time.\n\n"
            + "Example: tdxrel sample create ./sample") { folder, json };
        command.SetAction(parse =>
        {
            var target = parse.GetRequiredValue(folder);
            var snapshot = SampleStage.Create(target);
            if (parse.GetValue(json))
            {
                terminal.Json(writer => SnapshotJson.Write(writer, snapshot, []));
            }
            else
            {
                terminal.Line($"{target}: {snapshot.Files.Count} synthetic files, labelled TEST; verify them with --policy sample");
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command Policy(Terminal terminal)
    {
        var command = new Command("policy",
            "Print the trust policy that accepts the sample, and nothing real.\n\nExample: tdxrel sample policy > sample-policy.json");
        command.SetAction(_ =>
        {
            terminal.Output.Write(System.Text.Encoding.UTF8.GetString(SampleUpstream.PolicyBytes));
            return (int)ExitCode.Success;
        });
        return command;
    }
}
