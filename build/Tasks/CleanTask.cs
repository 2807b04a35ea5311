using Cake.Frosting;

namespace TdxRelease.Build.Tasks;

[TaskName("Clean")]
[TaskDescription("Empties artifacts/")]
public sealed class CleanTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context) => OutputFolder.Empty(BuildContext.Artifacts);
}
