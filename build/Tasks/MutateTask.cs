using System.Diagnostics;
using System.Globalization;
using Cake.Common;
using Cake.Common.Diagnostics;
using Cake.Core.IO;
using Cake.Frosting;
using TdxRelease.Core.Findings;
using Path = System.IO.Path;

namespace TdxRelease.Build.Tasks;

[TaskName("Mutate")]
[TaskDescription("Changes the product and counts what the fast tests notice: every area of tests/mutation/areas, or --project=NAME; "
    + "with --since=COMMIT only the files changed since; no longer than --minutes=N")]
public sealed class MutateTask : FrostingTask<BuildContext>
{
    private const int TimedOut = 124; // timeout(1)

    private static string Folder => Path.Combine(BuildContext.Checkout, "tests", "mutation");

    public override void Run(BuildContext context)
    {
        var clock = Stopwatch.StartNew();
        var equivalents = EquivalentMutant.Read(Path.Combine(Folder, "equivalents.json"));
        var runs = Runs(context, Areas(context.Project));
        Start(context, "tool restore", BuildContext.Checkout, null);
        var (mutants, unnoticed, unmeasured) = (0, new List<string>(), new List<string>());
        foreach (var (area, file) in runs)
        {
            var left = context.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) - clock.Elapsed : (TimeSpan?)null;
            if (Measure(context, area, file, left) is { } report)
            {
                mutants += report.Mutants.Count;
                unnoticed.AddRange(Tell(context, file ?? area.Name, report, equivalents));
            }
            else
            {
                unmeasured.Add(file ?? area.Name);
            }
        }

        if (unmeasured.Count > 0)
        {
            context.Warning("{0}", $"not measured, since the time is over: {string.Join(", ", unmeasured)}");
        }

        MutationReport.Require(unnoticed, mutants);
        if (unmeasured.Count > 0 && unmeasured.Count == runs.Count)
        {
            throw new TdxException(ExitCode.InternalError, "nothing was measured before the time was over", "more --minutes");
        }
    }

    private static IReadOnlyList<MutationArea> Areas(string? only)
    {
        var all = MutationArea.Read(Path.Combine(Folder, "areas"), BuildContext.Checkout);
        return only is null ? all
            : all.Where(area => area.Name == only).ToList() is { Count: > 0 } one ? one
            : throw new TdxException(ExitCode.Usage,
                $"--project: got \"{only}\", want one of {string.Join(", ", all.Select(area => area.Name))}");
    }

    // An area as a whole, or the changed files one by one: what was measured when the time is over stays measured.
    private static List<(MutationArea Area, string? File)> Runs(BuildContext context, IReadOnlyList<MutationArea> areas)
    {
        if (context.Since is not { } since)
        {
            return [.. areas.Select(area => (area, (string?)null))];
        }

        var changed = Changed(context, since);
        var runs = areas.SelectMany(area => area.Files.Intersect(changed).Select(file => (area, (string?)file))).ToList();
        var others = changed.Except(runs.Select(run => run.Item2!)).ToList();
        context.Information("{0}", $"changed since {since}: {runs.Count} files of an area"
            + (others.Count > 0 ? $"; of none, and not measured: {string.Join(", ", others)}" : ""));
        return runs;
    }

    private static List<string> Changed(BuildContext context, string since)
    {
        var exit = context.StartProcess("git", new ProcessSettings
        {
            Arguments = $"diff --name-only --diff-filter=d --merge-base --end-of-options \"{since}\" -- \"src/*.cs\"",
            WorkingDirectory = BuildContext.Checkout,
            RedirectStandardOutput = true,
        }, out var files);
        return exit == 0 ? [.. files]
            : throw new TdxException(ExitCode.Usage, $"--since: got \"{since}\", want a commit, tag or branch of this repository");
    }

    private static MutationReport? Measure(BuildContext context, MutationArea area, string? file, TimeSpan? left)
    {
        var output = Path.Combine(BuildContext.Artifacts, "mutation", file is null ? area.Name : $"{area.Name}-{Path.GetFileName(file)}");
        var only = file is null ? "" : $" -m \"{Path.GetRelativePath(area.Project, file)}\"";
        return left <= TimeSpan.Zero
            || !Start(context, $"tool run dotnet-stryker -f \"{area.Settings}\" -O \"{output}\"{only}",
                Path.Combine(BuildContext.Checkout, "tests", "TdxRelease.Tests"), left)
            ? null
            : MutationReport.Read(Path.Combine(output, "reports", "mutation-report.json"), BuildContext.Checkout);
    }

    private static IReadOnlyList<string> Tell(BuildContext context, string name, MutationReport report,
        IReadOnlyList<EquivalentMutant> equivalents)
    {
        var equivalent = report.Equivalent(equivalents).ToList();
        context.Information("{0}", string.Create(CultureInfo.InvariantCulture,
            $"{name}: {report.Mutants.Count(m => m.Found)} of {report.Mutants.Count} changes noticed, {report.Score:0.0} %; ")
            + $"{equivalent.Count} others change nothing");
        foreach (var (mutant, reason) in equivalent)
        {
            context.Verbose("{0}", $"{mutant}: changes nothing: {reason}");
        }

        return report.Unnoticed(equivalents);
    }

    // Stryker builds what it changed: the analyzers have nothing to say about that. Tests with Intel's data take long and are not
    // everywhere: without them the score is the same on every machine.
    private static bool Start(BuildContext context, string arguments, string folder, TimeSpan? limit)
    {
        // timeout(1) ends what Stryker started too.
        var seconds = limit is { } time ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)} dotnet ") : "";
        var exit = context.StartProcess(limit is null ? "dotnet" : "timeout", new ProcessSettings
        {
            Arguments = seconds + arguments,
            WorkingDirectory = folder,
            EnvironmentVariables = new Dictionary<string, string?> { ["RunAnalyzers"] = "false", ["TDX_UPSTREAM"] = "none" },
        });
        return exit == 0 || (limit is not null && exit == TimedOut ? false
            : throw new TdxException(ExitCode.InternalError, $"dotnet {arguments.Split(" -f ")[0]} failed (exit {exit})"));
    }
}
