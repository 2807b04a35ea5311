using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TdxRelease.Core.Findings;

namespace TdxRelease.Benchmarks;

/// <summary>What the kernel accounted to the children of this process (getrusage(2), RUSAGE_CHILDREN).</summary>
/// <param name="Cpu">User and system time.</param>
/// <param name="PeakBytes">The largest resident set of any child so far.</param>
internal readonly partial record struct ChildUsage(TimeSpan Cpu, long PeakBytes)
{
    private const int Children = -1;

    public static ChildUsage Now()
    {
        Span<long> usage = stackalloc long[18];
        return GetResourceUsage(Children, ref MemoryMarshal.GetReference(usage)) == 0
            ? new ChildUsage(TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]), usage[4] * 1024)
            : throw new TdxException(ExitCode.InternalError, "getrusage failed");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, ref long usage);
}

/// <summary>The peak memory of one command: its own process, since the kernel keeps the maximum over all children.</summary>
internal static class PeakMemory
{
    /// <summary>Runs the command, then prints the bytes to stderr's last line.</summary>
    public static int Print(string[] command)
    {
        var code = Commands.Start(command, quiet: true);
        Console.Error.WriteLine(ChildUsage.Now().PeakBytes.ToString(CultureInfo.InvariantCulture));
        return code;
    }

    /// <summary>Measures a command with a process of our own in between.</summary>
    public static long Of(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardError = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(PeakMemory).Assembly.Location);
        }

        foreach (var word in command.Prepend("once"))
        {
            start.ArgumentList.Add(word);
        }

        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        var lines = process.StandardError.ReadToEnd().TrimEnd().Split('\n');
        process.WaitForExit();
        return long.Parse(lines[^1], CultureInfo.InvariantCulture);
    }
}
