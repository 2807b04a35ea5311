using Cake.Frosting;

namespace TdxRelease.Build.Tasks;

[TaskName("Publish")]
[TaskDescription("Compiles tdxrel to machine code, artifacts/bin/tdxrel; --packages adds deb, rpm and more in artifacts/own/")]
public sealed class PublishTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        NativeProgram.RequireLinkers(context.Runtimes);
        foreach (var runtime in context.Runtimes)
        {
            NativeProgram.Publish(context, runtime);
        }

        if (context.Packages)
        {
            OwnPackages.Write(context, BuildContext.Artifacts);
        }
    }
}
