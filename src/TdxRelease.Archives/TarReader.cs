using TdxRelease.Archives.Tar;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>
/// Reads tar archives that may be hostile: those of <see cref="TarWriter"/>,
/// GNU tar, dpkg and pacman, and nothing that could leave the root.
/// </summary>
public static class TarReader
{
    /// <summary>All entries in order; the entry of the root itself is left out.</summary>
    /// <param name="archive">The whole uncompressed archive.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">Bounds.</param>
    /// <exception cref="TdxException">
    /// Exit 3: damaged, unsafe or twofold names, links and devices, sizes beyond
    /// the end, bytes behind the end marker, what extractors read differently.
    /// </exception>
    public static IReadOnlyList<TarEntry> Read(ReadOnlyMemory<byte> archive, string name, ArchiveLimits? limits = null)
    {
        limits ??= ArchiveLimits.Default;
        var blocks = new TarBlocks(TarInput.Of(archive));
        var tree = new SafeTree(name, limits);
        try
        {
            while (blocks.Next() is { } member)
            {
                var path = member.RelativePath;
                if (path.Length > 0 || member.Type != TarMember.Folder)
                {
                    tree.Add(Entry(member, path, blocks.Content(), name, limits));
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw ArchiveErrors.InArchive(name, e.Message);
        }

        return tree.Entries;
    }

    private static TarEntry Entry(TarMember member, string path, ReadOnlyMemory<byte> content, string archive, ArchiveLimits limits)
    {
        if (member.Mode is < 0 or > 0x1FF)
        {
            throw ArchiveErrors.Entry(archive, path, $"mode {Convert.ToString(member.Mode, 8)} has other than permission bits");
        }

        return member.Type switch
        {
            TarMember.File => new TarEntry(path, content, member.Mode),
            TarMember.Folder => new TarEntry(path, default, member.Mode, TarEntryKind.Folder),
            TarMember.SymbolicLink when limits.Links => new TarEntry(path, default, member.Mode, TarEntryKind.SymbolicLink, member.Link),
            TarMember.SymbolicLink => throw ArchiveErrors.Entry(archive, path, "is a symbolic link"),
            TarMember.HardLink => throw ArchiveErrors.Entry(archive, path, "is a hard link"),
            _ => throw ArchiveErrors.Entry(archive, path, "is a device or a pipe"),
        };
    }
}
