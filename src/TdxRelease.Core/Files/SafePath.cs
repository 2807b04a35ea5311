using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>Relative paths that can be joined to a root without leaving it, on any system and in any archive.</summary>
public static class SafePath
{
    /// <summary>The longest path taken, in characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>
    /// Whether the path is relative, made of forward-slashed parts that are none of empty, <c>.</c>, <c>..</c>,
    /// and free of backslashes, of characters that are not shown, and of combining marks:
    /// some file systems compose those with the letter in front, so that two names become one.
    /// </summary>
    public static bool IsSafe([NotNullWhen(true)] string? path)
    {
        if (string.IsNullOrEmpty(path) || path.Length > MaxLength)
        {
            return false;
        }

        foreach (var c in path)
        {
            if (c is '\\' || (!char.IsAscii(c) && IsUnclear(c)) || char.IsControl(c))
            {
                return false;
            }
        }

        foreach (var part in path.Split('/'))
        {
            if (part is "" or "." or ".." || part.Length > 255)
            {
                return false;
            }
        }

        return true;
    }

    // Besides marks: the jamo that compose to Hangul syllables, and what Unicode's normal form C replaces by another character.
    private static bool IsUnclear(char c) =>
        c is (>= '\u1100' and <= '\u11FF') or (>= '\u1F00' and <= '\u2001') or (>= '\uF900' and <= '\uFAFF')
            or '\u0374' or '\u037E' or '\u0387' or '\u2126' or '\u212A' or '\u212B' or '\u2329' or '\u232A'
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.Surrogate or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Throws where <see cref="IsSafe"/> says no.</summary>
    /// <exception cref="TdxException">Exit 3, the path quoted.</exception>
    public static void Require(string path)
    {
        if (!IsSafe(path))
        {
            throw new TdxException(ExitCode.BadInput, $"\"{Printable(path)}\" is not a safe relative path");
        }
    }

    /// <summary>The path for messages: <see cref="UntrustedText.Visible"/>.</summary>
    public static string Printable(string path) => UntrustedText.Visible(path);
}
