using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TdxRelease.Modules.Findings;

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
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(artifacts)
            .WithOptions(ConfigOptions.DisableLogFile);
        var summary = BenchmarkRunner.Run<Kernels>(config);
        return summary.HasCriticalValidationErrors || summary.Reports.Length == 0 || summary.Reports.Any(r => !r.Success)
            ? throw new TdxException(ExitCode.InternalError, $"the kernels did not run: {string.Join("; ", summary.ValidationErrors.Select(e => e.Message))}")
            : [.. summary.Reports.Select(r => new KernelResult(
                r.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\''),
                r.ResultStatistics!.Median / 1000,
                r.GcStats.GetBytesAllocatedPerOperation(r.BenchmarkCase) ?? 0))];
    }
}
