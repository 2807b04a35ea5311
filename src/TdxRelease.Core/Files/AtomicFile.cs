using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>
/// Writes a file so that its name never shows half of it: aside, fsync, rename,
/// fsync of the folder. A symbolic link stays, and what it points at is written so.
/// What is not a file that could be replaced (a device, a FIFO, a descriptor of the process) is written through.
/// </summary>
public static class AtomicFile
{
    /// <summary>Standard output wherever an output file can be named, standard input where a stream can be read.</summary>
    public const string Stdout = "-";

    /// <summary>Mode 0644 whatever the umask says, so that output is the same for every user.</summary>
    public const UnixFileMode DefaultMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
        | UnixFileMode.OtherRead;

    /// <summary>Mode 0600, for private keys.</summary>
    public const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes the bytes under the name, replacing what was there only when the new content is complete and on disk.</summary>
    /// <param name="path">The file; <c>-</c> is standard output.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="mode">Permissions of a file that is made or replaced.</param>
    /// <param name="overwrite">False refuses a name that is taken, be it by a link that leads nowhere.</param>
    /// <exception cref="TdxException">
    /// Exit 2: the name is empty. Exit 6: a folder stands there, its folder is missing or read-only, the disk is full.
    /// </exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = DefaultMode, bool overwrite = true)
    {
        var target = overwrite ? path == Stdout ? "/dev/stdout" : OutputPath.Final(path) : path;
        var found = FileStat.Of(target);
        try
        {
            if (overwrite && (OutputPath.Descriptor(target) is not null || found is { Kind: FileKind.Special }))
            {
                WriteThrough(target, content);
            }
            else if (target.EndsWith('/') || (overwrite && found is { Kind: FileKind.Folder }))
            {
                throw new IOException("it is a directory");
            }
            else
            {
                using var writer = new AtomicFileWriter(target, mode, overwrite);
                writer.Stream.Write(content);
                writer.Commit();
            }
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw IoErrors.Writing(path, e);
        }
    }

    private static void WriteThrough(string target, ReadOnlySpan<byte> content)
    {
        if (OutputPath.Descriptor(target) is { } descriptor)
        {
            // Opened again by its name it would be another file: at its beginning, and none at all where it is a socket.
            NativeFile.WriteAll(descriptor, content);
            return;
        }

        using var handle = NativeFile.Write(target, out var error) ?? throw NativeFile.Failure(error, target);
        NativeFile.WriteAll((int)handle.DangerousGetHandle(), content);
    }
}
