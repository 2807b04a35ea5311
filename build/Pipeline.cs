using System.Security.Cryptography;
using Cake.Core.Diagnostics;
using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Json;
using TdxRelease.Modules.Trust;
using TdxRelease.Stages;
using TdxRelease.Stages.Reuse;

namespace TdxRelease.Build;

/// <summary>What one stage hands to the next. A task that runs with --exclusive, without its predecessors, says so.</summary>
public sealed class Pipeline
{
    private VerifiedSnapshot? verified;

    public Fetched? Fetched { get; set; }

    public BundleResult? Bundle { get; set; }

    public static T Require<T>(T? value, string task)
        where T : class => value ?? throw new TdxException(ExitCode.Usage, $"the task {task} has not run", "leave out --exclusive");

    /// <summary>The policy that the caller named; the sample's for the sample; else the embedded one.</summary>
    public static TrustPolicy Policy(BuildContext context) =>
        Policies.Load(context.Policy is { } named and not FetchStage.SampleSource ? BuildContext.ResolvePath(named) : context.Policy ?? (IsSample(context) ? FetchStage.SampleSource : null));

    public static bool IsSample(BuildContext context) => context.Source == FetchStage.SampleSource;

    public static Strictness Strictness(BuildContext context) => context.Lenient ? Modules.Json.Strictness.Lenient : Modules.Json.Strictness.Strict;

    /// <summary>The folder of results.</summary>
    public static string Output(BuildContext context) => context.Output is { } output ? BuildContext.ResolvePath(output) : BuildContext.Artifacts;

    /// <summary>The verified snapshot. A stage that runs always gets one that was verified in this run: a remembered verdict passes over the stage Verify, and never gets into an output.</summary>
    public VerifiedSnapshot Verified(BuildContext context)
    {
        if (verified is null)
        {
            verified = VerifyStage.Run(Require(Fetched, "Fetch").Snapshot, Policy(context), Strictness(context));
            verified.Require();
        }

        return verified;
    }

    /// <summary>Keeps what the stage Verify found.</summary>
    public void Keep(VerifiedSnapshot result) => verified = result;

    /// <summary>Everything that decides what a stage makes of the snapshot, but its own options.</summary>
    public SortedDictionary<string, string> Inputs(BuildContext context, params ReadOnlySpan<(string Name, string Value)> options)
    {
        var inputs = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["tool"] = ToolId.Sha256,
            ["snapshot"] = Convert.ToHexStringLower(SHA256.HashData(Require(Fetched, "Fetch").Snapshot.ToRecord().ToJson())),
            ["strictness"] = Strictness(context).ToString(),
        };
        foreach (var (name, value) in options)
        {
            inputs.Add(name, value);
        }

        return inputs;
    }

    /// <summary>Runs a stage, or passes over it where an earlier run did the same.</summary>
    /// <param name="context">The run.</param>
    /// <param name="stage">Its name.</param>
    /// <param name="inputs">Everything that decides what it does.</param>
    /// <param name="output">The folder that it replaces; null where it leaves none.</param>
    /// <param name="work">Runs it.</param>
    public static StageOutcome Run(BuildContext context, string stage, IReadOnlyDictionary<string, string> inputs, string? output, Action<Action<StageLine>> work) =>
        Memory(context).Run(stage, inputs, output, line => Say(context, line), work);

    /// <summary>What earlier runs into the same folder did.</summary>
    public static StageMemory Memory(BuildContext context) => new(Path.Combine(Output(context), ".state"), context.Force);

    public static void Say(BuildContext context, StageLine line)
    {
        if (line.Warning)
        {
            context.Log.Warning("{0}", line.Text);
        }
        else
        {
            context.Log.Information("{0}", line.Text);
        }
    }
}
