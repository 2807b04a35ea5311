using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>Reads whole files with a limit, never through a symbolic link, and notices when they change underneath.</summary>
public static class InputFile
{
    private const int Chunk = 64 << 10;

    /// <summary>Reads a regular file of at most <paramref name="limit"/> bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Largest length in bytes; a longer file is exit 3 before anything is read.</param>
    /// <param name="name">How messages call it; the path where null.</param>
    /// <exception cref="TdxException">
    /// Exit 6 (missing, unreadable), exit 3 (link, folder, device, too long, changed while it was read).
    /// </exception>
    public static byte[] Read(string path, long limit, string? name = null)
    {
        byte[] bytes = [];
        var at = 0;
        Read(path, limit, length => bytes = GC.AllocateUninitializedArray<byte>((int)length),
            handle => at += RandomAccess.Read(handle, bytes.AsSpan(at), at), name ?? path);
        return bytes;
    }

    /// <summary>
    /// As <see cref="Read(string, long, string?)"/>, for a file that may be standard input: <c>-</c> or <c>/dev/stdin</c>.
    /// </summary>
    /// <exception cref="TdxException">As above.</exception>
    public static byte[] ReadNamed(string path, int limit)
    {
        if (!IsStdin(path))
        {
            return Read(path, limit);
        }

        using var input = Console.OpenStandardInput();
        return ReadStream(path, input, limit);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="path">How messages call it.</param>
    /// <param name="input">The stream.</param>
    /// <param name="limit">Largest number of bytes.</param>
    /// <exception cref="TdxException">Exit 3 where there is more, exit 6 where it cannot be read.</exception>
    internal static byte[] ReadStream(string path, Stream input, int limit)
    {
        var buffer = new byte[limit + 1];
        var length = 0;
        IoErrors.Reading(path, () => length = input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        return length <= limit ? buffer[..length]
            : throw new TdxException(ExitCode.BadInput, $"{path}: more than {limit} bytes, which is the limit");
    }

    /// <summary>Whether the name means standard input.</summary>
    public static bool IsStdin(string path) => path is AtomicFile.Stdout or "/dev/stdin";

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

    /// <summary>
    /// As <see cref="Read(string, long, string?)"/>, into a buffer that is kept for the next file and replaced where it is too short.
    /// </summary>
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
            handle => at += RandomAccess.Read(handle, kept.AsSpan(at..length), at),
            name);
        buffer = kept;
        return kept.AsMemory(0, length);
    }

    /// <summary>
    /// Opens a regular file; every input is opened so. Whatever else stands
    /// there is found out without waiting for it: a FIFO would block for ever,
    /// a device might never end.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Largest length in bytes; a longer file is exit 3 before anything is read.</param>
    /// <param name="length">Its length.</param>
    /// <param name="name">How messages call it; the path where null.</param>
    /// <exception cref="TdxException">Exit 6 (missing, unreadable), exit 3 (link, folder, device, FIFO, socket, too long).</exception>
    public static SafeFileHandle Open(string path, long limit, out long length, string? name = null)
    {
        name ??= path;
        var handle = NativeFile.Read(path, out var error) ?? throw (error switch
        {
            NativeFile.TooManyLinks =>
                new TdxException(ExitCode.BadInput, $"{name}: is a symbolic link", "inputs are read from regular files only"),
            NativeFile.NoSuchDevice => NotRegular(name),
            _ => IoErrors.Reading(name, NativeFile.Failure(error, path)),
        });
        var stat = FileStat.Of(handle);
        length = stat?.Length ?? 0;
        if (stat is { Kind: FileKind.Regular } && length <= limit)
        {
            return handle;
        }

        handle.Dispose();
        throw stat is { Kind: FileKind.Regular }
            ? new TdxException(ExitCode.BadInput, $"{name}: {length} bytes, the limit is {limit}")
            : NotRegular(name);
    }

    /// <summary>As <see cref="Open(string, long, out long, string?)"/>, as a stream from its beginning. Seekable.</summary>
    /// <exception cref="TdxException">As above; reading it, exit 6 with its name.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The stream takes over the handle.")]
    public static Stream OpenStream(string path, long limit) =>
        new InputStream(new FileStream(Open(path, limit, out _), FileAccess.Read, Chunk), path);

    /// <summary>
    /// As <see cref="OpenStream"/>, for what is read as it comes: standard input and process substitution (<c>/dev/fd/63</c>) too.
    /// </summary>
    /// <exception cref="TdxException">As above.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The stream takes over the handle, which leaves the descriptor open.")]
    public static Stream OpenStreaming(string path, long limit) =>
        IsStdin(path) ? new InputStream(Console.OpenStandardInput(), path)
        : OutputPath.Descriptor(Path.GetFullPath(path)) is { } descriptor
        ? new InputStream(new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Read, Chunk), path)
        : OpenStream(path, limit);

    private static TdxException NotRegular(string name) => new(ExitCode.BadInput, $"{name}: is not a regular file");

    // "next" reads on and tells how far it is.
    private static void Read(string path, long limit, Action<long> begin, Func<SafeFileHandle, long> next, string name)
    {
        using var handle = Open(path, limit, out var length, name);
        begin(length);
        var (at, after) = (0L, 0L);
        IoErrors.Reading(name, () =>
        {
            for (var before = -1L; at < length && at > before;)
            {
                before = at;
                at = next(handle);
            }

            after = RandomAccess.GetLength(handle);
        });
        if (at != length || after != length)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: changed while it was read");
        }
    }
}
