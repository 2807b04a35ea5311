using System.CommandLine;
using System.CommandLine.Parsing;

namespace TdxRelease.Cli;

/// <summary>A command line that does not parse, in one line that names the place.</summary>
internal static class UsageError
{
    /// <summary>The first error.</summary>
    /// <param name="result">The parse.</param>
    /// <param name="command">The command's whole name.</param>
    public static string Of(ParseResult result, string command)
    {
        if (result.UnmatchedTokens.Count > 0)
        {
            return $"unknown word \"{result.UnmatchedTokens[0]}\"";
        }

        var error = result.Errors[0];
        var lines = error.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length > 1 && (error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult) is { } option)
        {
            // A list of the values that it takes follows the first line.
            var values = string.Join(", ", lines[1..].Select(l => l.Trim('\'')));
            return $"{option.Option.Name}: got \"{string.Join(' ', option.Tokens)}\", want {values}";
        }

        return error.SymbolResult switch
        {
            ArgumentResult { Parent: CommandResult, Tokens.Count: 0 } argument => $"{command}: {argument.Argument.Name} is missing",
            CommandResult { Command.Subcommands.Count: > 0 } => $"{command}: no command is given",
            _ => $"{char.ToLowerInvariant(error.Message[0])}{error.Message[1..].TrimEnd('.').ReplaceLineEndings(" ")}",
        };
    }

    /// <summary>The known word that is a typing error away; null where there is none.</summary>
    public static string? Nearest(string word, IReadOnlyList<string> known) =>
        known.Select(k => (Word: k, Distance: Distance(word, k))).Where(k => k.Distance <= 2 && k.Distance * 3 < word.Length)
        .OrderBy(k => k.Distance).ThenBy(k => k.Word, StringComparer.Ordinal).Select(k => k.Word).FirstOrDefault();

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (corner, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[b.Length];
    }
}
