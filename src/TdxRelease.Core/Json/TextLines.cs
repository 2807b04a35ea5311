using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Json;

/// <summary>
/// Turns byte offsets of a text into lines and columns. The lines are found once: a hostile file may have a finding on every byte.
/// </summary>
/// <param name="utf8">The text.</param>
/// <param name="file">How places call the text.</param>
public sealed class TextLines(ReadOnlySpan<byte> utf8, string file)
{
    private readonly int[] starts = Starts(utf8);

    /// <summary>The place of a byte offset: line and column from 1, the column in bytes.</summary>
    public Location At(int offset)
    {
        var line = Array.BinarySearch(starts, offset);
        line = line < 0 ? ~line - 1 : line;
        return new Location(file, line + 1, offset - starts[line] + 1);
    }

    private static int[] Starts(ReadOnlySpan<byte> utf8)
    {
        var starts = new List<int> { 0 };
        for (var at = 0; utf8[at..].IndexOf((byte)'\n') is var next and >= 0;)
        {
            at += next + 1;
            starts.Add(at);
        }

        return [.. starts];
    }
}
