using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TdxRelease.Core.Files;

/// <summary>fsync of a folder, which makes renames and new names durable.</summary>
internal static partial class FolderSync
{
    public static void Flush(string folder)
    {
        using var handle = FolderHandle.Open(folder);
        if (handle is not null)
        {
            // Some file systems refuse fsync on folders (EINVAL): nothing is lost by going on, the rename itself is atomic.
            _ = Fsync(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(SafeFileHandle descriptor);
}
