using System.Globalization;
using System.Text.RegularExpressions;

namespace TdxRelease.Build;

/// <summary>Which lines of which files a change wrote.</summary>
/// <param name="Files">By path, relative to the checkout: first line, from 1, and number of lines, never 0.</param>
internal sealed partial record ChangedLines(IReadOnlyDictionary<string, IReadOnlyList<(int First, int Count)>> Files)
{
    /// <summary>
    /// Reads the output of <c>git diff --unified=0 --no-prefix</c>. Lines that are gone are of no interest, nor are places where
    /// nothing but comments, directives and braces was written: nothing there can be changed.
    /// </summary>
    public static ChangedLines Parse(IEnumerable<string> diff)
    {
        var files = new Dictionary<string, IReadOnlyList<(int, int)>>();
        var lines = new List<(int, int)>();
        var header = true; // git's own lines about the file come before its first hunk
        (int, int)? written = null;
        foreach (var line in diff)
        {
            if (line.StartsWith("diff --git ", StringComparison.Ordinal))
            {
                (lines, header) = ([], true);
            }
            else if (header && line.StartsWith("+++ ", StringComparison.Ordinal))
            {
                files[line[4..].TrimEnd('\t')] = lines;
            }
            else if (Hunk().Match(line) is { Success: true } hunk)
            {
                (written, header) = ((Number(hunk, "first"), Number(hunk, "count")), false);
            }
            else if (written is { } place && line.StartsWith('+') && !NoCode().IsMatch(line))
            {
                lines.Add(place);
                written = null;
            }
        }

        return new ChangedLines(files.Where(f => f.Value.Count > 0).ToDictionary());
    }

    /// <summary>The pattern that makes Stryker change these lines of a file and no others: its path and spans of characters.</summary>
    /// <param name="file">Relative to the checkout.</param>
    /// <param name="pattern">The same file, as Stryker is to find it.</param>
    /// <param name="text">Its content.</param>
    public string Pattern(string file, string pattern, string text)
    {
        var starts = new List<int> { 0 };
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                starts.Add(i + 1);
            }
        }

        int Start(int line) => line <= starts.Count ? starts[line - 1] : text.Length;
        return pattern + string.Concat(Files[file].Select(l => string.Create(CultureInfo.InvariantCulture,
            $"{{{Start(l.First)}..{Start(l.First + l.Count)}}}")));
    }

    private static int Number(Match hunk, string group) =>
        hunk.Groups[group] is { Success: true } number ? int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) : 1;

    [GeneratedRegex(@"^@@ -[0-9,]+ \+(?<first>[0-9]+)(,(?<count>[0-9]+))? @@")]
    private static partial Regex Hunk();

    [GeneratedRegex(@"^\+\s*(//.*|using [\w. ]+;|[{}\s]*)$")]
    private static partial Regex NoCode();
}
