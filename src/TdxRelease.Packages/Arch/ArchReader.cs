using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;

namespace TdxRelease.Packages.Arch;

/// <summary>An Arch package read back.</summary>
/// <param name="Info">Keys and values of .PKGINFO in order; keys may repeat.</param>
/// <param name="Metadata">The dot files.</param>
/// <param name="Content">What is installed.</param>
public sealed record ArchContents(IReadOnlyList<KeyValuePair<string, string>> Info, IReadOnlyList<TarEntry> Metadata,
    IReadOnlyList<TarEntry> Content)
{
    /// <summary>All values of a key.</summary>
    public IEnumerable<string> All(string key) => Info.Where(p => p.Key == key).Select(p => p.Value);

    /// <summary>The only value of a key, or empty.</summary>
    public string One(string key) => All(key).FirstOrDefault() ?? "";
}

/// <summary>Reads Arch packages that may be hostile.</summary>
public static class ArchReader
{
    /// <summary>Metadata and files.</summary>
    /// <param name="package">The package.</param>
    /// <param name="name">What messages call it; its ending tells the compression.</param>
    /// <param name="limits">Bounds.</param>
    /// <exception cref="TdxException">Exit 3: damaged, or without a usable .PKGINFO.</exception>
    public static ArchContents Read(ReadOnlyMemory<byte> package, string name, ArchiveLimits? limits = null) =>
        Read(package, name, limits, written: false);

    /// <summary>
    /// As <see cref="Read(ReadOnlyMemory{byte}, string, ArchiveLimits?)"/>, of a package that is byte for byte what <see
    /// cref="ArchWriter"/> makes of it, compression aside.
    /// </summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static ArchContents ReadWritten(ReadOnlyMemory<byte> package, string name) => Read(package, name, null, written: true);

    private static ArchContents Read(ReadOnlyMemory<byte> package, string name, ArchiveLimits? limits, bool written)
    {
        limits ??= ArchiveLimits.Default;
        var tar = Compressor.Decompress(package.Span, Compressor.KindOf(name), name, limits);
        var entries = TarReader.Read(tar, name, limits with { Links = true });
        if (written)
        {
            CanonicalTar.Require(tar, name, TarHeaderFormat.Pax);
        }

        var metadata = entries.Where(e => e.Path.StartsWith('.')).ToList();
        var info = metadata.FirstOrDefault(e => e is { Path: ".PKGINFO", Kind: TarEntryKind.File })
            ?? throw ArchiveErrors.InArchive(name, "has no .PKGINFO");
        return new ArchContents(ParseInfo(info, name), metadata, [.. entries.Where(e => !e.Path.StartsWith('.'))]);
    }

    private static List<KeyValuePair<string, string>> ParseInfo(TarEntry info, string name)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var line in Deb822.Text(info.Content.Span, $"{name}: .PKGINFO").Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            var at = line.IndexOf(" = ", StringComparison.Ordinal);
            if (at < 1 || line.Any(char.IsControl))
            {
                throw ArchiveErrors.InArchive($"{name}: .PKGINFO",
                    $"\"{TdxRelease.Core.Files.SafePath.Printable(line)}\" is not a line of the form key = value");
            }

            pairs.Add(new(line[..at], line[(at + 3)..]));
        }

        foreach (var key in (string[])["pkgname", "pkgver", "arch"])
        {
            if (pairs.Count(p => p.Key == key) != 1)
            {
                throw ArchiveErrors.InArchive($"{name}: .PKGINFO", $"\"{key}\" must stand there once");
            }
        }

        return pairs;
    }
}
