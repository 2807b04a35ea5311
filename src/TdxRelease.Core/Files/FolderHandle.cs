using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TdxRelease.Core.Files;

/// <summary>An open folder, for what the kernel does to folders and .NET does not: it opens none.</summary>
internal static partial class FolderHandle
{
    private const int CloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC, the same number on x86-64 and arm64

    /// <summary>The folder, or null where it cannot be opened or the system is not Linux.</summary>
    public static SafeFileHandle? Open(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var descriptor = OpenFile(folder, CloseOnExec);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);
}
