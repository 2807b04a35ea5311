using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Pipeline;
using TdxRelease.Release.Composition;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Build;

/// <summary>What one stage hands to the next. A task that runs with --exclusive, without its predecessors, says so.</summary>
public sealed class Pipeline
{
    public Fetched? Fetched { get; set; }

    public VerifiedSnapshot? Verified { get; set; }

    public BundleResult? Bundle { get; set; }

    public static T Require<T>(T? value, string task)
        where T : class => value ?? throw new TdxException(ExitCode.Usage, $"the task {task} has not run", "leave out --exclusive");

    /// <summary>The error of a stage that found something: the first of it, and the rest below, one a line.</summary>
    public static TdxException Failed(ExitCode code, IEnumerable<object> found, string hint)
    {
        var lines = found.Select(f => $"{f}").ToList();
        return new TdxException(code, string.Concat(lines.Take(1)), hint, lines: [.. lines.Skip(1)]);
    }

    /// <summary>The policy that the caller named; the sample's for the sample; else the embedded one.</summary>
    public static TrustPolicy Policy(BuildContext context) =>
        Policies.Load(context.Policy is { } named and not FetchStage.SampleSource ? BuildContext.ResolvePath(named)
            : context.Policy ?? (IsSample(context) ? FetchStage.SampleSource : null));

    public static bool IsSample(BuildContext context) => context.Source == FetchStage.SampleSource;

    public static Strictness Strictness(BuildContext context) =>
        context.Lenient ? TdxRelease.Core.Json.Strictness.Lenient : TdxRelease.Core.Json.Strictness.Strict;

    /// <summary>The folder of results.</summary>
    public static string Output(BuildContext context) =>
        context.Output is { } output ? BuildContext.ResolvePath(output) : BuildContext.Artifacts;
}
