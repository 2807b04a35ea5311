using System.CommandLine;
using System.Text;

namespace TdxRelease.Cli.Documentation;

/// <summary>The completion of bash: commands, options, and values where there is a list of them; file names everywhere else.</summary>
internal static class BashCompletion
{
    public static string Write(RootCommand root)
    {
        var commands = CommandTree.All(root);
        var text = new StringBuilder($"# bash completion of {CommandTree.Program}, written by: {CommandTree.Program} completion\n");
        text.Append("_tdxrel() {\n"
            + "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path=tdxrel words='' word\n  COMPREPLY=()\n");
        text.Append("  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$path $word\" in\n");
        var paths = string.Join(" | ", commands.Skip(1).Select(c => $"'{c.Path}'"));
        text.Append($"      {paths}) path=\"$path $word\" ;;\n    esac\n  done\n");
        Values(text, commands, root);
        text.Append("  case $path in\n");
        foreach (var command in commands)
        {
            text.Append($"    '{command.Path}') words='{string.Join(' ', Words(command.Command, root))}' ;;\n");
        }

        // A command that takes files offers its options only to who begins one.
        text.Append("  esac\n  case \"$path $current\" in\n");
        var patterns = commands.Where(c => c.Command.Subcommands.Count == 0).Select(c => $"'{c.Path} '[!-]* | '{c.Path} '");
        text.Append($"    {string.Join(" | ", patterns)}) return ;;\n  esac\n");
        text.Append("  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n}\ncomplete -o default -F _tdxrel tdxrel\n");
        return text.ToString();
    }

    private static void Values(StringBuilder text, IReadOnlyList<NamedCommand> commands, RootCommand root)
    {
        text.Append("  case \"$path $previous\" in\n");
        foreach (var command in commands)
        {
            foreach (var option in CommandTree.OptionsOf(command.Command, root).Where(CommandTree.TakesValue))
            {
                var choices = CommandTree.Choices(option);
                var reply = choices.Count == 0 ? "return"
                    : $"mapfile -t COMPREPLY < <(compgen -W '{string.Join(' ', choices)}' -- \"$current\"); return";
                text.Append($"    {string.Join(" | ", CommandTree.Names(option).Select(n => $"'{command.Path} {n}'"))}) {reply} ;;\n");
            }
        }

        text.Append("  esac\n");
    }

    private static IEnumerable<string> Words(Command command, RootCommand root) =>
        command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)
        .Concat(CommandTree.OptionsOf(command, root).SelectMany(CommandTree.Names));
}
