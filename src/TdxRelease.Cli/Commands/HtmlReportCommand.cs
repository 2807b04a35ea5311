using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Html;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel report html SNAPSHOT|BUNDLE</c>.</summary>
internal static class HtmlReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var subject = new Argument<string>("SUBJECT") { Description = "a snapshot's directory, or a bundle in any form that audit takes" };
        var output = new Option<string>("--out") { HelpName = "DIR", Description = $"the directory that gets {HtmlReportStage.PageName}, replaced as a whole", Required = true };
        var wanted = new Option<string?>("--lock") { HelpName = "LOCK", Description = "show what differs from this lock" };
        var key = ReportCommand.Key();
        var unsigned = ReportCommand.Unsigned();
        var policy = Options.Policy();
        var lenient = Options.Lenient();
        var command = new Command(
            "html",
            "Write one page about a snapshot or a bundle: modules, signatures, updates, findings, drift, provenance. It fetches nothing.\n"
            + "The page is written whatever it has to say; the exit code is that of verify or audit.\n\nExample: tdxrel report html ./tdx-module-binaries --lock upstream.lock.json --out ./report")
        {
            subject, output, wanted, key, unsigned, policy, lenient,
        };
        command.SetAction(parse =>
        {
            var path = parse.GetRequiredValue(subject);
            OutputGuard.Require(parse.GetRequiredValue(output));
            var drift = parse.GetValue(wanted) is { } file ? HtmlReportStage.Drift(file, path) : ((string, IReadOnlyList<Finding>)?)null;
            byte[] page;
            ExitCode code;
            if (ReportCommand.IsSnapshot(path))
            {
                var verified = VerifyStage.Run(Snapshot.Open(path), Options.LoadPolicy(parse.GetValue(policy)), Options.Strictness(parse.GetValue(lenient)));
                (page, code) = (HtmlReportStage.Of(verified, path, drift), verified.ExitCode);
            }
            else
            {
                var audit = ReportCommand.Audit(path, parse.GetValue(key), parse.GetValue(policy), parse.GetValue(unsigned), allowExpired: false);
                (page, code) = (HtmlReportStage.Of(audit, drift), audit.Passed ? ExitCode.Success : ExitCode.VerificationFailed);
            }

            terminal.Line($"{HtmlReportStage.Save(page, parse.GetRequiredValue(output), path, parse.GetValue(wanted))}: {(code == ExitCode.Success ? "verified" : "NOT verified")}");
            return (int)code;
        });
        return command;
    }
}
