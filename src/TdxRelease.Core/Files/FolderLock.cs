using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TdxRelease.Core.Files;

/// <summary>
/// The turn of one run, or of one task in a run, to change what a folder holds: flock(2)
/// on the folder itself, so no lock file is left and a killed process holds nothing.
/// Only those who ask wait. Where a file system has no such locks, everyone has the turn.
/// </summary>
public sealed partial class FolderLock : IDisposable
{
    private const int Exclusive = 2; // LOCK_EX
    private readonly SafeFileHandle? handle;

    private FolderLock(SafeFileHandle? handle) => this.handle = handle;

    /// <summary>Waits until nobody else has the turn.</summary>
    /// <param name="folder">An existing folder.</param>
    public static FolderLock Acquire(string folder)
    {
        var handle = FolderHandle.Open(folder);
        if (handle is not null)
        {
            _ = Lock(handle, Exclusive);
        }

        return new FolderLock(handle);
    }

    /// <inheritdoc/>
    public void Dispose() => handle?.Dispose();

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int Lock(SafeFileHandle descriptor, int operation);
}
