using TdxRelease.Modules.Findings;

namespace TdxRelease.Files;

/// <summary>Writes a file so that its name never shows half of it: aside, fsync, rename, fsync of the folder.</summary>
public static class AtomicFile
{
    /// <summary>Mode 0644 whatever the umask says, so that output is the same for every user.</summary>
    public const UnixFileMode DefaultMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Mode 0600, for private keys.</summary>
    public const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes the bytes under the name, replacing what was there only when the new content is complete and on disk.</summary>
    /// <exception cref="TdxException">Exit 6: the folder is missing or read-only, the disk is full.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = DefaultMode, bool overwrite = true)
    {
        using var writer = new AtomicFileWriter(path, mode, overwrite);
        try
        {
            writer.Stream.Write(content);
        }
        catch (IOException e)
        {
            throw IoErrors.Writing(path, e);
        }

        writer.Commit();
    }
}
