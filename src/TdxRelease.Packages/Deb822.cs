using System.Text;
using TdxRelease.Archives;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages;

/// <summary>deb822(5): paragraphs of "Field: value" with indented continuation lines.</summary>
public static class Deb822
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The bytes as UTF-8; anything else is exit 3.</summary>
    public static string Text(ReadOnlySpan<byte> bytes, string place)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw ArchiveErrors.InArchive(place, "is not UTF-8");
        }
    }

    /// <summary>The paragraphs; values keep their line feeds, without the leading blanks of each line.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Parse(string text, string place)
    {
        var stanzas = new List<IReadOnlyDictionary<string, string>>();
        Dictionary<string, string>? stanza = null;
        string? last = null;
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.Length == 0)
            {
                (stanza, last) = (null, null);
                continue;
            }

            if (line.Any(c => char.IsControl(c) && c != '\t'))
            {
                throw Bad(place, number, line, "has a control character");
            }

            if (line[0] is ' ' or '\t')
            {
                if (stanza is null || last is null)
                {
                    throw Bad(place, number, line, "continues nothing");
                }

                stanza[last] += $"\n{line.TrimStart()}";
                continue;
            }

            if (stanza is null)
            {
                stanza = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                stanzas.Add(stanza);
            }

            last = AddField(stanza, line, place, number);
        }

        return stanzas;
    }

    private static string AddField(Dictionary<string, string> stanza, string line, string place, int number)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || line[..colon].Any(c => c is <= ' ' or > '~'))
        {
            throw Bad(place, number, line, "is not a field");
        }

        return stanza.TryAdd(line[..colon], line[(colon + 1)..].Trim())
            ? line[..colon]
            : throw Bad(place, number, line, $"is field \"{line[..colon]}\" a second time");
    }

    /// <summary>A field that must be there; exit 3 otherwise.</summary>
    public static string Require(IReadOnlyDictionary<string, string> stanza, string field, string place) =>
        stanza.TryGetValue(field, out var value) && value.Length > 0
            ? value
            : throw ArchiveErrors.InArchive(place, $"field \"{field}\" is missing");

    private static TdxException Bad(string place, int line, string text, string problem) =>
        new(ExitCode.BadInput, $"{place}:{line}: \"{SafePath.Printable(text.Length > 60 ? text[..60] : text)}\" {problem}");
}
