using TdxRelease.Core.Findings;

namespace TdxRelease.Planning.Fleet;

/// <summary>Where the columns of a CSV inventory stand: in any order, named in any case, others ignored.</summary>
internal sealed class InventoryColumns
{
    /// <summary>The columns there are; all but the last are required.</summary>
    public static readonly string[] Names = ["host", "cpu", "seamldr", "running", "remaining"];

    private const int Required = 4;

    private readonly int[] places;

    private InventoryColumns(int[] places, IReadOnlyList<string> header)
    {
        this.places = places;
        Header = header;
        Others = [.. Enumerable.Range(0, header.Count).Except(places)];
    }

    /// <summary>The header's fields.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>Places of the columns that no plan needs, in order.</summary>
    public IReadOnlyList<int> Others { get; }

    /// <summary>Reads the header.</summary>
    /// <param name="text">The line.</param>
    /// <param name="row">Its number.</param>
    /// <param name="unknown">Called with each column that is ignored.</param>
    /// <exception cref="TdxException">Exit 3: a required column is missing, or one is named twice.</exception>
    public static InventoryColumns Read(string text, long row, Action<string> unknown)
    {
        var fields = CsvFields.Split(text) ?? throw Bad(row, text, "has a quote that is not closed or stands inside a field");
        var places = new int[Names.Length];
        Array.Fill(places, -1);
        for (var i = 0; i < fields.Count; i++)
        {
            var column = IndexOf(fields[i]);
            if (column < 0)
            {
                unknown(fields[i]);
            }
            else if (places[column] >= 0)
            {
                throw Bad(row, text, $"names column \"{Names[column]}\" twice");
            }
            else
            {
                places[column] = i;
            }
        }

        var missing = places.AsSpan(0, Required).IndexOf(-1);
        return missing < 0 ? new(places, fields) : throw Bad(row, text, $"lacks column \"{Names[missing]}\"");
    }

    /// <summary>The column of that name, in any case, or -1.</summary>
    public static int IndexOf(string name) => Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The first required column for which nothing is given, or null.</summary>
    public static string? FirstMissing(object?[] given) => Names.Take(Required).Where((_, i) => given[i] is null).FirstOrDefault();

    /// <summary>The row's field of a column of <see cref="Names"/>; null where the header does not have it.</summary>
    public string? Field(IReadOnlyList<string> fields, int column) => places[column] >= 0 ? fields[places[column]] : null;

    private static TdxException Bad(long row, string text, string why) =>
        new(ExitCode.BadInput,
            $"row {row}: the header is \"{text}\": it {why}, want host, cpu, seamldr, running and, where known, remaining, in any order");
}
