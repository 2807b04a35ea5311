using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Benchmarks;

/// <summary>The run at scale.</summary>
/// <param name="Modules">How many.</param>
/// <param name="Bytes">Of all module binaries.</param>
/// <param name="Timing">Of verify.</param>
/// <param name="Peak">Bytes resident at most.</param>
/// <param name="Rate">SHA-384 of all cores together over the same bytes in memory, bytes a second.</param>
/// <param name="Verifiers">Both RSA verifiers over one sigstruct on one core.</param>
internal sealed record ScaleResult(int Modules, long Bytes, Timing Timing, long Peak, double Rate, TimeSpan Verifiers)
{
    /// <summary>The arithmetic alone, over all cores: the bytes' SHA-384 and two verifiers a module.</summary>
    public TimeSpan Arithmetic => TimeSpan.FromSeconds(Bytes / Rate) + (Verifiers * Modules / Environment.ProcessorCount);
}

/// <summary>Everything that Bench measures, and where it writes it.</summary>
internal static class BenchRun
{
    public static int Run(BenchOptions options)
    {
        var machine = Machine.Describe();
        var temp = Directory.CreateTempSubdirectory("tdxrel-bench-").FullName;
        try
        {
            var (snapshot, policy) = Snapshot(options, temp);
            var comparisons = new List<Comparison>();
            foreach (var comparison in new WholePrograms(options, temp, snapshot, policy).All())
            {
                var ratio = comparison.Ratio is { } value ? $", {value:0.00} of {comparison.Opponent}" : "";
                Note(string.Create(CultureInfo.InvariantCulture, $"{comparison.Name}: {comparison.Ours.Wall.TotalSeconds:0.000} s{ratio}"));
                comparisons.Add(comparison);
            }

            Note("kernels");
            var kernels = KernelRun.All(temp);
            var scale = options.Modules > 0 ? Scale(options, Path.Combine(temp, "many"), kernels) : null;
            var numbers = kernels.ToDictionary(k => $"allocated: {k.Name}", k => (double)k.Bytes, StringComparer.Ordinal);
            foreach (var comparison in comparisons.Where(c => c.Ratio is not null))
            {
                numbers[$"ratio: {comparison.Name} / {comparison.Opponent}"] = comparison.Ratio!.Value;
            }

            File.WriteAllText(Path.Combine(options.Checkout, "docs", "benchmarks.md"),
                BenchPage.Write(machine, options.Snapshot is null, new FileInfo(options.Tdxrel).Length, comparisons, kernels, scale));
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

    private static ScaleResult Scale(BenchOptions options, string folder, IReadOnlyList<KernelResult> kernels)
    {
        Note($"{options.Modules} modules");
        ManyModules.Write(folder, options.Modules);
        Commands.Start(["sync"], quiet: true); // or the disk is still busy with what was just written
        string[] command = [options.Tdxrel, "verify", folder, "--policy", "sample"];
        var modules = Directory.GetFiles(folder, "*.bin", SearchOption.AllDirectories);
        var bytes = modules.Sum(m => new FileInfo(m).Length);
        var timing = Commands.Paired(3, command)[0];
        var verifiers = TimeSpan.FromMicroseconds(kernels.Where(k => k.Name.StartsWith("RSA, ", StringComparison.Ordinal))
            .Sum(k => k.Microseconds));
        return new ScaleResult(options.Modules, bytes, timing, PeakMemory.Of(command), HashRate(), verifiers);
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
