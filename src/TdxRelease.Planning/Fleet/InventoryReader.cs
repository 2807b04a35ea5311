using System.Text;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Planning.Fleet;

/// <summary>Reads the lines of an inventory, one at a time. Lines that say the same of two hosts but their names are parsed once.</summary>
internal sealed class InventoryReader(InventoryFormat format)
{
    private const int MaxUnknown = 20;

    private readonly Dictionary<string, HostColumns> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedSet<string> unknown = new(StringComparer.Ordinal);
    private InventoryColumns? columns;

    /// <summary>Lines read so far.</summary>
    public long Row { get; private set; }

    /// <summary>Names of columns that were ignored, sorted; at most 20 of them.</summary>
    public IReadOnlyCollection<string> UnknownColumns => unknown;

    /// <summary>Reads a line without its line feed.</summary>
    /// <param name="line">The bytes.</param>
    /// <param name="host">The host's name.</param>
    /// <param name="state">The other columns.</param>
    /// <param name="error">What is wrong with the row, or null.</param>
    /// <returns>True for a row that can be planned; false for the header, a blank line or a bad row.</returns>
    /// <exception cref="TdxException">The header lacks a column or names one twice.</exception>
    public bool Read(ReadOnlySpan<byte> line, out string host, out HostColumns state, out InventoryError? error)
    {
        (host, state, error) = ("", default, null);
        Row++;
        line = Row == 1 && line.StartsWith(Encoding.UTF8.Preamble) ? line[3..] : line;
        line = line.TrimEnd((byte)'\r');
        if (line.IsEmpty)
        {
            return false;
        }

        if (!InventoryText.TryDecode(line, out var text))
        {
            error = new(Row, null, "the line is not UTF-8");
            return false;
        }

        if (format == InventoryFormat.Csv && columns is null)
        {
            columns = InventoryColumns.Read(text, Row, Ignore);
            return false;
        }

        var good = columns is not null ? Csv(columns, text, out host, out state, out error) : Jsonl(line, out host, out state, out error);
        good = good && IsNew(host, out error);
        error = error is null ? null : error with { Row = Row };
        return good;
    }

    private bool Csv(InventoryColumns header, string text, out string host, out HostColumns state, out InventoryError? error)
    {
        // The fast way: no quotes, and the text behind the host was seen before.
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        error = null;
        if (comma > 0 && text[0] != '"' && known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text.AsSpan(comma), out state))
        {
            host = text[..comma].Trim();
            return Name(host, out error);
        }

        (host, state) = ("", default);
        if (CsvFields.Split(text) is not { } fields)
        {
            error = new(0, null, "a quote is not closed or stands inside a field");
        }
        else if (fields.Count != header.Header.Count)
        {
            error = new(0, null, $"{fields.Count} fields, want {header.Header.Count} ({string.Join(',', header.Header)})");
        }
        else
        {
            host = header.Field(fields, 0)!;
            var read = Name(host, out error)
                && HostColumns.TryParse(header.Field(fields, 1)!, header.Field(fields, 2)!, header.Field(fields, 3)!, header.Field(fields, 4), out state, out error);
            if (read && header.HostAndStateOnly && text[0] != '"')
            {
                Remember(text[comma..], state);
            }
        }

        return error is null;
    }

    private bool Jsonl(ReadOnlySpan<byte> line, out string host, out HostColumns state, out InventoryError? error)
    {
        (host, state, error) = ("", default, null);
        LocatedValue value;
        try
        {
            value = PositionedJson.Parse(line);
        }
        catch (JsonException)
        {
            error = new(0, null, "the line is not JSON");
            return false;
        }

        if (value.Kind != JsonKind.Object)
        {
            error = new(0, null, "the line is no JSON object");
            return false;
        }

        var given = new LocatedValue?[InventoryColumns.Names.Length];
        error = Members(value, given);
        if (error is null && Name(host = given[0]!.Text, out error))
        {
            var remaining = given[4] is { Kind: JsonKind.Number } number ? number.Text : null;
            HostColumns.TryParse(given[1]!.Text, given[2]!.Text, given[3]!.Text, remaining, out state, out error);
        }

        return error is null;
    }

    private InventoryError? Members(LocatedValue value, LocatedValue?[] given)
    {
        foreach (var member in value.Members)
        {
            var column = InventoryColumns.IndexOf(member.Name);
            if (column < 0)
            {
                Ignore(member.Name);
                continue;
            }

            if (given[column] is not null)
            {
                return new(0, InventoryColumns.Names[column], "given twice");
            }

            given[column] = member.Value;
            var remaining = column == 4;
            var good = remaining ? member.Value.Kind is JsonKind.Number or JsonKind.Null : member.Value.Kind == JsonKind.String;
            if (!good)
            {
                return new(0, InventoryColumns.Names[column], remaining ? "want a number or null" : "want a string");
            }
        }

        return InventoryColumns.FirstMissing(given) is { } missing ? new(0, missing, "missing") : null;
    }

    private static bool Name(string host, out InventoryError? error)
    {
        error = host.Length > 0 && !host.Any(char.IsControl) ? null : new(0, "host", host.Length == 0 ? "empty" : "the name holds a control character");
        return error is null;
    }

    /// <summary>Host names are those of DNS: case does not tell two of them apart.</summary>
    private bool IsNew(string host, out InventoryError? error)
    {
        error = hosts.TryAdd(host, Row) ? null : new(0, "host", $"\"{host}\" is in row {hosts[host]} already");
        return error is null;
    }

    private void Ignore(string column)
    {
        if (unknown.Count < MaxUnknown)
        {
            unknown.Add(column);
        }
    }

    private void Remember(string tail, HostColumns state)
    {
        // Hostile inventories must not grow the memory without end.
        if (known.Count >= 1 << 16)
        {
            known.Clear();
        }

        known[tail] = state;
    }
}
