using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Release;

namespace TdxRelease.Build.Tasks;

[TaskName("Bundle")]
[TaskDescription("Makes the signed, reproducible bundle")]
[IsDependentOn(typeof(GraphTask))]
public sealed class BundleTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var fetched = Pipeline.Require(context.Pipeline.Fetched, "Fetch");
        fetched.RequireLocked();
        var target = Path.Combine(Pipeline.Output(context), "bundle");
        var release = ReleaseStage.Make(context.Release with
        {
            Output = target,
            Policy = Pipeline.Policy(context),
            Verify = () => Pipeline.Require(context.Pipeline.Verified, "Verify"),
            Sample = fetched.Sample,
            Notice = text => context.Log.Warning("{0}", text),
            Log = text => context.Log.Information("{0}", text),
        });
        context.Pipeline.Bundle = new BundleResult(release.Bundle.Manifest.Unsigned);
        context.Log.Information(
            "{0}: {1}, {2} modules, {3} files to download, {4}",
            Path.GetRelativePath(BuildContext.Checkout, target),
            release.Bundle.Name,
            release.Bundle.Manifest.Modules.Count,
            release.Downloads.Count,
            release.Signature);
    }
}
