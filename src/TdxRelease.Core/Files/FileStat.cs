using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TdxRelease.Core.Files;

/// <summary>What kind of thing a name stands for, links not followed.</summary>
public enum FileKind
{
    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A device, pipe or socket: opening it could block for ever.</summary>
    Special,
}

/// <summary>
/// A time of a file as the kernel keeps it. Two numbers instead of one of 128 bits, which ahead-of-time compilation does not take.
/// </summary>
/// <param name="Seconds">Since 1970.</param>
/// <param name="Nanoseconds">Of the second.</param>
public readonly record struct FileTime(long Seconds, uint Nanoseconds);

/// <summary>
/// The state of a file from one <c>statx</c> call (linux/stat.h; the layout is the same on every architecture).
/// Two equal values before and after a read mean that nobody wrote in between: every write moves the change time.
/// </summary>
/// <param name="Kind">Regular file, folder, link or something else.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Inode">Inode number: a replaced file gets another.</param>
/// <param name="Changed">Change time (ctime).</param>
/// <param name="Modified">Modification time.</param>
public readonly partial record struct FileStat(FileKind Kind, long Length, ulong Inode, FileTime Changed, FileTime Modified)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH: the descriptor itself
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS

    /// <summary>The state of a name, without following a link in its last part; null where nothing is there or it cannot be seen.</summary>
    public static FileStat? Of(string path)
    {
        Span<byte> buffer = stackalloc byte[256];
        return Statx(CurrentFolder, path, NoFollow, BasicStats, ref MemoryMarshal.GetReference(buffer)) == 0 ? Parse(buffer) : null;
    }

    /// <summary>The state of an open file.</summary>
    /// <param name="handle">Of any kind.</param>
    public static FileStat? Of(SafeFileHandle handle)
    {
        Span<byte> buffer = stackalloc byte[256];
        return Statx(handle, "", EmptyPath, BasicStats, ref MemoryMarshal.GetReference(buffer)) == 0 ? Parse(buffer) : null;
    }

    private static FileStat Parse(ReadOnlySpan<byte> buffer)
    {
        var kind = (BinaryPrimitives.ReadUInt16LittleEndian(buffer[28..]) & 0xF000) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            _ => FileKind.Special,
        };
        return new FileStat(
            kind,
            BinaryPrimitives.ReadInt64LittleEndian(buffer[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(buffer[32..]),
            Time(buffer[96..]),
            Time(buffer[112..]));
    }

    private static FileTime Time(ReadOnlySpan<byte> timestamp) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(timestamp), BinaryPrimitives.ReadUInt32LittleEndian(timestamp[8..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle file, string path, int flags, uint mask, ref byte buffer);
}
