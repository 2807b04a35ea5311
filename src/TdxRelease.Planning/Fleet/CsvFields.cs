namespace TdxRelease.Planning.Fleet;

/// <summary>The fields of one CSV line (RFC 4180 without line breaks in fields).</summary>
internal static class CsvFields
{
    /// <summary>Splits a line; null where a quote is not closed or stands in the middle of a field.</summary>
    public static List<string>? Split(string line)
    {
        var fields = new List<string>(5);
        for (var at = 0; ; at++)
        {
            if (at < line.Length && line[at] == '"')
            {
                if (Quoted(line, ref at) is not { } text)
                {
                    return null;
                }

                fields.Add(text);
            }
            else
            {
                var comma = line.IndexOf(',', at);
                var end = comma < 0 ? line.Length : comma;
                if (line.AsSpan(at, end - at).Contains('"'))
                {
                    return null;
                }

                fields.Add(line[at..end].Trim());
                at = end;
            }

            if (at == line.Length)
            {
                return fields;
            }
        }
    }

    /// <summary>Reads a quoted field; afterwards <paramref name="at"/> is at the comma behind it or at the end.</summary>
    private static string? Quoted(string line, ref int at)
    {
        var text = new System.Text.StringBuilder();
        for (at++; at < line.Length; at++)
        {
            if (line[at] != '"')
            {
                text.Append(line[at]);
            }
            else if (at + 1 < line.Length && line[at + 1] == '"')
            {
                text.Append(line[at++]);
            }
            else
            {
                at++;
                return at == line.Length || line[at] == ',' ? text.ToString() : null;
            }
        }

        return null;
    }
}
