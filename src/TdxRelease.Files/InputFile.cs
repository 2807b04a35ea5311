using TdxRelease.Modules.Findings;

namespace TdxRelease.Files;

/// <summary>Reads whole files with a bound, never through a symbolic link, and notices when they change underneath.</summary>
public static class InputFile
{
    /// <summary>Reads a regular file of at most <paramref name="limit"/> bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Largest length in bytes; a longer file is exit 3 before anything is read.</param>
    /// <param name="name">How messages call it; the path where null.</param>
    /// <exception cref="TdxException">Exit 6 (missing, unreadable), exit 3 (link, folder, device, too long, changed while it was read).</exception>
    public static byte[] Read(string path, long limit, string? name = null)
    {
        byte[]? bytes = null;
        _ = Read(path, limit, name ?? path, length => bytes = GC.AllocateUninitializedArray<byte>(length));
        return bytes!;
    }

    /// <summary>As <see cref="Read(string, long, string?)"/>, into a buffer that is kept for the next file and replaced where it is too short.</summary>
    /// <returns>The file's bytes, in the buffer.</returns>
    public static ReadOnlyMemory<byte> ReadInto(string path, long limit, string name, ref byte[] buffer)
    {
        var kept = buffer;
        var length = Read(path, limit, name, length => kept.Length >= length ? kept : kept = GC.AllocateUninitializedArray<byte>(length));
        buffer = kept;
        return kept.AsMemory(0, length);
    }

    private static int Read(string path, long limit, string name, Func<int, byte[]> allocate)
    {
        try
        {
            var info = new FileInfo(path);
            if (info.LinkTarget is not null)
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: is a symbolic link", "inputs are read from regular files only");
            }

            // A device or pipe could block for ever or never end.
            if (Directory.Exists(path) || (info.Exists && info.Attributes.HasFlag(FileAttributes.Device)))
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: is not a regular file");
            }

            using var handle = File.OpenHandle(path);
            var length = RandomAccess.GetLength(handle);
            if (length > limit)
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: {length} bytes, at most {limit} are taken");
            }

            var bytes = allocate((int)length).AsSpan(0, (int)length);
            var read = 0;
            while (read < bytes.Length)
            {
                var n = RandomAccess.Read(handle, bytes[read..], read);
                if (n == 0)
                {
                    break;
                }

                read += n;
            }

            if (read != bytes.Length || RandomAccess.GetLength(handle) != length)
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: changed while it was read");
            }

            return bytes.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Reading(name, e);
        }
    }
}
