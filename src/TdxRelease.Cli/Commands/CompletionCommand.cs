using System.CommandLine;
using TdxRelease.Cli.Documentation;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel completion</c>.</summary>
internal static class CompletionCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("completion", "Print the completion script for bash.\n\nExample: source <(tdxrel completion)");
        command.SetAction(_ =>
        {
            terminal.Output.Write(BashCompletion.Write(CommandLine.Root(terminal)));
            return 0;
        });
        return command;
    }
}
