using System.Diagnostics;
using TdxRelease.Core.Files;

namespace TdxRelease.Tests.Cli;

/// <summary>Things of the file system that are no regular files. All are made here: none of the machine's own is ever a target.</summary>
internal static class Node
{
    public const long Sparse = 10L << 30;

    public static void Fifo(string path) => Make("mkfifo", path);

    /// <summary>A copy of the machine's null device; it takes root to make one.</summary>
    public static void Null(string path) => Make("mknod", path, "c", "1", "3");

    public static void Long(string path)
    {
        using var file = File.Create(path);
        file.SetLength(Sparse);
    }

    public static bool CanMakeDevices => Environment.IsPrivilegedProcess;

    public static bool IsSpecial(string path) => FileStat.Of(path) is { Kind: FileKind.Special };

    private static void Make(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
