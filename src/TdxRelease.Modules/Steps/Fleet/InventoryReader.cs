using System.Text;
using System.Text.Json;
using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Json;

namespace TdxRelease.Modules.Steps;

/// <summary>Reads the lines of an inventory, one at a time. Lines that say the same of two hosts but their names are parsed once.</summary>
internal sealed class InventoryReader(InventoryFormat format)
{
    private static readonly string[] Columns = ["host", "cpu", "seamldr", "running", "remaining"];

    private readonly Dictionary<string, HostColumns> known = new(StringComparer.Ordinal);
    private int columns;

    /// <summary>Lines read so far.</summary>
    public long Row { get; private set; }

    /// <summary>Reads a line without its line feed.</summary>
    /// <param name="line">The bytes.</param>
    /// <param name="host">The host's name.</param>
    /// <param name="state">The other columns.</param>
    /// <param name="error">What is wrong with the row, or null.</param>
    /// <returns>True for a row that can be planned; false for the header, a blank line or a bad row.</returns>
    /// <exception cref="TdxException">The header is not the one documented.</exception>
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

        if (format == InventoryFormat.Csv && columns == 0)
        {
            Header(text);
            return false;
        }

        var good = format == InventoryFormat.Csv ? Csv(text, out host, out state, out error) : Jsonl(line, out host, out state, out error);
        error = error is null ? null : error with { Row = Row };
        return good;
    }

    private void Header(string text)
    {
        var fields = CsvFields.Split(text) ?? [];
        if ((fields.Count != 4 && fields.Count != 5) || !fields.SequenceEqual(Columns.Take(fields.Count)))
        {
            throw new TdxException(ExitCode.BadInput, $"row {Row}: the header is \"{text}\", want \"host,cpu,seamldr,running\" or \"host,cpu,seamldr,running,remaining\"");
        }

        columns = fields.Count;
    }

    private bool Csv(string text, out string host, out HostColumns state, out InventoryError? error)
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
        else if (fields.Count != columns)
        {
            error = new(0, null, $"{fields.Count} fields, want {columns} ({string.Join(',', Columns.Take(columns))})");
        }
        else if (Name(host = fields[0], out error) && HostColumns.TryParse(fields[1], fields[2], fields[3], columns == 5 ? fields[4] : null, out state, out error) && text[0] != '"')
        {
            Remember(text[comma..], state);
        }

        return error is null;
    }

    private static bool Jsonl(ReadOnlySpan<byte> line, out string host, out HostColumns state, out InventoryError? error)
    {
        (host, state, error) = ("", default, null);
        JsonValue value;
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

        error = Members(value);
        if (error is null && Name(host = value["host"]!.Value.Text, out error))
        {
            var remaining = value["remaining"]?.Value is { Kind: JsonKind.Number } number ? number.Text : null;
            HostColumns.TryParse(value["cpu"]!.Value.Text, value["seamldr"]!.Value.Text, value["running"]!.Value.Text, remaining, out state, out error);
        }

        return error is null;
    }

    private static InventoryError? Members(JsonValue value)
    {
        foreach (var member in value.Members)
        {
            if (!Columns.Contains(member.Name))
            {
                return new(0, member.Name, $"unknown column, want {string.Join(", ", Columns)}");
            }

            if (value[member.Name] != member)
            {
                return new(0, member.Name, "given twice");
            }

            var good = member.Name == "remaining" ? member.Value.Kind is JsonKind.Number or JsonKind.Null : member.Value.Kind == JsonKind.String;
            if (!good)
            {
                return new(0, member.Name, member.Name == "remaining" ? "want a number or null" : "want a string");
            }
        }

        var missing = Columns.Take(4).FirstOrDefault(c => value[c] is null);
        return missing is null ? null : new(0, missing, "missing");
    }

    private static bool Name(string host, out InventoryError? error)
    {
        error = host.Length > 0 && !host.Any(char.IsControl) ? null : new(0, "host", host.Length == 0 ? "empty" : "the name holds a control character");
        return error is null;
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
