using System.Diagnostics;
using System.Security.Cryptography;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Benchmarks;

/// <summary>A measured program beside an opponent of the same run.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Ours">tdxrel.</param>
/// <param name="Theirs">The opponent; null where there is none.</param>
/// <param name="Opponent">The opponent's name.</param>
/// <param name="Target">What issue and README want.</param>
/// <param name="Command">What repeats our side.</param>
internal sealed record Comparison(string Name, Timing Ours, Timing? Theirs, string Opponent, string Target, string Command)
{
    public double? Ratio => Theirs is { } theirs ? Ours.Wall / theirs.Wall : null;
}

/// <summary>The run at scale.</summary>
/// <param name="Modules">How many.</param>
/// <param name="Bytes">Of all module binaries.</param>
/// <param name="Timing">Of verify.</param>
/// <param name="Peak">Bytes resident at most.</param>
/// <param name="Rate">SHA-384 of both cores together over the same bytes in memory, bytes a second.</param>
internal sealed record ScaleResult(int Modules, long Bytes, Timing Timing, long Peak, double Rate)
{
    public double Share => Bytes / Timing.Wall.TotalSeconds / Rate;
}

/// <summary>Everything that Bench measures, and where it writes it.</summary>
internal static class BenchRun
{
    private const int Runs = 15;

    public static int Run(BenchOptions options)
    {
        var machine = Machine.Describe();
        var temp = Directory.CreateTempSubdirectory("tdxrel-bench-").FullName;
        try
        {
            var (snapshot, policy) = Snapshot(options, temp);
            Note($"whole processes, {Runs} paired runs each");
            var comparisons = Compare(options, temp, snapshot, policy).ToList();
            var peak = PeakMemory.Of([options.Tdxrel, "verify", snapshot, .. policy]);
            Note("kernels");
            var kernels = KernelRun.All(temp);
            var scale = options.Modules > 0 ? Scale(options, Path.Combine(temp, "many")) : null;
            var numbers = kernels.ToDictionary(k => $"allocated: {k.Name}", k => (double)k.Bytes, StringComparer.Ordinal);
            foreach (var comparison in comparisons.Where(c => c.Ratio is not null))
            {
                numbers[$"ratio: {comparison.Name} / {comparison.Opponent}"] = comparison.Ratio!.Value;
            }

            File.WriteAllText(Path.Combine(options.Checkout, "docs", "benchmarks.md"), BenchPage.Write(machine, options.Snapshot is null, comparisons, peak, kernels, scale));
            if (options.Update)
            {
                Baseline.Write(options.BaselinePath, numbers);
            }

            foreach (var warning in Baseline.Compare(options.BaselinePath, numbers))
            {
                Console.Error.WriteLine($"warning: {warning}");
            }

            return 0;
        }
        finally
        {
            Directory.Delete(temp, recursive: true);
        }
    }

    private static (string Folder, string[] Policy) Snapshot(BenchOptions options, string temp)
    {
        if (options.Snapshot is not null)
        {
            return (options.Snapshot, []);
        }

        var folder = Path.Combine(temp, "sample");
        return Commands.Start([options.Tdxrel, "sample", "create", folder], quiet: true) == 0
            ? (folder, ["--policy", "sample"])
            : throw new TdxException(ExitCode.InternalError, "tdxrel sample failed");
    }

    private static IEnumerable<Comparison> Compare(BenchOptions options, string temp, string snapshot, string[] policy)
    {
        yield return Alone("start", "", [options.Tdxrel, "--version"], "tdxrel --version");
        var work = Path.Combine(temp, "limit");
        LimitWork.Write(snapshot, work);
        yield return Pair("verify", "sha384sum + openssl", "≤ 0.15 s, ≤ 2.0 ×", [options.Tdxrel, "verify", snapshot, .. policy], ["sh", Path.Combine(options.Opponents, "limit.sh"), snapshot, work], "tdxrel verify SNAPSHOT");
        string[] host = options.Snapshot is null ? ["0x806F8", "1.5.02", "1.5.51"] : ["0x806F8", "1.5.02", "1.5.05"];
        yield return Pair("plan", "select.py", "≤ 0.08 s", [options.Tdxrel, "plan", snapshot, "--cpu", host[0], "--seamldr", host[1], "--running", host[2], .. policy], ["python3", Path.Combine(options.Opponents, "select.py"), snapshot, .. host], "tdxrel plan SNAPSHOT --cpu 0x806F8 --seamldr 1.5.02 --running 1.5.05");
    }

    private static Comparison Alone(string name, string target, string[] ours, string command)
    {
        var timing = Commands.Paired(Runs, ours)[0];
        return new Comparison(name, timing, null, "", target, command);
    }

    private static Comparison Pair(string name, string opponent, string target, string[] ours, string[] theirs, string command)
    {
        var timings = Commands.Paired(Runs, ours, theirs);
        return new Comparison(name, timings[0], timings[1], opponent, target, command);
    }

    private static ScaleResult Scale(BenchOptions options, string folder)
    {
        Note($"{options.Modules} modules");
        ManyModules.Write(folder, options.Modules);
        string[] command = [options.Tdxrel, "verify", folder, "--policy", "sample"];
        var modules = Directory.GetFiles(folder, "*.bin", SearchOption.AllDirectories);
        var bytes = modules.Sum(m => new FileInfo(m).Length);
        var timing = Commands.Paired(3, command)[0];
        return new ScaleResult(options.Modules, bytes, timing, PeakMemory.Of(command), HashRate());
    }

    /// <summary>SHA-384 by all cores at once, of bytes in memory.</summary>
    private static double HashRate()
    {
        const int Rounds = 400;
        var block = new byte[512_000];
        var watch = Stopwatch.StartNew();
        Parallel.For(0, Environment.ProcessorCount * Rounds, _ => SHA384.HashData(block));
        return (double)block.Length * Rounds * Environment.ProcessorCount / watch.Elapsed.TotalSeconds;
    }

    private static void Note(string text) => Console.Error.WriteLine(text);
}
