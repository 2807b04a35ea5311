using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Planning.Fleet;

/// <summary>Reads the lines of an inventory, one at a time. Lines that say the same of two hosts but their names are parsed once.</summary>
/// <param name="format">CSV or JSON lines.</param>
/// <param name="keepOthers">Whether rows carry the columns that no plan needs.</param>
internal sealed class InventoryReader(InventoryFormat format, bool keepOthers = false)
{
    private const int MaxUnknown = 20;

    private readonly Dictionary<(string Cpu, string Seamldr, string Running, string? Remaining), HostColumns> known = [];
    private readonly HostRows hosts = new();
    private readonly SortedSet<string> unknown = new(StringComparer.Ordinal);
    private InventoryColumns? columns;

    /// <summary>Lines read so far.</summary>
    public long Row { get; private set; }

    /// <summary>Names of the columns of a CSV that no plan needs, in order; known once its header was read.</summary>
    public IReadOnlyList<string> OtherColumns => columns is null ? [] : [.. columns.Others.Select(i => columns.Header[i])];

    /// <summary>Names of columns that were ignored, sorted; at most 20 of them.</summary>
    public IReadOnlyCollection<string> UnknownColumns => keepOthers ? [] : unknown;

    /// <summary>Reads a line without its line feed.</summary>
    /// <param name="line">The bytes.</param>
    /// <param name="row">What it says.</param>
    /// <param name="error">What is wrong with the row, or null.</param>
    /// <returns>True for a row that can be planned; false for the header, a blank line or a bad row.</returns>
    /// <exception cref="TdxException">The header lacks a column or names one twice.</exception>
    public bool Read(ReadOnlySpan<byte> line, out InventoryRow row, out InventoryError? error)
    {
        (row, error) = (default, null);
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
            columns = InventoryColumns.Read(text, Row, keepOthers ? OnlyOnce : Ignore);
            return false;
        }

        var good = columns is not null ? Csv(columns, text, out row, out error) : Jsonl(line, out row, out error);
        good = good && IsNew(row.Host, out error);
        error = error is null ? null : error with { Row = Row };
        return good;
    }

    private bool Csv(InventoryColumns header, string text, out InventoryRow row, out InventoryError? error)
    {
        row = default;
        var fields = text.Contains('"', StringComparison.Ordinal) ? CsvFields.Split(text)
            : (IReadOnlyList<string>)text.Split(',', StringSplitOptions.TrimEntries);
        if (fields is null)
        {
            error = new(0, null, "a quote is not closed or stands inside a field");
        }
        else if (fields.Count != header.Header.Count)
        {
            error = new(0, null, $"{fields.Count} fields, want {header.Header.Count} ({string.Join(',', header.Header)})");
        }
        else if (Name(header.Field(fields, 0)!, out error) && State(header.Field(fields, 1)!, header.Field(fields, 2)!,
            header.Field(fields, 3)!, header.Field(fields, 4), out var state, out error))
        {
            row = new(header.Field(fields, 0)!, state, keepOthers ? [.. header.Others.Select(i => (header.Header[i], Quoted(fields[i])))]
                : []);
        }

        return error is null;
    }

    private bool Jsonl(ReadOnlySpan<byte> line, out InventoryRow row, out InventoryError? error)
    {
        row = default;
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
            error = new(0, null, "the line is not a JSON object");
            return false;
        }

        var given = new LocatedValue?[InventoryColumns.Names.Length];
        error = Members(value, given);
        var remaining = given[4] is { Kind: JsonKind.Number } number ? number.Text : null;
        if (error is null && Name(given[0]!.Text, out error) && State(given[1]!.Text, given[2]!.Text, given[3]!.Text, remaining,
            out var state, out error))
        {
            row = new(given[0]!.Text, state, keepOthers ? Others(line) : []);
        }

        return error is null;
    }

    /// <summary>The state, parsed once for all rows that write it alike.</summary>
    private bool State(string cpu, string seamldr, string running, string? remaining, out HostColumns state, out InventoryError? error)
    {
        error = null;
        if (known.TryGetValue((cpu, seamldr, running, remaining), out state))
        {
            return true;
        }

        // Hostile inventories must not grow the memory without end.
        if (known.Count >= 1 << 16)
        {
            known.Clear();
        }

        return HostColumns.TryParse(cpu, seamldr, running, remaining, out state, out error)
            && known.TryAdd((cpu, seamldr, running, remaining), state);
    }

    private static List<(string Name, string Json)> Others(ReadOnlySpan<byte> line)
    {
        using var document = JsonDocument.Parse(line.ToArray());
        return [.. document.RootElement.EnumerateObject().Where(m => InventoryColumns.IndexOf(m.Name) < 0)
            .Select(m => (m.Name, m.Value.GetRawText()))];
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private InventoryError? Members(LocatedValue value, LocatedValue?[] given)
    {
        foreach (var member in value.Members)
        {
            var column = InventoryColumns.IndexOf(member.Name);
            if (column < 0)
            {
                if (!keepOthers)
                {
                    Ignore(member.Name);
                }
                else if (value[member.Name] != member)
                {
                    return new(0, member.Name, "given twice");
                }

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
        error = host.Length > 0 && !host.Any(char.IsControl) ? null : new(0, "host", host.Length == 0 ? "empty"
            : "the name contains a control character");
        return error is null;
    }

    private bool IsNew(string host, out InventoryError? error)
    {
        error = hosts.Add(host, Row) is var earlier and not 0 ? new(0, "host", $"\"{host}\" is in row {earlier} already") : null;
        return error is null;
    }

    private void OnlyOnce(string column)
    {
        if (!unknown.Add(column))
        {
            throw new TdxException(ExitCode.BadInput, $"row {Row}: the header names column \"{column}\" twice");
        }
    }

    private void Ignore(string column)
    {
        if (unknown.Count < MaxUnknown)
        {
            unknown.Add(column);
        }
    }
}
