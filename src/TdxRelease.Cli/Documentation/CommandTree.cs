using System.CommandLine;

namespace TdxRelease.Cli.Documentation;

/// <summary>A command with the words that lead to it: <c>tdxrel keys create</c>.</summary>
/// <param name="Path">The words, blanks between them.</param>
/// <param name="Command">The command itself.</param>
internal sealed record NamedCommand(string Path, Command Command);

/// <summary>
/// The command tree as completion and manual page need it. Both are written from it, so that they never name what is not there.
/// </summary>
internal static class CommandTree
{
    /// <summary>The program's name.</summary>
    public const string Program = "tdxrel";

    /// <summary>All commands, each before its children, in the order of the help.</summary>
    public static IReadOnlyList<NamedCommand> All(RootCommand root) => [.. Walk(new NamedCommand(Program, root))];

    /// <summary>The options of a command, with those that it has from above.</summary>
    public static IEnumerable<Option> OptionsOf(Command command, RootCommand root) =>
        command.Options.Concat(root.Options.Where(o => o.Recursive && !command.Options.Contains(o))).Where(o => !o.Hidden);

    /// <summary>The spellings of an option that a Unix user types; System.CommandLine also knows those of DOS.</summary>
    public static IEnumerable<string> Names(Option option) =>
        option.Aliases.Append(option.Name).Where(n => n[0] == '-' && n != "-?").OrderByDescending(n => n.Length)
        .ThenBy(n => n, StringComparer.Ordinal);

    /// <summary>Whether a word follows the option.</summary>
    public static bool TakesValue(Option option) =>
        option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool) && option.ValueType != typeof(void);

    /// <summary>The values where the help lists them: <c>text|json</c>; else none.</summary>
    public static IReadOnlyList<string> Choices(Option option) =>
        option.HelpName is { } name && name.Contains('|', StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '|' or '-') ? name.Split('|') : [];

    /// <summary>The first line of a description, for lists.</summary>
    public static string Summary(string? description) => (description ?? "").Split('\n')[0].TrimEnd('.');

    private static IEnumerable<NamedCommand> Walk(NamedCommand named) =>
        named.Command.Subcommands.Where(c => !c.Hidden).SelectMany(c => Walk(new NamedCommand($"{named.Path} {c.Name}", c))).Prepend(named);
}
