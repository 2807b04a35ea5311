using System.CommandLine;
using TdxRelease.Cli.Documentation;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel completion</c>.</summary>
internal static class CompletionCommand
{
    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash (default), zsh or fish", DefaultValueFactory = _ => "bash" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion",
            "Print the completion script of a shell.\n\nExample: source <(tdxrel completion)") { shell };
        command.SetAction(parse =>
        {
            var root = CommandLine.Root(terminal);
            terminal.Output.Write(parse.GetRequiredValue(shell) switch
            {
                "zsh" => ZshCompletion.Write(root),
                "fish" => FishCompletion.Write(root),
                _ => BashCompletion.Write(root),
            });
            return 0;
        });
        return command;
    }
}
