using Cake.Frosting;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages;
using TdxRelease.Stages.Reuse;

namespace TdxRelease.Build.Tasks;

[TaskName("Validate")]
[TaskDescription("Validates mapping file and layout against rules and schema")]
[IsDependentOn(typeof(FetchTask))]
public sealed class ValidateTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context) => Pipeline.Run(context, "validate", context.Pipeline.Inputs(context), output: null, say =>
    {
        var validation = ValidateStage.Run(Pipeline.Require(context.Pipeline.Fetched, "Fetch").Snapshot, Pipeline.Strictness(context));
        if (!validation.Valid)
        {
            throw new TdxException(ExitCode.BadInput, string.Join("\n", validation.Findings.Where(f => f.Fails)), "tdxrel validate explains each rule");
        }

        foreach (var finding in validation.Findings)
        {
            say(new StageLine(finding.ToString(), Warning: true));
        }

        say(new StageLine($"{validation.Mapping!.Releases.Count} releases, {validation.Findings.Count} findings"));
    });
}
