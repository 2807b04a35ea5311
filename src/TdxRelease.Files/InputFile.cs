using System.Buffers;
using Microsoft.Win32.SafeHandles;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Files;

/// <summary>Reads whole files with a bound, never through a symbolic link, and notices when they change underneath.</summary>
public static class InputFile
{
    private const int Chunk = 64 << 10;

    /// <summary>Reads a regular file of at most <paramref name="limit"/> bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Largest length in bytes; a longer file is exit 3 before anything is read.</param>
    /// <param name="name">How messages call it; the path where null.</param>
    /// <exception cref="TdxException">Exit 6 (missing, unreadable), exit 3 (link, folder, device, too long, changed while it was read).</exception>
    public static byte[] Read(string path, long limit, string? name = null)
    {
        byte[] bytes = [];
        var at = 0;
        Read(path, limit, length => bytes = GC.AllocateUninitializedArray<byte>((int)length), handle => at += RandomAccess.Read(handle, bytes.AsSpan(at), at), name ?? path);
        return bytes;
    }

    /// <summary>Reads a regular file piece by piece, for those who need its bytes only once.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Largest length in bytes.</param>
    /// <param name="take">Gets the pieces in order.</param>
    /// <param name="name">How messages call it; the path where null.</param>
    /// <exception cref="TdxException">As above; pieces may have been handed out by then.</exception>
    public static void ReadPieces(string path, long limit, Action<ReadOnlySpan<byte>> take, string? name = null)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        var at = 0L;
        Read(path, limit, _ => { }, handle =>
        {
            var n = RandomAccess.Read(handle, buffer.AsSpan(0, Chunk), at);
            take(buffer.AsSpan(0, n));
            return at += n;
        }, name ?? path);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>As <see cref="Read(string, long, string?)"/>, into a buffer that is kept for the next file and replaced where it is too short.</summary>
    /// <returns>The file's bytes, in the buffer.</returns>
    public static ReadOnlyMemory<byte> ReadInto(string path, long limit, string name, ref byte[] buffer)
    {
        var kept = buffer;
        var length = 0;
        var at = 0;
        Read(
            path,
            limit,
            found =>
            {
                length = (int)found;
                kept = kept.Length >= length ? kept : GC.AllocateUninitializedArray<byte>(length);
            },
            handle => at += RandomAccess.Read(handle, kept.AsSpan(at, length - at), at),
            name);
        buffer = kept;
        return kept.AsMemory(0, length);
    }

    // "next" reads on and tells how far it is.
    private static void Read(string path, long limit, Action<long> begin, Func<SafeFileHandle, long> next, string name)
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

            begin(length);
            var at = 0L;
            for (var before = -1L; at < length && at > before;)
            {
                before = at;
                at = next(handle);
            }

            if (at != length || RandomAccess.GetLength(handle) != length)
            {
                throw new TdxException(ExitCode.BadInput, $"{name}: changed while it was read");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Reading(name, e);
        }
    }
}
