using Cake.Frosting;
using TdxRelease.Files;
using TdxRelease.Stages;
using TdxRelease.Stages.Reuse;

namespace TdxRelease.Build.Tasks;

[TaskName("Graph")]
[TaskDescription("Computes the step graph per CPU family and loader line")]
[IsDependentOn(typeof(VerifyTask))]
public sealed class GraphTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var target = Path.Combine(Pipeline.Output(context), "graph");
        var inputs = context.Pipeline.Inputs(context, ("policy", Pipeline.Policy(context).Sha256), ("time", SourceDateEpoch.FromEnvironment()?.ToString("s") ?? "of the input"));
        Pipeline.Run(context, "graph", inputs, target, say =>
        {
            using var folder = new AtomicFolder(target);
            var families = GraphStage.Write(context.Pipeline.Verified(context), folder);
            folder.Commit();
            say(new StageLine($"graphs of {families} CPU families and loader lines in {Path.GetRelativePath(BuildContext.Checkout, target)}/"));
        });
    }
}
