using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Reports;

namespace TdxRelease.Pipeline.Checking;

/// <summary>The one page that a team reads in the morning.</summary>
internal static class CheckPage
{
    public static string Write(CheckResult result)
    {
        var text = new StringBuilder();
        text.Append($"# {Title(result)}\n\n");
        var newest = result.Newest is null ? "unknown" : $"`{result.Newest}`";
        text.Append($"Locked: `{result.Locked}`. Newest: {newest}. Exit code {(int)result.ExitCode}.\n");
        text.Append($"\n{ToDo(result)}\n");
        if (result.Drift.Count > 0)
        {
            text.Append("\n## What changed\n\n| severity | rule | what |\n|---|---|---|\n");
            foreach (var finding in result.Drift)
            {
                var message = finding.Version is { } version && !finding.Message.Contains(version, StringComparison.Ordinal)
                    ? $"{version}: {finding.Message}" : finding.Message;
                var place = finding.Location.Line > 0 ? "" : $" ({finding.Location})";
                text.Append($"| {CheckReport.Word(finding.Severity)} | {finding.Rule.Id} | {MarkdownReport.Cell($"{message}{place}")} |\n");
            }
        }

        if (result.Plans.Count > 0)
        {
            text.Append("\n## Plans that change\n\n| host | running | before | now |\n|---|---|---|---|\n");
            foreach (var plan in result.Plans)
            {
                text.Append($"| {MarkdownReport.Cell(plan.Hosts)} | {plan.Running} | {plan.Before} | {plan.After} |\n");
            }
        }

        return text.Append($"\n{MarkdownReport.Write(result.Report)}").ToString();
    }

    private static string Title(CheckResult result) => result.ExitCode switch
    {
        ExitCode.Success when !result.Changed => "Upstream is unchanged",
        ExitCode.Success => "Upstream changed, and the change is safe",
        ExitCode.BadInput => "Upstream's metadata is not valid",
        ExitCode.VerificationFailed => "Upstream does not verify",
        ExitCode.Io => "Upstream cannot be reached",
        _ => "Upstream drifted",
    };

    private static string ToDo(CheckResult result) => result.ExitCode switch
    {
        ExitCode.Success when !result.Changed => "Nothing to do.",
        ExitCode.Success when result.Patch is not null => "`git apply lock.patch` moves the lock.",
        ExitCode.Success => "No patch: the commit of the source is unknown. `tdxrel fetch --update-lock` moves the lock to a commit.",
        ExitCode.VerificationFailed => "Do not move the lock. A signature, hash or cross-check failed: tell security.",
        ExitCode.BadInput => "Do not move the lock. Tell upstream, or update tdxrel.",
        ExitCode.Io => "The lock is unchanged. Try again.",
        _ => "Released facts or bytes were rewritten, or the branch went backward. Read the rows marked error or critical, "
            + "then `tdxrel fetch --update-lock`, with `--allow-backward` where the branch was rewritten.",
    };
}
