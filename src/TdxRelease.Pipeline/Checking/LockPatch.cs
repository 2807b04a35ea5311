using System.Text;

namespace TdxRelease.Pipeline.Checking;

/// <summary>
/// A patch in git's form that moves the lock. Both texts are canonical JSON
/// with one entry a file, sorted by path, so the paths are sure anchors.
/// </summary>
internal static class LockPatch
{
    private const int Context = 3;

    /// <summary>The patch; empty where the texts are the same.</summary>
    /// <param name="path">Path of the lock from the root of its repository, forward slashes.</param>
    /// <param name="before">The lock as it is on disk.</param>
    /// <param name="after">The lock as it is to be.</param>
    public static string Write(string path, string before, string after)
    {
        var edits = Edits(Lines(before), Lines(after));
        var text = new StringBuilder();
        foreach (var (first, end) in Hunks(edits))
        {
            Hunk(text, edits, first, end);
        }

        return text.Length == 0 ? "" : $"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{text}";
    }

    /// <summary>The path of a file from the root of the git repository that it is in, or its name where it is in none.</summary>
    public static string PathInRepository(string file)
    {
        var full = Path.GetFullPath(file);
        for (var folder = Path.GetDirectoryName(full); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.Exists(Path.Combine(folder, ".git")))
            {
                return Path.GetRelativePath(folder, full);
            }
        }

        return Path.GetFileName(full);
    }

    private static string[] Lines(string text) => text.TrimEnd('\n').Split('\n');

    /// <summary>Lines that stay (' '), go ('-') and come ('+').</summary>
    private static List<(char Kind, string Line)> Edits(string[] before, string[] after)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < after.Length; i++)
        {
            if (IsAnchor(after[i]))
            {
                places[after[i]] = i;
            }
        }

        var edits = new List<(char, string)>();
        var (a, b) = (0, 0);
        for (var i = 0; i < before.Length; i++)
        {
            if (IsAnchor(before[i]) && places.TryGetValue(before[i], out var j) && j >= b)
            {
                Between(edits, before.AsSpan()[a..i], after.AsSpan()[b..j]);
                edits.Add((' ', before[i]));
                (a, b) = (i + 1, j + 1);
            }
        }

        Between(edits, before.AsSpan()[a..], after.AsSpan()[b..]);
        return edits;
    }

    private static bool IsAnchor(string line) => line.StartsWith("      \"path\": ", StringComparison.Ordinal);

    private static void Between(List<(char Kind, string Line)> edits, ReadOnlySpan<string> before, ReadOnlySpan<string> after)
    {
        var head = before.CommonPrefixLength(after);
        var tail = 0;
        while (tail < Math.Min(before.Length, after.Length) - head && before[^(tail + 1)] == after[^(tail + 1)])
        {
            tail++;
        }

        Add(edits, ' ', before[..head]);
        Add(edits, '-', before[head..^tail]);
        Add(edits, '+', after[head..^tail]);
        Add(edits, ' ', before[^tail..]);
    }

    private static void Add(List<(char Kind, string Line)> edits, char kind, ReadOnlySpan<string> lines)
    {
        foreach (var line in lines)
        {
            edits.Add((kind, line));
        }
    }

    private static IEnumerable<(int First, int End)> Hunks(List<(char Kind, string Line)> edits)
    {
        var (first, end) = (-1, -1);
        for (var i = 0; i < edits.Count; i++)
        {
            if (edits[i].Kind == ' ')
            {
                continue;
            }

            if (first >= 0 && i - Context > end)
            {
                yield return (first, end);
                first = -1;
            }

            first = first < 0 ? Math.Max(0, i - Context) : first;
            end = Math.Min(edits.Count, i + 1 + Context);
        }

        if (first >= 0)
        {
            yield return (first, end);
        }
    }

    private static void Hunk(StringBuilder text, List<(char Kind, string Line)> edits, int first, int end)
    {
        int Count(int from, int to, char other) => edits.Skip(from).Take(to - from).Count(e => e.Kind != other);
        text.Append($"@@ -{Count(0, first, '+') + 1},{Count(first, end, '+')} +{Count(0, first, '-') + 1},{Count(first, end, '-')} @@\n");
        foreach (var (kind, line) in edits.Skip(first).Take(end - first))
        {
            text.Append(kind).Append(line).Append('\n');
        }
    }
}
