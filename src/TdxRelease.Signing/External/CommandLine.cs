using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.External;

/// <summary>Splits a command into words as a shell would quote them, but runs nothing and expands nothing.</summary>
public static class CommandLine
{
    /// <summary>
    /// Words are separated by blanks; single quotes keep everything, double quotes and backslashes keep the next character.
    /// </summary>
    /// <exception cref="TdxException">
    /// Exit 2: an open quote, a backslash at the end, or no word. The text is not quoted: it may hold a PIN.
    /// </exception>
    public static IReadOnlyList<string> Split(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (c == '\\' && quote != '\'')
            {
                word.Append(++i < command.Length ? command[i] : throw Bad("ends in a backslash"));
                inWord = true;
            }
            else if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
                word.Append(quote == '\0' ? "" : c.ToString());
            }
            else if (c is '\'' or '"')
            {
                quote = c;
                inWord = true;
            }
            else if (c is ' ' or '\t' or '\n')
            {
                Finish(words, word, ref inWord);
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (quote != '\0')
        {
            throw Bad($"has an open {quote}");
        }

        Finish(words, word, ref inWord);
        return words.Count > 0 ? words : throw Bad("is empty");
    }

    private static void Finish(List<string> words, StringBuilder word, ref bool inWord)
    {
        if (inWord)
        {
            words.Add(word.ToString());
            word.Clear();
            inWord = false;
        }
    }

    private static TdxException Bad(string what) => new(ExitCode.Usage, $"the signing command {what}");
}
