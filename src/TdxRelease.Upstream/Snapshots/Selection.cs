using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Snapshots;

/// <summary>What an entry of a source is, before anything of it is read.</summary>
internal enum EntryKind
{
    File,
    Folder,
    Link,
    Submodule,
    Special,
}

/// <summary>
/// Goes through the entries of one source and says which are data. It throws at the first entry that no honest upstream has:
/// the same rules for a folder, a git tree and an archive.
/// </summary>
/// <param name="source">How messages call the source.</param>
/// <param name="code">Exit 3 for a folder that the user named, exit 6 for what was fetched.</param>
internal sealed class Selection(string source, ExitCode code)
{
    private static ReadOnlySpan<byte> LfsPointer => "version https://git-lfs"u8;

    private readonly Dictionary<string, string> seen = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> files = new(StringComparer.Ordinal);
    private int entries;

    /// <summary>Regular files that are not data.</summary>
    public int Ignored { get; private set; }

    /// <summary>Whether the entry is a data file. Everything else that is harmless is counted.</summary>
    /// <exception cref="TdxException">
    /// A link, a submodule, an unsafe name, a name twice, a data file that is too long, too many entries.
    /// </exception>
    public bool Includes(string path, EntryKind kind, long length)
    {
        if (++entries > DataFiles.MaxCount)
        {
            throw Error($"more than {DataFiles.MaxCount} entries", "this is not upstream's repository");
        }

        if (!SafePath.IsSafe(path))
        {
            throw Error($"\"{SafePath.Printable(path)}\" is not a safe relative path");
        }

        NoCollision(path);
        switch (kind)
        {
            case EntryKind.Link:
                throw Error($"\"{path}\" is a symbolic link", "upstream has none; links are never followed");
            case EntryKind.Submodule:
                throw Error($"\"{path}\" is a submodule", "upstream has none; submodules are never fetched");
            case EntryKind.Special:
                throw Error($"\"{path}\" is not a regular file");
            case EntryKind.Folder:
                return DataFiles.KindOf(path) is null ? false : throw Error($"\"{path}\" is a directory, want a file");
        }

        if (!files.Add(path))
        {
            throw Error($"\"{path}\" appears twice");
        }

        if (DataFiles.KindOf(path) is null)
        {
            Ignored++;
            return false;
        }

        return length <= DataFiles.MaxLength ? true : throw TooLong(path, length);
    }

    /// <summary>Checks the bytes of a data file.</summary>
    /// <exception cref="TdxException">The file is a git LFS pointer instead of the content.</exception>
    public void CheckContent(string path, ReadOnlySpan<byte> content)
    {
        if (content.StartsWith(LfsPointer))
        {
            throw Error($"\"{path}\" is a git LFS pointer, not the file", "use a source that has the content, or run git lfs pull there");
        }
    }

    public TdxException TooLong(string path, long length) =>
        Error($"\"{path}\" has {length} bytes, the limit is {DataFiles.MaxLength}");

    public TdxException Error(string what, string? hint = null) => new(code, $"{source}: {what}", hint);

    private void NoCollision(string path)
    {
        // Every leading folder takes part: "Joined_files/x" beside "joined_files/y" is one folder on some file systems.
        for (var end = path.IndexOf('/', StringComparison.Ordinal); ; end = path.IndexOf('/', end + 1))
        {
            var part = end < 0 ? path : path[..end];
            if (!seen.TryAdd(part, part) && seen[part] != part)
            {
                throw Error($"\"{part}\" and \"{seen[part]}\" differ only in case");
            }

            if (end < 0)
            {
                return;
            }
        }
    }
}
