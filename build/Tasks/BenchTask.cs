using System.Globalization;
using Cake.Common.Tools.DotNet;
using Cake.Common.Tools.DotNet.Build;
using Cake.Common.Tools.DotNet.Execute;
using Cake.Core;
using Cake.Core.IO;
using Cake.Frosting;

namespace TdxRelease.Build.Tasks;

[TaskName("Bench")]
[TaskDescription("Measures the published tdxrel against other tools and writes docs/benchmarks.md")]
[IsDependentOn(typeof(PublishTask))]
public sealed class BenchTask : FrostingTask<BuildContext>
{
    private const string Project = "tests/TdxRelease.Benchmarks";

    public override void Run(BuildContext context)
    {
        foreach (var project in (string[])[Project, "tests/TdxRelease.HostModel"])
        {
            context.DotNetBuild(project,
                new DotNetBuildSettings { Configuration = context.BuildConfiguration, Verbosity = DotNetVerbosity.Quiet, NoLogo = true });
        }

        var arguments = new ProcessArgumentBuilder()
            .Append("bench")
            .Append("--tdxrel").AppendQuoted(System.IO.Path.Combine(BuildContext.Artifacts, "bin", "tdxrel"))
            .Append("--checkout").AppendQuoted(BuildContext.Checkout)
            .Append("--modules").Append((context.Modules ?? 0).ToString(CultureInfo.InvariantCulture));
        if (Snapshot(context) is { } snapshot)
        {
            arguments.Append("--snapshot").AppendQuoted(snapshot);
        }

        if (context.UpdateBaseline)
        {
            arguments.Append("--update");
        }

        context.DotNetExecute(System.IO.Path.Combine(Project, "bin", context.BuildConfiguration, "net10.0", "TdxRelease.Benchmarks.dll"),
            arguments, new DotNetExecuteSettings());
    }

    // Intel's data where --source names it or where the tests find it; else the sample is measured.
    private static string? Snapshot(BuildContext context)
    {
        var folder = context.Source is { } source ? BuildContext.ResolvePath(source)
            : System.IO.Path.Combine(BuildContext.Checkout, "..", "shared", "upstream", "2026-02-10");
        return Directory.Exists(folder) ? System.IO.Path.GetFullPath(folder) : null;
    }
}
