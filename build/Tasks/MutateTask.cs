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
    + "with --changed only the lines changed since the area was measured; no longer than --minutes=N")]
public sealed class MutateTask : FrostingTask<BuildContext>
{
    private const int TimedOut = 124; // timeout(1)

    private static string Folder => Path.Combine(BuildContext.Checkout, "tests", "mutation");

    private static string RecordPath => Measurements.PathOf(BuildContext.Checkout, "mutation");

    public override void Run(BuildContext context)
    {
        var clock = Stopwatch.StartNew();
        var equivalents = EquivalentMutant.Read(Path.Combine(Folder, "equivalents.json"));
        var record = Measurements.Read(RecordPath, Measurements.Default.DictionaryStringMeasuredArea);
        var runs = Areas(context.Project).Select(area => (Area: area, Only: context.Changed ? Changed(context, area, record) : null))
            .Where(run => run.Only is not { Count: 0 }).ToList();
        var commit = context.Changed ? null : Commit(context);
        if (runs.Count > 0)
        {
            Start(context, "tool restore", BuildContext.Checkout, null);
        }

        var (mutants, unnoticed, unmeasured) = (0, new List<string>(), new List<string>());
        foreach (var (area, only) in runs)
        {
            var left = context.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) - clock.Elapsed : (TimeSpan?)null;
            if (Measure(context, area, only, left) is { } report)
            {
                var figures = report.Figures(commit, equivalents);
                mutants += figures.Changes;
                unnoticed.AddRange(Tell(context, area.Name, report, figures, equivalents));
                if (commit is not null)
                {
                    record[area.Name] = figures;
                    Measurements.Write(RecordPath, record, Measurements.Default.DictionaryStringMeasuredArea);
                }
            }
            else
            {
                unmeasured.Add(area.Name);
            }
        }

        MutationReport.Require(unnoticed, mutants);
        TellUnmeasured(context, unmeasured);
    }

    // With --changed the time is CI's, and a warning is enough: what was left then is measured with its whole area.
    private static void TellUnmeasured(BuildContext context, List<string> areas)
    {
        var message = $"not measured before the time was over: {string.Join(", ", areas)}";
        if (areas.Count > 0 && context.Changed)
        {
            context.Warning("{0}", message);
        }
        else if (areas.Count > 0)
        {
            throw new TdxException(ExitCode.InternalError, message, "more --minutes");
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

    // Stryker's patterns for the lines of an area that its last whole run did not see.
    private static List<string> Changed(BuildContext context, MutationArea area,
        Dictionary<string, MeasuredArea> record)
    {
        if (record.GetValueOrDefault(area.Name)?.Commit is not { } commit)
        {
            context.Warning("{0}", $"{area.Name}: was never measured as a whole, so that nothing is known to be new");
            return [];
        }

        var changed = ChangedLines.Parse(Git(context,
            $"diff --unified=0 --no-prefix --no-renames --no-color --no-ext-diff {commit} -- {area.Project}"));
        var files = area.Files.Where(changed.Files.ContainsKey).ToList();
        context.Information("{0}",
            $"{area.Name}: {(files.Count == 0 ? "no line" : string.Join(", ", files))} changed since it was measured");
        return [.. files.Select(file => changed.Pattern(file, Path.GetRelativePath(area.Project, file),
            File.ReadAllText(Path.Combine(BuildContext.Checkout, file))))];
    }

    // What was measured counts for a commit; of sources that are in none there is nothing to record.
    private static string? Commit(BuildContext context)
    {
        if (Git(context, "status --porcelain -- src tests \":!tests/measured\"").Count == 0)
        {
            return Git(context, "rev-parse HEAD")[0];
        }

        context.Warning("{0}", "the sources are not those of a commit: tests/measured/mutation.json stays as it is");
        return null;
    }

    private static IReadOnlyList<string> Git(BuildContext context, string arguments)
    {
        var exit = context.StartProcess("git", new ProcessSettings
        {
            Arguments = arguments,
            WorkingDirectory = BuildContext.Checkout,
            RedirectStandardOutput = true,
        }, out var lines);
        return exit == 0 ? [.. lines]
            : throw new TdxException(ExitCode.InternalError, $"git {arguments} failed (exit {exit})", "a whole clone of the repository");
    }

    private static MutationReport? Measure(BuildContext context, MutationArea area, IReadOnlyList<string>? only, TimeSpan? left)
    {
        var output = Path.Combine(BuildContext.Artifacts, "mutation", area.Name);
        var patterns = string.Concat((only ?? []).Select(pattern => $" -m \"{pattern}\""));
        return left <= TimeSpan.Zero
            || !Start(context, $"tool run dotnet-stryker -f \"{area.Settings}\" -O \"{output}\"{patterns}",
                Path.Combine(BuildContext.Checkout, "tests", "TdxRelease.Tests"), left)
            ? null
            : MutationReport.Read(Path.Combine(output, "reports", "mutation-report.json"), BuildContext.Checkout);
    }

    private static IReadOnlyList<string> Tell(BuildContext context, string name, MutationReport report, MeasuredArea figures,
        IReadOnlyList<EquivalentMutant> equivalents)
    {
        context.Information("{0}", string.Create(CultureInfo.InvariantCulture,
            $"{name}: {figures.Noticed} of {figures.Changes} changes noticed; {figures.Equivalent} others change nothing: ")
            + string.Create(CultureInfo.InvariantCulture, $"{figures.Score:0.0} %"));
        foreach (var (mutant, reason) in report.Equivalent(equivalents))
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
            EnvironmentVariables = new Dictionary<string, string?>
            {
                ["RunAnalyzers"] = "false",
                ["TDX_UPSTREAM"] = "none",
                ["TDXREL_MUTATION"] = "1",
            },
        });
        return exit == 0 || (limit is not null && exit == TimedOut ? false
            : throw new TdxException(ExitCode.InternalError, $"dotnet {arguments.Split(" -f ")[0]} failed (exit {exit})"));
    }
}
