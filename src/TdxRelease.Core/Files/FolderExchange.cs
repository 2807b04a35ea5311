using System.Runtime.InteropServices;

namespace TdxRelease.Core.Files;

/// <summary>Makes two names change places: renameat2(2) with RENAME_EXCHANGE, Linux 3.15 and glibc 2.28 or later.</summary>
internal static partial class FolderExchange
{
    /// <summary>ENOSYS: the kernel or the C library does not know the call.</summary>
    public const int NoSuchCall = 38;

    /// <summary>EINVAL: the file system cannot exchange.</summary>
    public const int Invalid = 22;

    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint RenameExchange = 2;

    /// <summary>Exchanges the two.</summary>
    /// <returns>0, or the error number.</returns>
    public static int Exchange(string one, string other)
    {
        if (!OperatingSystem.IsLinux())
        {
            return NoSuchCall;
        }

        try
        {
            return Rename(CurrentFolder, one, CurrentFolder, other, RenameExchange) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        catch (EntryPointNotFoundException)
        {
            return NoSuchCall;
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Rename(int oneFolder, string one, int otherFolder, string other, uint flags);
}
