using System.CommandLine;
using System.Text;

namespace TdxRelease.Cli.Documentation;

/// <summary>The completion of zsh: one function a command, for the words behind it.</summary>
internal static class ZshCompletion
{
    public static string Write(RootCommand root)
    {
        var text = new StringBuilder(
            $"#compdef {CommandTree.Program}\n"
            + $"# zsh completion of {CommandTree.Program}, written by: {CommandTree.Program} completion zsh\n");
        foreach (var command in CommandTree.All(root))
        {
            Function(text, command, root);
        }

        // Autoloaded from fpath the file is the function's body; sourced it registers itself.
        text.Append("\nif [[ $funcstack[1] == _tdxrel ]]; then\n  _tdxrel \"$@\"\nelse\n  compdef _tdxrel tdxrel\nfi\n");
        return text.ToString();
    }

    private static void Function(StringBuilder text, NamedCommand command, RootCommand root)
    {
        var children = command.Command.Subcommands.Where(c => !c.Hidden).ToList();
        text.Append($"\n{Name(command.Path)}() {{\n");
        if (children.Count > 0)
        {
            text.Append("  local curcontext=$curcontext state line\n  local -a commands\n  commands=(\n");
            children.ForEach(c => text.Append($"    '{Quoted(c.Name)}:{Quoted(CommandTree.Summary(c.Description))}'\n"));
            text.Append("  )\n");
        }

        text.Append("  _arguments -C");
        foreach (var option in CommandTree.OptionsOf(command.Command, root))
        {
            Option(text, option);
        }

        if (children.Count == 0)
        {
            text.Append(" \\\n    '*:file:_files'\n}\n");
            return;
        }

        text.Append(" \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n");
        text.Append("  case $state in\n    command) _describe command commands ;;\n    argument)\n      case $line[1] in\n");
        children.ForEach(c => text.Append($"        {c.Name}) {Name($"{command.Path} {c.Name}")} ;;\n"));
        text.Append("      esac\n      ;;\n  esac\n}\n");
    }

    private static void Option(StringBuilder text, Option option)
    {
        var names = CommandTree.Names(option).ToList();
        var value = "";
        if (CommandTree.TakesValue(option))
        {
            var choices = CommandTree.Choices(option);
            value = choices.Count > 0 ? $":value:({string.Join(' ', choices)})" : ":value:_files";
        }

        var summary = Quoted(CommandTree.Summary(option.Description)).Replace("[", "\\[", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal);
        names.ForEach(name => text.Append($" \\\n    '{(names.Count > 1 ? $"({string.Join(' ', names)})" : "")}{name}[{summary}]{value}'"));
    }

    private static string Name(string path) => $"_{path.Replace(' ', '_')}";

    // A colon ends a field of _arguments and _describe.
    private static string Quoted(string text) =>
        text.Replace("'", "'\\''", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
}
