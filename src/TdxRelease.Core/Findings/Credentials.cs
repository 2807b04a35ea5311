using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace TdxRelease.Core.Findings;

/// <summary>
/// URLs may carry a name and a token; messages, records and provenance must not. This is the one function that removes them.
/// </summary>
public static class Credentials
{
    private const string Separator = "://";

    /// <summary>
    /// The text with <c>user:token@</c> taken out of every URL in it. <c>ssh://git@host</c> keeps its user: it is a name, no secret.
    /// </summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Strip(string? text)
    {
        if (text is null || !text.Contains(Separator, StringComparison.Ordinal) || !text.Contains('@', StringComparison.Ordinal))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        for (int at; (at = rest.IndexOf(Separator)) >= 0;)
        {
            var scheme = rest[..at];
            clean.Append(rest[..(at + Separator.Length)]);
            rest = rest[(at + Separator.Length)..];
            var authority = rest[..End(rest)];
            var user = authority.LastIndexOf('@');
            if (user >= 0 && !(scheme.EndsWith("ssh", StringComparison.Ordinal) && !authority[..user].ContainsAny(':', '@')))
            {
                rest = rest[(user + 1)..];
            }
        }

        return clean.Append(rest).ToString();
    }

    // A password may hold any other character where its owner forgot to encode it.
    private static int End(ReadOnlySpan<char> url)
    {
        for (var i = 0; i < url.Length; i++)
        {
            if (url[i] is '/' or '"' || char.IsWhiteSpace(url[i]))
            {
                return i;
            }
        }

        return url.Length;
    }
}
