using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TdxRelease.Core.Files;

/// <summary>A file of an output folder.</summary>
/// <param name="Path">Relative to the folder, with forward slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public readonly record struct OutputEntry(string Path, long Length, string Sha256);

/// <summary>
/// The list of what tdxrel wrote into an output folder, which stands in the folder's root. It is the proof that the folder may be replaced.
/// Text: the line <c>tdxrel-output 1</c>, then one line a file, <c>SHA256
/// LENGTH  PATH</c>, in ordinal order of the paths, each line ended by LF.
/// </summary>
public static class OutputMarker
{
    /// <summary>Its name.</summary>
    public const string FileName = ".tdxrel-output";

    /// <summary>The longest list taken, in bytes.</summary>
    public const int MaxLength = 16 << 20;

    private const string FirstLine = "tdxrel-output 1";

    /// <summary>The bytes of the list of these files; the list itself is not one of them.</summary>
    /// <param name="entries">In any order.</param>
    public static byte[] Of(IEnumerable<OutputEntry> entries)
    {
        var text = new StringBuilder(FirstLine).Append('\n');
        foreach (var entry in entries.OrderBy(e => e.Path, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{entry.Sha256}  {entry.Length}  {entry.Path}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Brings the list of a folder up to date after one of its files was written again. Without a list nothing happens.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">The file, relative to it.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 6.</exception>
    public static void Renew(string folder, string path)
    {
        var marker = Path.Combine(folder, FileName);
        if (!File.Exists(marker) || !TryParse(InputFile.Read(marker, MaxLength, FileName), out var entries))
        {
            return;
        }

        var bytes = InputFile.Read(Path.Combine(folder, path), int.MaxValue, path);
        var renewed = new OutputEntry(path, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        AtomicFile.Write(marker, Of([.. entries.Where(e => e.Path != path), renewed]));
    }

    /// <summary>Reads a list.</summary>
    /// <returns>False for anything that <see cref="Of"/> would not write.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out IReadOnlyList<OutputEntry>? entries)
    {
        var parsed = new List<OutputEntry>();
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        foreach (var line in lines.Skip(1).SkipLast(1))
        {
            var fields = line.Split("  ", 3);
            if (fields.Length != 3 || !IsSha256(fields[0]) || !SafePath.IsSafe(fields[2])
                || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            {
                break;
            }

            parsed.Add(new OutputEntry(fields[2], length, fields[0]));
        }

        // Whatever was passed over above, or spelt in another way, does not come back.
        entries = parsed.DistinctBy(e => e.Path).Count() == parsed.Count && bytes.SequenceEqual(Of(parsed)) ? parsed : null;
        return entries is not null;
    }

    private static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
