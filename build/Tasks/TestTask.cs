using Cake.Frosting;

namespace TdxRelease.Build.Tasks;

[TaskName("Test")]
[TaskDescription("Runs the fast tests")]
[IsDependentOn(typeof(BuildTask))]
public sealed class TestTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context) => TestRun.Run(context, "TdxRelease.Tests");
}
