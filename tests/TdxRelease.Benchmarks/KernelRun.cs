using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TdxRelease.Core.Findings;

namespace TdxRelease.Benchmarks;

/// <summary>One kernel: how long, how much it allocates.</summary>
internal sealed record KernelResult(string Name, double Microseconds, long Bytes);

/// <summary>Runs the kernels inside this process: a build for each, as BenchmarkDotNet does by default, would need a restore.</summary>
internal static class KernelRun
{
    public static IReadOnlyList<KernelResult> All(string artifacts)
    {
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(7).WithId("tdxrel");
        var config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
            .AddLogger(Environment.GetEnvironmentVariable("TDXREL_TRACE") == "1" ? ConsoleLogger.Default : NullLogger.Instance)
            .WithArtifactsPath(artifacts)
            .WithOptions(ConfigOptions.DisableLogFile);
        var summary = BenchmarkRunner.Run<Kernels>(config);
        List<string> failed =
            [.. summary.ValidationErrors.Where(e => e.IsCritical).Select(e => e.Message),
            .. summary.Reports.Where(r => r.ResultStatistics is null).Select(r => $"\"{Name(r)}\" failed")];
        return failed.Count > 0 || summary.Reports.Length == 0
            ? throw new TdxException(ExitCode.InternalError, $"the kernels did not run: {string.Join("; ", failed)}")
            : [.. summary.Reports.Select(r => new KernelResult(
                Name(r),
                r.ResultStatistics!.Median / 1000,
                r.GcStats.GetBytesAllocatedPerOperation(r.BenchmarkCase) ?? 0))];
    }

    private static string Name(BenchmarkReport report) => report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
}
