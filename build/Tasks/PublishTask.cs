using Cake.Common.Tools.DotNet;
using Cake.Common.Tools.DotNet.MSBuild;
using Cake.Common.Tools.DotNet.Publish;
using Cake.Frosting;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Build.Tasks;

[TaskName("Publish")]
[TaskDescription("Leaves tdxrel as one self-contained file in artifacts/bin/; --packages adds a deb, an rpm and more in artifacts/own/")]
public sealed class PublishTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var bin = Path.Combine(BuildContext.Artifacts, "bin");
        var aside = Path.Combine(BuildContext.Artifacts, $".publish-{Environment.ProcessId}");
        try
        {
            using var folder = new AtomicFolder(bin);
            context.DotNetPublish("src/TdxRelease.Cli", Settings(context, aside));
            File.Move(Path.Combine(aside, "tdxrel"), folder.PathOf("tdxrel"));
            folder.Commit();
            if (context.Packages)
            {
                OwnPackages.Write(context, Path.Combine(bin, "tdxrel"), BuildContext.Artifacts);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TdxException(ExitCode.Io, $"cannot write \"{Path.Combine(bin, "tdxrel")}\": {e.Message.TrimEnd('.')}", inner: e);
        }
        finally
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }
        }
    }

    private static DotNetPublishSettings Settings(BuildContext context, string output) => new()
    {
        Configuration = context.BuildConfiguration,
        OutputDirectory = output,
        Verbosity = DotNetVerbosity.Quiet,
        NoLogo = true,
        MSBuildSettings = new DotNetMSBuildSettings().WithProperty("TdxrelPublish", "true"),
    };
}
