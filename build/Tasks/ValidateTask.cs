using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Upstream.Fetching;

namespace TdxRelease.Build.Tasks;

[TaskName("Validate")]
[TaskDescription("Validates mapping file and layout against rules and schema")]
[IsDependentOn(typeof(FetchTask))]
public sealed class ValidateTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var validation = ValidateStage.Run(Pipeline.Require(context.Pipeline.Fetched, "Fetch").Snapshot, Pipeline.Strictness(context));
        if (!validation.Valid)
        {
            throw new TdxException(ExitCode.BadInput, string.Join("\n", validation.Findings.Where(f => f.Fails)), "tdxrel validate explains each rule");
        }

        foreach (var finding in validation.Findings)
        {
            context.Log.Warning("{0}", finding);
        }

        context.Log.Information("{0} releases, {1} findings", validation.Mapping!.Releases.Count, validation.Findings.Count);
    }
}
