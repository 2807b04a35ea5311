using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Archives;

/// <summary>Reads tar archives that may be hostile: those of <see cref="TarWriter"/>, GNU tar, dpkg and pacman, and nothing that could leave the root.</summary>
public static class TarReader
{
    /// <summary>All entries in order; the entry of the root itself is left out.</summary>
    /// <param name="archive">The whole uncompressed archive.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">Bounds.</param>
    /// <exception cref="TdxException">Exit 3: damaged, unsafe or twofold names, links and devices, sizes beyond the end, bytes behind the end marker.</exception>
    public static IReadOnlyList<TarEntry> Read(ReadOnlyMemory<byte> archive, string name, ArchiveLimits? limits = null) => Read(new SplitBytes(archive), name, limits);

    /// <summary>As above.</summary>
    public static IReadOnlyList<TarEntry> Read(SplitBytes archive, string name, ArchiveLimits? limits = null)
    {
        limits ??= ArchiveLimits.Default;
        var blocks = new TarBlocks(archive, name);
        var tree = new SafeTree(name, limits);
        while (blocks.Next() is { } header)
        {
            var path = Normal(header.Path);
            if (path.Length == 0 && header.Type == '5')
            {
                continue;
            }

            tree.Add(Entry(header, path, name, limits));
        }

        return tree.Entries;
    }

    private static TarEntry Entry(TarBlocks.Header header, string path, string archive, ArchiveLimits limits)
    {
        if (header.Mode is < 0 or > 0x1FF)
        {
            throw ArchiveErrors.Entry(archive, path, $"mode {Convert.ToString(header.Mode, 8)} has other than permission bits");
        }

        if (header.Type is not '0' and not '\0' && header.Content.Length > 0)
        {
            throw ArchiveErrors.Entry(archive, path, $"has {header.Content.Length} bytes and is no file");
        }

        switch (header.Type)
        {
            // An old tar marks a folder by the slash alone.
            case '0' or '\0' when !header.Path.EndsWith('/'):
                return new TarEntry(path, header.Content, header.Mode);
            case '5':
                return new TarEntry(path, default, header.Mode, TarEntryKind.Folder);
            case '2' when limits.Links:
                return new TarEntry(path, default, header.Mode, TarEntryKind.SymbolicLink, header.Link);
            case '2':
                throw ArchiveErrors.Entry(archive, path, "is a symbolic link");
            case '1':
                throw ArchiveErrors.Entry(archive, path, "is a hard link");
            case '3' or '4' or '6':
                throw ArchiveErrors.Entry(archive, path, "is a device or a pipe");
            default:
                throw ArchiveErrors.Entry(archive, path, $"has the unknown type \"{SafePath.Printable(header.Type.ToString())}\"");
        }
    }

    private static string Normal(string path)
    {
        var text = path;
        if (text is "." or "./")
        {
            return "";
        }

        if (text.StartsWith("./", StringComparison.Ordinal))
        {
            text = text[2..];
        }

        return text.EndsWith('/') && text.Length > 1 ? text[..^1] : text;
    }
}
