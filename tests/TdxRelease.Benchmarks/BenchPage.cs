using System.Globalization;
using System.Text;

namespace TdxRelease.Benchmarks;

/// <summary>docs/benchmarks.md.</summary>
internal static class BenchPage
{
    public static string Write(string machine, bool sample, long length, IReadOnlyList<Comparison> comparisons,
        IReadOnlyList<KernelResult> kernels, ScaleResult? scale)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Benchmarks\n\nWritten by `./build.sh --target=Bench`; do not edit. {machine}.\n\n");
        text.Append(CultureInfo.InvariantCulture,
            $"tdxrel is the native file (`./build.sh --target=Publish`, `artifacts/bin/tdxrel`), {length / 1e6:0.0} MB (target ≤ 30 MB). ");
        text.Append("Programs run in pairs, one after the other, again and again, so that what else the machine does hits both; "
            + "medians are shown. ");
        text.Append(sample ? "SNAPSHOT is the synthetic sample, since Intel's data is not here: much smaller than the real thing.\n"
            : "SNAPSHOT is Intel's repository as of 2026-02-10: 11 modules, 5.4 MB of images.\n");
        text.Append("\n## Whole programs\n\n"
            + "| what | seconds | CPU seconds | MB | opponent | seconds | CPU seconds | ratio | target | repeat |\n"
            + "|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var c in comparisons)
        {
            var megabytes = (c.Peak / 1e6)?.ToString("0", CultureInfo.InvariantCulture);
            var opponent = c.Theirs is null ? "" : c.Opponent;
            var ratio = c.Ratio?.ToString("0.00", CultureInfo.InvariantCulture);
            text.Append($"| {c.Name} | {Seconds(c.Ours.Wall)} | {Seconds(c.Ours.Cpu)} | {megabytes} | {opponent} "
                + $"| {Seconds(c.Theirs?.Wall)} | {Seconds(c.Theirs?.Cpu)} | {ratio} | {c.Target} | `{c.Command}` |\n");
        }

        text.Append("\nMB is the most memory resident at once. The opponents are in tests/TdxRelease.Benchmarks/opponents; "
            + "they are the distributions' own tools, which check no module and plan no step. "
            + "The targets are the project's own; [where they are missed](#what-the-time-is) is explained below.\n");
        text.Append("\n## Scale\n\n").Append(Scale(scale));
        text.Append("\n## Kernels\n\n"
            + "BenchmarkDotNet, in one process, on the synthetic sample. Repeat: `./build.sh --target=Bench`.\n\n"
            + "| kernel | microseconds | allocated bytes |\n|---|---|---|\n");
        foreach (var k in kernels)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {k.Name} | {k.Microseconds:0.0} | {k.Bytes} |\n");
        }

        text.Append(Profile);
        text.Append("\nAllocations and ratios are compared with tests/TdxRelease.Benchmarks/baseline.json; "
            + "Bench warns where one moves by more than 20 %, and `--update-baseline` writes it anew.\n");
        return text.ToString();
    }

    // From profiles with perf on the machine above. By hand: look again when a number moves.
    private const string Profile = "\n## What the time is\n\n"
        + "The machine is virtual and its speed moves by half from minute to minute; the ratios hold, the seconds are of that minute.\n\n"
        + "- **start**: the loader, the runtime's own start, a third of which restores the data of its types, and the tree of commands.\n"
        + "- **verify, plan**: half of the processor time is the program's own, mostly Bouncy Castle, "
        + "the second, independent verifier of every signature, and the runtime's\n"
        + "  start; a fifth is SHA-384 in libcrypto, and as much is the kernel's. "
        + "plan verifies everything first: it plans on nothing that is not verified.\n"
        + "- **packages and repositories**: two thirds of the processor time are liblzma on one thread, on the images, "
        + "at the smallest settings that stay within 5 % of `xz -9`;\n"
        + "  libzstd, libcrypto and the program's own code take a tenth each. "
        + "All else happens beside liblzma, but for the signatures over what comes out.\n"
        + "- **whole pipeline**: the same work, by a program that the just-in-time compiler compiles while it runs.\n"
        + "- **audit**: opens, decompresses and hashes each package, layout and repository for itself, two at a time; "
        + "the bundle that all of them hold is judged once.\n"
        + "  A quarter of the processor time is liblzma, a quarter libcrypto.\n"
        + "- **scale**: a module is read, hashed with SHA-384, verified by both RSA verifiers and compared with its joined image. "
        + "The kernels above are the first three.\n";

    private static string Scale(ScaleResult? scale) => scale is null
        ? "Not in this run: `./build.sh --target=Bench --modules=5000` generates 5,000 modules in a temporary directory "
            + "(5 GB with the joined images) and measures them.\n"
        : string.Create(CultureInfo.InvariantCulture,
            $"{scale.Modules} synthetic modules, {scale.Bytes / 1e9:0.00} GB of binaries and as much of joined images: "
            + $"verified in {scale.Timing.Wall.TotalSeconds:0.0} s ({scale.Timing.Cpu.TotalSeconds:0.0} CPU seconds), "
            + $"at most {scale.Peak / 1e6:0} MB. The arithmetic alone, SHA-384 at {scale.Rate / 1e6:0} MB/s "
            + $"and both RSA verifiers over all cores, takes {scale.Arithmetic.TotalSeconds:0.0} s: "
            + $"{scale.Timing.Wall / scale.Arithmetic:0.00} × (target ≤ 1.15 ×). "
            + $"Repeat: `./build.sh --target=Bench --modules={scale.Modules}`.\n");

    private static string Seconds(TimeSpan? time) => time?.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) ?? "";
}
