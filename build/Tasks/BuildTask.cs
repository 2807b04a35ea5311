using Cake.Common.Tools.DotNet;
using Cake.Common.Tools.DotNet.Build;
using Cake.Common.Tools.DotNet.MSBuild;
using Cake.Frosting;

namespace TdxRelease.Build.Tasks;

/// <summary>Tools.sln includes the build itself: what runs is build.sh's own copy, which this does not touch.</summary>
[TaskName("Build")]
[TaskDescription("Builds Tools.sln, warnings being errors")]
public sealed class BuildTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context) => context.DotNetBuild("Tools.sln", new DotNetBuildSettings
    {
        Configuration = context.BuildConfiguration,
        Verbosity = DotNetVerbosity.Quiet,
        NoLogo = true,
        MSBuildSettings = new DotNetMSBuildSettings { TreatAllWarningsAs = MSBuildTreatAllWarningsAs.Error },
    });
}
