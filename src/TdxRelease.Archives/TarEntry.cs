namespace TdxRelease.Archives;

/// <summary>The kinds of tar entry that are written and read here.</summary>
public enum TarEntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,
}

/// <summary>One entry of a tar archive. Owner and group are root, the time is the archive's.</summary>
/// <param name="Path">Relative path with forward slashes, without a slash at either end.</param>
/// <param name="Content">Bytes of a file; empty for the other kinds.</param>
/// <param name="Mode">Permission bits only, 0 to 0777.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LinkTarget">Target of a symbolic link, null otherwise.</param>
public sealed record TarEntry(string Path, ReadOnlyMemory<byte> Content, int Mode = TarEntry.FileMode,
    TarEntryKind Kind = TarEntryKind.File, string? LinkTarget = null)
{
    /// <summary>0644.</summary>
    public const int FileMode = 0x1A4;

    /// <summary>0755: folders and programs.</summary>
    public const int FolderMode = 0x1ED;

    /// <summary>A folder with mode 0755.</summary>
    public static TarEntry Folder(string path) => new(path, default, FolderMode, TarEntryKind.Folder);

    /// <summary>A symbolic link.</summary>
    public static TarEntry Link(string path, string target) => new(path, default, 0x1FF, TarEntryKind.SymbolicLink, target);
}
