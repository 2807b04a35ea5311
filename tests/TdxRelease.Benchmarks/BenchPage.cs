using System.Globalization;
using System.Text;

namespace TdxRelease.Benchmarks;

/// <summary>docs/benchmarks.md.</summary>
internal static class BenchPage
{
    public static string Write(string machine, bool sample, IReadOnlyList<Comparison> comparisons, IReadOnlyList<KernelResult> kernels, ScaleResult? scale)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Benchmarks\n\nWritten by `./build.sh --target=Bench`; do not edit. {machine}.\n\n");
        text.Append("tdxrel is the published file (`./build.sh --target=Publish`, `artifacts/bin/tdxrel`). Programs run in pairs, one after the other, again and again, so that what else the machine does hits both; medians are shown. ");
        text.Append(sample ? "SNAPSHOT is the synthetic sample, since Intel's data is not here: much smaller than the real thing.\n" : "SNAPSHOT is Intel's repository as of 2026-02-10: 11 modules, 5.4 MB of images.\n");
        text.Append("\n## Whole programs\n\n| what | seconds | CPU seconds | MB | opponent | seconds | CPU seconds | ratio | target | repeat |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var c in comparisons)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {c.Name} | {c.Ours.Wall.TotalSeconds:0.000} | {c.Ours.Cpu.TotalSeconds:0.000} | {(c.Peak / 1e6)?.ToString("0", CultureInfo.InvariantCulture)} | {(c.Theirs is null ? "" : c.Opponent)} | {Seconds(c.Theirs?.Wall)} | {Seconds(c.Theirs?.Cpu)} | {c.Ratio?.ToString("0.00", CultureInfo.InvariantCulture)} | {c.Target} | `{c.Command}` |\n");
        }

        text.Append("\nMB is the most memory resident at once. The opponents are in tests/TdxRelease.Benchmarks/opponents; they are the distributions' own tools, which check no module and plan no step. The targets are the project's own; [where they are missed](#what-the-time-is) is explained below.\n");
        text.Append("\n## Scale\n\n");
        text.Append(scale is null
            ? "Not in this run: `./build.sh --target=Bench --modules=5000` generates 5,000 modules in a temporary folder (5 GB with the joined images) and measures them.\n"
            : string.Create(CultureInfo.InvariantCulture, $"{scale.Modules} synthetic modules, {scale.Bytes / 1e9:0.00} GB of binaries and as much of joined images: verified in {scale.Timing.Wall.TotalSeconds:0.0} s ({scale.Timing.Cpu.TotalSeconds:0.0} CPU seconds), at most {scale.Peak / 1e6:0} MB. Both cores together hash {scale.Rate / 1e6:0} MB/s of memory with SHA-384; verification ran at {100 * scale.Share:0} % of that (target 85 %). Repeat: `./build.sh --target=Bench --modules={scale.Modules}`.\n"));
        text.Append("\n## Kernels\n\nBenchmarkDotNet, in one process, on the synthetic sample. Repeat: `./build.sh --target=Bench`.\n\n| kernel | microseconds | allocated bytes |\n|---|---|---|\n");
        foreach (var k in kernels)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {k.Name} | {k.Microseconds:0.0} | {k.Bytes} |\n");
        }

        text.Append("\nAllocations and ratios are held against tests/TdxRelease.Benchmarks/baseline.json; Bench warns where one moves by more than 20 %, and `--update-baseline` writes it anew.\n");
        return text.ToString();
    }

    private static string Seconds(TimeSpan? time) => time?.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) ?? "";
}
