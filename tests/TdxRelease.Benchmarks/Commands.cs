using System.Diagnostics;
using TdxRelease.Core.Findings;

namespace TdxRelease.Benchmarks;

/// <summary>One run of a command.</summary>
/// <param name="Wall">From start to end.</param>
/// <param name="Cpu">User and system time of it and its children.</param>
internal readonly record struct Timing(TimeSpan Wall, TimeSpan Cpu);

/// <summary>Commands in paired runs: first one, then the other, over and over, so that whatever else the machine does hits both.</summary>
internal static class Commands
{
    public static int Start(IReadOnlyList<string> command, bool quiet)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = quiet, RedirectStandardError = quiet };
        foreach (var word in command.Skip(1))
        {
            start.ArgumentList.Add(word);
        }

        using var process = Process.Start(start)!;
        if (quiet)
        {
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Whether a program of that name is on PATH.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Starts a program that serves until its standard input ends, and waits for its first line.</summary>
    public static IDisposable Serve(IReadOnlyList<string> command)
    {
        var process = Process.Start(
            new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadLine() is not null ? new Server(process)
            : throw new TdxException(ExitCode.InternalError, $"does not serve: {string.Join(' ', command)}");
    }

    public static Timing Measure(IReadOnlyList<string> command)
    {
        var before = ChildUsage.Now();
        var watch = Stopwatch.StartNew();
        var code = Start(command, quiet: true);
        var wall = watch.Elapsed;
        return code == 0
            ? new Timing(wall, ChildUsage.Now().Cpu - before.Cpu)
            : throw new TdxException(ExitCode.InternalError, $"exit {code}: {string.Join(' ', command)}");
    }

    /// <summary>Medians of paired runs, after one unmeasured run of each.</summary>
    public static IReadOnlyList<Timing> Paired(int runs, params IReadOnlyList<string>[] commands)
    {
        var timings = commands.Select(_ => new List<Timing>()).ToList();
        for (var run = 0; run <= runs; run++)
        {
            for (var i = 0; i < commands.Length; i++)
            {
                var timing = Measure(commands[i]);
                if (run > 0)
                {
                    timings[i].Add(timing);
                }
            }
        }

        return [.. timings.Select(Median)];
    }

    private static Timing Median(List<Timing> timings) => new(
        timings.Select(t => t.Wall).Order().ElementAt(timings.Count / 2),
        timings.Select(t => t.Cpu).Order().ElementAt(timings.Count / 2));

    private sealed class Server(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
