namespace TdxRelease.Archives.Tar;

/// <summary>One entry as its headers describe it.</summary>
/// <param name="Path">As the archive spells it.</param>
/// <param name="Link">Target of a link, otherwise empty.</param>
/// <param name="Type">Type flag: a regular file, folder, link, device or pipe; no other is taken.</param>
/// <param name="Mode">The mode field, at most 07777; -1 where it is more.</param>
/// <param name="Size">Bytes of content; 0 for everything but a regular file.</param>
/// <param name="Time">Seconds since 1970; -1 where the field is not plain octal.</param>
/// <param name="Start">Offset of its first header, that of a long name included.</param>
public readonly record struct TarMember(string Path, string Link, char Type, int Mode, long Size, long Time, long Start)
{
    /// <summary>Type flag of a regular file (POSIX ustar).</summary>
    public const char File = '0';

    /// <summary>Type flag of a hard link.</summary>
    public const char HardLink = '1';

    /// <summary>Type flag of a symbolic link.</summary>
    public const char SymbolicLink = '2';

    /// <summary>Type flag of a character device.</summary>
    public const char CharacterDevice = '3';

    /// <summary>Type flag of a block device.</summary>
    public const char BlockDevice = '4';

    /// <summary>Type flag of a directory.</summary>
    public const char Folder = '5';

    /// <summary>Type flag of a FIFO.</summary>
    public const char Pipe = '6';

    /// <summary>
    /// The path without the "./" that <c>tar -C DIR .</c> writes in front and without a slash at the end; empty for the root.
    /// </summary>
    public string RelativePath
    {
        get
        {
            var text = Path == "." ? "" : Path.StartsWith("./", StringComparison.Ordinal) ? Path[2..] : Path;
            return text.EndsWith('/') && text.Length > 1 ? text[..^1] : text;
        }
    }
}
