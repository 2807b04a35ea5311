using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.Checksums;

/// <summary>
/// The list of a folder's files, as sha256sum(1) writes and checks it: SHA-256 in lower-case hex, two blanks, path, LF; in ordinal order of
/// the paths.
/// It names every file of the folder but itself, its signatures and the marker <c>.tdxrel-output</c>.
/// </summary>
public static class ChecksumList
{
    /// <summary>Its name, in the folder's root.</summary>
    public const string FileName = "SHA256SUMS";

    /// <summary>RSA PKCS#1 v1.5 with SHA-512 over the list, raw big-endian bytes.</summary>
    public const string SignatureName = "SHA256SUMS.sig";

    /// <summary>Armored detached OpenPGP signature over the list.</summary>
    public const string OpenPgpSignatureName = "SHA256SUMS.asc";

    /// <summary>The longest list taken, in bytes.</summary>
    public const int MaxLength = 16 << 20;

    private const int HashLength = 64;
    private const string Separator = "  ";

    /// <summary>Whether a path of the folder is the list or a signature over it.</summary>
    public static bool IsPart(string path) => path is FileName or SignatureName or OpenPgpSignatureName;

    /// <summary>The list of these files.</summary>
    /// <param name="files">SHA-256 by path, in any order.</param>
    public static byte[] Write(IEnumerable<KeyValuePair<string, string>> files) =>
        Encoding.UTF8.GetBytes(
            string.Concat(files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Value}{Separator}{f.Key}\n")));

    /// <summary>Reads a list.</summary>
    /// <param name="bytes">The list.</param>
    /// <param name="name">How messages call it.</param>
    /// <returns>SHA-256 by path.</returns>
    /// <exception cref="TdxException">Exit 4: anything that <see cref="Write"/> would not write.</exception>
    public static SortedDictionary<string, string> Parse(ReadOnlySpan<byte> bytes, string name)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n').SkipLast(1))
        {
            number++;
            var (hash, path) = line.Length > HashLength + Separator.Length ? (line[..HashLength], line[(HashLength + Separator.Length)..])
                : ("", "");
            if (!hash.All(char.IsAsciiHexDigitLower) || !SafePath.IsSafe(path) || IsPart(path) || !files.TryAdd(path, hash))
            {
                throw new TdxException(ExitCode.VerificationFailed,
                    $"{name}: line {number}: got \"{SafePath.Printable(line)}\", want a SHA-256, two blanks and a path that comes once");
            }
        }

        // The order, and whatever else can be spelt in another way, such as a missing line end.
        return bytes.SequenceEqual(Write(files))
            ? files
            : throw new TdxException(ExitCode.VerificationFailed, $"{name}: is not sorted by path, or a line does not end in a line feed");
    }
}
