namespace TdxRelease.Files.Tar;

/// <summary>One entry as its headers describe it.</summary>
/// <param name="Path">As the archive spells it.</param>
/// <param name="Link">Target of a link, otherwise empty.</param>
/// <param name="Type">Type flag: a regular file, folder, link, device or pipe; no other is taken.</param>
/// <param name="Mode">The mode field, at most 07777; -1 where it is more.</param>
/// <param name="Size">Bytes of content; 0 for everything but a regular file.</param>
/// <param name="Time">Seconds since 1970; -1 where the field is not plain octal.</param>
/// <param name="Start">Offset of its first header, that of a long name included.</param>
internal readonly record struct TarMember(string Path, string Link, char Type, int Mode, long Size, long Time, long Start)
{
    public const char File = '0', HardLink = '1', SymbolicLink = '2', CharacterDevice = '3', BlockDevice = '4', Folder = '5', Pipe = '6';

    /// <summary>The path without the "./" that <c>tar -C DIR .</c> writes in front and without a slash at the end; empty for the root.</summary>
    public string RelativePath
    {
        get
        {
            var text = Path == "." ? "" : Path.StartsWith("./", StringComparison.Ordinal) ? Path[2..] : Path;
            return text.EndsWith('/') && text.Length > 1 ? text[..^1] : text;
        }
    }
}
