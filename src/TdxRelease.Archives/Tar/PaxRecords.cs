using System.Buffers.Text;
using System.Text;
using TdxRelease.Core.Files;

namespace TdxRelease.Archives.Tar;

/// <summary>
/// The records of a pax extended header (POSIX.1-2001, pax). Only keys that every
/// extractor understands alike or that say nothing about names and bytes are taken:
/// sparse maps, sizes, extended attributes, access control lists and file flags are refused.
/// </summary>
internal static class PaxRecords
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Path and link target of an extended header, null where it has none.</summary>
    /// <exception cref="InvalidDataException">Malformed, a key twice, a key that is not taken.</exception>
    public static (string? Path, string? Link) Read(ReadOnlySpan<byte> content)
    {
        var records = Parse(content);
        foreach (var (key, value) in records)
        {
            var sound = key switch
            {
                "path" or "linkpath" => value.Length > 0 && !value.Contains('\0', StringComparison.Ordinal),
                "mtime" or "atime" or "ctime" => IsTime(value),
                "uid" or "gid" => value.Length is > 0 and < 20 && value.All(char.IsAsciiDigit),
                "uname" or "gname" or "comment" => true,
                _ => throw new InvalidDataException($"pax record \"{SafePath.Printable(key)}\" is not taken"),
            };
            if (!sound)
            {
                throw new InvalidDataException($"pax record \"{key}\" has the value \"{SafePath.Printable(value)}\"");
            }
        }

        return (records.GetValueOrDefault("path"), records.GetValueOrDefault("linkpath"));
    }

    /// <summary>
    /// The comment of a global header, which git archive writes: the commit. Any other global record would change what follows.
    /// </summary>
    /// <exception cref="InvalidDataException">Malformed, or another key.</exception>
    public static string ReadGlobal(ReadOnlySpan<byte> content)
    {
        var records = Parse(content);
        return records.Keys.FirstOrDefault(k => k != "comment") is { } other
            ? throw new InvalidDataException($"global pax record \"{SafePath.Printable(other)}\" is not taken")
            : records.GetValueOrDefault("comment", "");
    }

    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("a name is not UTF-8");
        }
    }

    private static Dictionary<string, string> Parse(ReadOnlySpan<byte> content)
    {
        var records = new Dictionary<string, string>(StringComparer.Ordinal);
        while (content.Length > 0)
        {
            var blank = content.IndexOf((byte)' ');
            if (blank is < 1 or > 5
                || !Utf8Parser.TryParse(content[..blank], out int length, out var used)
                || used != blank
                || content[0] is < (byte)'1' or > (byte)'9'
                || length <= blank + 2
                || length > content.Length
                || content[length - 1] != '\n')
            {
                throw new InvalidDataException("a pax record has a wrong length");
            }

            var record = Text(content[(blank + 1)..(length - 1)]);
            var equals = record.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                throw new InvalidDataException("a pax record has no key");
            }

            if (!records.TryAdd(record[..equals], record[(equals + 1)..]))
            {
                throw new InvalidDataException($"pax record \"{SafePath.Printable(record[..equals])}\" stands twice");
            }

            content = content[length..];
        }

        return records;
    }

    private static bool IsTime(string value)
    {
        var digits = value.StartsWith('-') ? value[1..] : value;
        var parts = digits.Split('.');
        return parts.Length <= 2 && parts.All(p => p.Length is > 0 and < 20 && p.All(char.IsAsciiDigit));
    }
}
