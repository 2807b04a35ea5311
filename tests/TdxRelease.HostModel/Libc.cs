using System.Runtime.InteropServices;

namespace TdxRelease.HostModel;

/// <summary>The few calls that .NET does not offer: FIFOs, socket nodes and non-blocking reads.</summary>
internal static partial class Libc
{
    public const int ReadWriteNonBlocking = 0x2 | 0x800 | 0x80000;
    public const int WriteOnly = 0x1 | 0x80000;
    private const uint Fifo = 0x1000;
    private const uint Socket = 0xC000;

    public static void MakeFifo(string path, uint mode) => Make(path, Fifo | mode);

    /// <summary>open(2) of a socket node answers ENXIO: the one way in which a plain file system can say it.</summary>
    public static void MakeUnopenable(string path, uint mode) => Make(path, Socket | mode);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, Span<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, ReadOnlySpan<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<PollEntry> entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "mknod", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeNode(string path, uint mode, ulong device);

    private static void Make(string path, uint mode)
    {
        if (MakeNode(path, mode, 0) != 0)
        {
            throw new IOException($"mknod \"{path}\": error {Marshal.GetLastPInvokeError()}");
        }

        File.SetUnixFileMode(path, (UnixFileMode)(mode & 0x1FF));
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Received;
    }
}
