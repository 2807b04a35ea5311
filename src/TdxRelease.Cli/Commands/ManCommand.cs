using System.CommandLine;
using TdxRelease.Cli.Documentation;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel man</c>.</summary>
internal static class ManCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("man", "Print the manual page, for man(1).\n\nExample: tdxrel man > tdxrel.1");
        command.SetAction(_ =>
        {
            terminal.Output.Write(ManualPage.Write(CommandLine.Root(terminal)));
            return 0;
        });
        return command;
    }
}
