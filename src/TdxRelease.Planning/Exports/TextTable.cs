namespace TdxRelease.Planning.Exports;

/// <summary>Columns as wide as their widest cell, two blanks between them, two before the first, none at the end.</summary>
internal static class TextTable
{
    public static void Write(IReadOnlyList<string[]> rows, TextWriter output)
    {
        var widths = new int[rows[0].Length];
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        foreach (var row in rows)
        {
            output.Write($"  {string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd()}\n");
        }
    }
}
