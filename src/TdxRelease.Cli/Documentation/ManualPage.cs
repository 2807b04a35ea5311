using System.CommandLine;
using System.Globalization;
using System.Text;
using TdxRelease.Core;
using TdxRelease.Core.Findings;

namespace TdxRelease.Cli.Documentation;

/// <summary>tdxrel(1) in the macros of man(7), with every command and option.</summary>
internal static class ManualPage
{
    private static readonly (ExitCode Code, string Meaning)[] Codes =
    [
        (ExitCode.Success, "success"),
        (ExitCode.InternalError, "internal error: a defect of tdxrel"),
        (ExitCode.Usage, "usage"),
        (ExitCode.BadInput, "bad input"),
        (ExitCode.VerificationFailed, "verification failed"),
        (ExitCode.Refused, "refused by policy, or no path"),
        (ExitCode.Io, "fetch or I/O failure"),
        (ExitCode.Drift, "drift from the lock"),
    ];

    public static string Write(RootCommand root)
    {
        var commands = CommandTree.All(root);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $".TH TDXREL 1 \"\" \"{Escaped(ToolVersion.Text)}\"\n");
        Section(text, "NAME");
        text.Append("tdxrel \\- verify, plan and package Intel TDX modules\n");
        Section(text, "SYNOPSIS");
        foreach (var command in commands.Where(c => c.Command.Subcommands.Count == 0))
        {
            text.Append($"\\fB{Escaped(command.Path)}\\fR {Escaped(Synopsis(command.Command))}".TrimEnd()).Append("\n.br\n");
        }

        Section(text, "DESCRIPTION");
        Paragraphs(text, root.Description ?? "");
        text.Append("Results go to stdout; progress, \\(lqerror:\\(rq and \\(lqhint:\\(rq lines go to stderr.\n");
        Section(text, "COMMANDS");
        foreach (var command in commands.Skip(1))
        {
            Write(text, command, root);
        }

        Section(text, "EXIT STATUS");
        foreach (var (code, meaning) in Codes)
        {
            text.Append(CultureInfo.InvariantCulture, $".TP\n.B {(int)code}\n{Escaped(meaning)}\n");
        }

        Section(text, "ENVIRONMENT");
        text.Append(CultureInfo.InvariantCulture,
            $".TP\n.B {SourceDateEpoch.Variable}\nThe time in everything that is written, in seconds since 1970.\n");
        return text.ToString();
    }

    private static void Write(StringBuilder text, NamedCommand command, RootCommand root)
    {
        text.Append(CultureInfo.InvariantCulture, $".SS {$"{Escaped(command.Path)} {Escaped(Synopsis(command.Command))}".TrimEnd()}\n");
        Paragraphs(text, command.Command.Description ?? "");
        foreach (var argument in command.Command.Arguments.Where(a => !a.Hidden))
        {
            text.Append(CultureInfo.InvariantCulture,
                $".TP\n.I {Escaped(argument.HelpName ?? argument.Name)}\n{Line(argument.Description ?? "")}\n");
        }

        foreach (var option in CommandTree.OptionsOf(command.Command, root))
        {
            var value = CommandTree.TakesValue(option) ? $" \\fI{Escaped(option.HelpName ?? "VALUE")}\\fR" : "";
            var names = string.Join("\\fR, \\fB", CommandTree.Names(option).Select(Escaped));
            text.Append(CultureInfo.InvariantCulture, $".TP\n\\fB{names}\\fR{value}\n{Line(option.Description ?? "")}\n");
        }
    }

    private static string Synopsis(Command command)
    {
        var words = command.Arguments.Where(a => !a.Hidden).Select(a => a.HelpName ?? a.Name)
            .Concat(command.Options.Where(o => o.Required).Select(o => $"{o.Name} {o.HelpName}"));
        return string.Join(' ', words.Append(command.Options.Any(o => !o.Required && !o.Hidden) ? "[options]" : "")).TrimEnd();
    }

    private static void Section(StringBuilder text, string title) => text.Append(CultureInfo.InvariantCulture, $".SH {title}\n");

    // Descriptions are a sentence, then an empty line and examples.
    private static void Paragraphs(StringBuilder text, string description)
    {
        var parts = description.Split("\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Line(parts[0])}\n");
        foreach (var part in parts.Skip(1))
        {
            text.Append(CultureInfo.InvariantCulture, $".PP\n.nf\n{string.Join('\n', part.Split('\n').Select(Line))}\n.fi\n");
        }
    }

    /// <summary>A line of text: a leading dot or quote would be a request.</summary>
    private static string Line(string text) => text.Length > 0 && text[0] is '.' or '\'' ? $"\\&{Escaped(text)}" : Escaped(text);

    private static string Escaped(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
        .Replace("'", "\\(aq", StringComparison.Ordinal).Replace("\"", "\\(dq", StringComparison.Ordinal);
}
