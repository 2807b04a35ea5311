using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Release.History;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel diff A B</c>.</summary>
internal static class DiffCommand
{
    public static Command Create(Terminal terminal)
    {
        var before = new Argument<string>(
            "A")
        { Description = "the older state: a snapshot directory, a lock, a bundle (directory, tar or package) or a mapping file" };
        var after = new Argument<string>("B") { Description = "the newer state" };
        var modules = new Option<string?>("--modules")
        {
            HelpName = "SNAPSHOT",
            Description = "where SVN and CPU families come from if A and B have no modules"
        };
        var zero = new Option<bool>("--exit-zero") { Description = "exit 0 even where they differ" };
        var report = Options.Report();
        var json = Options.Json();
        var command = new Command(
            "diff",
            "Name every released fact and byte that differs between two states of upstream, and what that does to the steps.\n"
            + "Exits 0 where nothing differs and 7 where anything does, additions included. "
            + "Nothing is verified: tdxrel verify does that.\n\n"
            + "Example: tdxrel diff upstream.lock.json ./tdx-module-binaries")
        {
            before, after, modules, zero, report, json,
        };
        command.SetAction(parse =>
        {
            var (a, b) = (DriftState.Open(parse.GetRequiredValue(before)), DriftState.Open(parse.GetRequiredValue(after)));
            var findings = DriftStage.Run(a, b, parse.GetValue(modules) is { } folder ? DriftState.Open(folder) : null);
            if (parse.GetValue(json) || parse.GetValue(report) is not null)
            {
                var format = parse.GetValue(json) ? ReportFormat.Json : ReportWriter.Parse(parse.GetValue(report)!);
                terminal.Bytes(ReportWriter.Write(DriftReport.Of(a, b, findings, Options.Time()), format));
            }
            else
            {
                Print(terminal, findings);
            }

            return (int)(findings.Count == 0 || parse.GetValue(zero) ? ExitCode.Success : ExitCode.Drift);
        });
        return command;
    }

    /// <summary>One line a difference, on stdout: here they are the result.</summary>
    internal static void Print(Terminal terminal, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
        {
            terminal.Line($"{finding.Severity.ToString().ToLowerInvariant()}: {finding}");
        }

        terminal.Line(findings.Count == 0 ? "no difference" : $"{findings.Count} {(findings.Count == 1 ? "difference" : "differences")}");
    }
}
