using System.Globalization;
using Cake.Common.Diagnostics;
using Cake.Common.Tools.DotNet;
using Cake.Common.Tools.DotNet.Test;
using Cake.Frosting;

namespace TdxRelease.Build.Tasks;

[TaskName("Fuzz")]
[TaskDescription("Fuzzes every parser for --minutes=N each; default: 1")]
[IsDependentOn(typeof(BuildTask))]
public sealed class FuzzTask : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context)
    {
        var minutes = context.Minutes ?? 1;
        context.Information("{0}", $"{minutes} {(minutes == 1 ? "minute" : "minutes")} for each parser");
        context.DotNetTest("tests/TdxRelease.Tests", new DotNetTestSettings
        {
            Configuration = context.BuildConfiguration,
            NoBuild = true,
            NoRestore = true,
            NoLogo = true,
            Filter = "FullyQualifiedName~Fuzzing.FuzzTests.A_parser_survives",
            Loggers = ["console;verbosity=normal"],
            EnvironmentVariables =
                new Dictionary<string, string?> { ["TDXREL_FUZZ_MINUTES"] = minutes.ToString(CultureInfo.InvariantCulture) },
        });
    }
}
