using Cake.Frosting;

namespace TdxRelease.Build.Tasks;

[TaskName("Acceptance")]
[TaskDescription("Runs the tests against real consumers: dpkg, rpm, gpg and others")]
[IsDependentOn(typeof(BuildTask))]
public sealed class AcceptanceTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context) => TestRun.Run(context, "TdxRelease.AcceptanceTests");
}
