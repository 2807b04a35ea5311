using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>The index of source packages, for <c>apt-get source</c>.</summary>
internal static class AptSources
{
    /// <summary>The fields of a <c>.dsc</c>.</summary>
    /// <exception cref="TdxException">Exit 4: it is not signed by the repository's signer; exit 3: damaged.</exception>
    public static IReadOnlyDictionary<string, string> Read(ReadOnlyMemory<byte> dsc, string name, OpenPgpVerifier verifier)
    {
        var result = verifier.VerifyClearSigned(dsc.ToArray());
        return result is { IsGood: true, Text: { } text } && Deb822.Parse(text, name) is [var fields]
            ? fields
            : throw RepositoryFolder.NotAccepted(name, result);
    }

    /// <summary>The files that a <c>.dsc</c> or a paragraph of Sources names, with their digests.</summary>
    /// <exception cref="TdxException">Exit 3 or 4: a field is missing, or a line of it is none.</exception>
    public static IEnumerable<(string Name, string Sha256)> Listed(IReadOnlyDictionary<string, string> fields, string place)
    {
        foreach (var line in Deb822.Require(fields, "Checksums-Sha256", place).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var hash, _, var name]
                && SafePath.IsSafe(name) && !name.Contains('/', StringComparison.Ordinal)
                ? (name, hash)
                : throw RepositoryFolder.Damaged(place, $"has the line \"{SafePath.Printable(line)}\"");
        }
    }

    /// <summary>Sources: the fields of every <c>.dsc</c> in the pool, with its place and itself among the files.</summary>
    public static string Index(SortedDictionary<string, byte[]> files, OpenPgpVerifier verifier)
    {
        var text = new StringBuilder();
        foreach (var (path, content) in files.Where(f => f.Key.EndsWith(".dsc", StringComparison.Ordinal)))
        {
            var folder = Path.GetDirectoryName(path)!;
            var fields = Read(content, path, verifier);
            var (listed, section) = (Listed(fields, path).Select(f => f.Name).Prepend(Path.GetFileName(path)).ToList(), Section(fields));
            text.Append(CultureInfo.InvariantCulture, $"Package: {Deb822.Require(fields, "Source", path)}\n");
            foreach (var (field, value) in fields.Where(f => !IsReplaced(f.Key)))
            {
                var first = value[0] == '\n' ? "" : " ";
                text.Append(CultureInfo.InvariantCulture, $"{field}:{first}{value.Replace("\n", "\n ", StringComparison.Ordinal)}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"Priority: optional\nSection: {section}\nDirectory: {folder}\n");
            var found = listed.Select(n => (Name: n, Content: files.GetValueOrDefault($"{folder}/{n}")
                ?? throw RepositoryFolder.Damaged($"{folder}/{n}", "is missing"))).ToList();
            Sums(text, "Files", found, MD5.HashData); // MD5 by format
            Sums(text, "Checksums-Sha256", found, SHA256.HashData);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static bool IsReplaced(string field) =>
        field is "Source" or "Files" || field.StartsWith("Checksums-", StringComparison.Ordinal);

    private static void Sums(StringBuilder text, string field, List<(string Name, byte[] Content)> files, Func<byte[], byte[]> hash)
    {
        text.Append(CultureInfo.InvariantCulture, $"{field}:\n");
        files.ForEach(f => text.Append(CultureInfo.InvariantCulture,
            $" {Convert.ToHexStringLower(hash(f.Content))} {f.Content.Length} {f.Name}\n"));
    }

    // "NAME deb SECTION PRIORITY arch=all"
    private static string Section(IReadOnlyDictionary<string, string> fields) =>
        fields.GetValueOrDefault("Package-List", "").Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, var section, ..]
            ? section : "misc";
}
