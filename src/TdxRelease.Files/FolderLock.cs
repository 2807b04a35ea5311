using System.Runtime.InteropServices;

namespace TdxRelease.Files;

/// <summary>
/// The turn of one run, or of one task in a run, to change what a folder holds: flock(2) on the folder itself, so no lock file is left and a killed process holds nothing.
/// Only those who ask wait. Where a file system has no such locks, everyone has the turn.
/// </summary>
public sealed partial class FolderLock : IDisposable
{
    private const int CloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC, the same number on x86-64 and arm64
    private const int Exclusive = 2; // LOCK_EX
    private readonly int descriptor;

    private FolderLock(int descriptor) => this.descriptor = descriptor;

    /// <summary>Waits until nobody else has the turn.</summary>
    /// <param name="folder">An existing folder.</param>
    public static FolderLock Take(string folder)
    {
        var descriptor = OperatingSystem.IsLinux() ? Open(folder, CloseOnExec) : -1;
        if (descriptor >= 0)
        {
            _ = Lock(descriptor, Exclusive);
        }

        return new FolderLock(descriptor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (descriptor >= 0)
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
