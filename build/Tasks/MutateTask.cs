using System.Globalization;
using Cake.Common;
using Cake.Common.Diagnostics;
using Cake.Core.IO;
using Cake.Frosting;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build.Tasks;

[TaskName("Mutate")]
[TaskDescription("Changes the product and counts what the fast tests notice, in every area of tests/mutation/areas or in --project=NAME")]
public sealed class MutateTask : FrostingTask<BuildContext>
{
    private static string Folder => System.IO.Path.Combine(BuildContext.Checkout, "tests", "mutation");

    public override void Run(BuildContext context)
    {
        var equivalents = EquivalentMutant.Read(System.IO.Path.Combine(Folder, "equivalents.json"));
        var areas = Areas(context.Project);
        Start(context, "tool restore", BuildContext.Checkout);
        foreach (var area in areas)
        {
            var output = System.IO.Path.Combine(BuildContext.Artifacts, "mutation", area);
            var settings = System.IO.Path.Combine(Folder, "areas", $"{area}.json");
            Start(context, $"tool run dotnet-stryker -f \"{settings}\" -O \"{output}\"",
                System.IO.Path.Combine(BuildContext.Checkout, "tests", "TdxRelease.Tests"));
            var report = MutationReport.Read(System.IO.Path.Combine(output, "reports", "mutation-report.json"), BuildContext.Checkout);
            context.Information("{0}", string.Create(CultureInfo.InvariantCulture,
                $"{area}: {report.Mutants.Count(m => m.Found)} of {report.Mutants.Count} changes noticed, {report.Score:0.0} %"));
            foreach (var (mutant, reason) in report.Equivalent(equivalents))
            {
                context.Verbose("{0}", $"{mutant}: changes nothing: {reason}");
            }

            report.Require(area, equivalents);
        }
    }

    private static IReadOnlyList<string> Areas(string? only)
    {
        var all = Directory.GetFiles(System.IO.Path.Combine(Folder, "areas"), "*.json")
            .Select(path => System.IO.Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal).ToList();
        return only is null ? all
            : all.Contains(only) ? [only]
            : throw new TdxException(ExitCode.Usage, $"--project: got \"{only}\", want one of {string.Join(", ", all)}");
    }

    // Stryker builds what it changed: the analyzers have nothing to say about that.
    private static void Start(BuildContext context, string arguments, string folder)
    {
        var exit = context.StartProcess("dotnet", new ProcessSettings
        {
            Arguments = arguments,
            WorkingDirectory = folder,
            EnvironmentVariables = new Dictionary<string, string?> { ["RunAnalyzers"] = "false" },
        });
        if (exit != 0)
        {
            throw new TdxException(ExitCode.InternalError, $"dotnet {arguments.Split(" -f ")[0]} failed (exit {exit})");
        }
    }
}
