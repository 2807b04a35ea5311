using System.CommandLine;
using System.Text;

namespace TdxRelease.Cli.Documentation;

/// <summary>The completion of fish: commands, options with their descriptions, and values where there is a list of them.</summary>
internal static class FishCompletion
{
    public static string Write(RootCommand root)
    {
        var text = new StringBuilder($"# fish completion of {CommandTree.Program}, written by: {CommandTree.Program} completion fish\n");
        foreach (var command in CommandTree.All(root))
        {
            var condition = Condition(command);
            foreach (var child in command.Command.Subcommands.Where(c => !c.Hidden))
            {
                var summary = Quoted(CommandTree.Summary(child.Description));
                text.Append($"complete -c tdxrel -f -n '{condition}' -a {child.Name} -d '{summary}'\n");
            }

            foreach (var option in CommandTree.OptionsOf(command.Command, root))
            {
                Option(text, condition, option);
            }
        }

        return text.ToString();
    }

    private static void Option(StringBuilder text, string condition, Option option)
    {
        text.Append($"complete -c tdxrel -n '{condition}'");
        foreach (var name in CommandTree.Names(option))
        {
            text.Append(name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}");
        }

        if (CommandTree.TakesValue(option))
        {
            var choices = CommandTree.Choices(option);
            text.Append(choices.Count > 0 ? $" -x -a '{string.Join(' ', choices)}'" : " -r");
        }

        text.Append($" -d '{Quoted(CommandTree.Summary(option.Description))}'\n");
    }

    // A command's words have been typed, and none of its children's.
    private static string Condition(NamedCommand command)
    {
        var words = command.Path.Split(' ')[1..];
        var children = command.Command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name).ToList();
        var seen = words.Select(w => $"__fish_seen_subcommand_from {w}");
        var open = children.Count > 0 ? [$"not __fish_seen_subcommand_from {string.Join(' ', children)}"] : Array.Empty<string>();
        return string.Join("; and ", seen.Concat(open));
    }

    private static string Quoted(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}
