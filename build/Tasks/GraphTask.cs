using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Core.Files;
using TdxRelease.Release.Composition;

namespace TdxRelease.Build.Tasks;

[TaskName("Graph")]
[TaskDescription("Computes the step graph per CPU family and loader line")]
[IsDependentOn(typeof(VerifyTask))]
public sealed class GraphTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var target = Path.Combine(Pipeline.Output(context), "graph");
        using var folder = new AtomicFolder(target);
        var families = GraphStage.Write(Pipeline.Require(context.Pipeline.Verified, "Verify"), folder);
        folder.Commit();
        context.Log.Information("graphs of {0} CPU families and loader lines in {1}/", families,
            Path.GetRelativePath(BuildContext.Checkout, target));
    }
}
