using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TdxRelease.Core.Files;

/// <summary>
/// The calls of open(2) and write(2) that .NET does not offer: without blocking, without following links, on what is not a regular file.
/// </summary>
internal static partial class NativeFile
{
    /// <summary>ENXIO: a socket, or a FIFO that nobody reads.</summary>
    public const int NoSuchDevice = 6;

    /// <summary>ELOOP: a symbolic link where none is followed.</summary>
    public const int TooManyLinks = 40;

    private const int NoEntry = 2; // ENOENT
    private const int Interrupted = 4; // EINTR
    private const int Denied = 13; // EACCES
    private const int NotAFolder = 20; // ENOTDIR
    private const int MaxPath = 4096; // PATH_MAX of linux/limits.h

    // asm-generic/fcntl.h; the same numbers on x86-64 and arm64, but for O_NOFOLLOW.
    private const int WriteOnly = 1;
    private const int NoTerminal = 0x100;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>
    /// Opens for reading, without waiting for a writer of a FIFO and without following a link in the last part of the path.
    /// </summary>
    /// <returns>The handle, or null and the error number.</returns>
    public static SafeFileHandle? Read(string path, out int error) =>
        Open(path, NonBlocking | CloseOnExec | NoTerminal | NoFollow, out error);

    /// <summary>Opens what exists for writing: nothing is created and nothing truncated. A FIFO waits for its reader.</summary>
    /// <returns>The handle, or null and the error number.</returns>
    public static SafeFileHandle? Write(string path, out int error) => Open(path, WriteOnly | CloseOnExec | NoTerminal, out error);

    /// <summary>Writes all bytes to a descriptor, at its own position.</summary>
    /// <exception cref="IOException">The system's reason.</exception>
    public static void WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var written = WriteSome(descriptor, in MemoryMarshal.GetReference(bytes), bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[(int)written..];
            }
            else if (Marshal.GetLastPInvokeError() is var error and not Interrupted)
            {
                throw (IOException)Failure(error, "");
            }
        }
    }

    /// <summary>The path of a file or folder with no link and no dot in it; null where it is not there.</summary>
    public static string? Physical(string folder)
    {
        Span<byte> buffer = stackalloc byte[MaxPath];
        return RealPath(folder, ref MemoryMarshal.GetReference(buffer)) == 0 ? null
            : Encoding.UTF8.GetString(buffer[..buffer.IndexOf((byte)0)]);
    }

    /// <summary>An error number as the exception that .NET throws for it.</summary>
    public static Exception Failure(int error, string path) => error switch
    {
        NoEntry when Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder) => new FileNotFoundException(),
        NoEntry or NotAFolder => new DirectoryNotFoundException(),
        Denied => new UnauthorizedAccessException(),
        _ => new IOException(Marshal.GetPInvokeErrorMessage(error), error),
    };

    private static SafeFileHandle? Open(string path, int flags, out int error)
    {
        int descriptor;
        do
        {
            descriptor = OpenFile(path, flags);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == Interrupted);

        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteSome(int descriptor, in byte bytes, nint count);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, ref byte resolved);
}
