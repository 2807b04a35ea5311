using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline.Html;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel report html SNAPSHOT|BUNDLE</c>.</summary>
internal sealed class HtmlReportCommand
{
    private readonly Argument<string> subject = new("SUBJECT")
    {
        Description = "a snapshot's directory, or a bundle in any form that audit takes",
    };
    private readonly Option<string> output = new("--out")
    {
        HelpName = "DIR",
        Description = $"the directory that gets {HtmlReportStage.PageName}, replaced as a whole",
        Required = true,
    };
    private readonly Option<string?> wanted = new("--lock")
    {
        HelpName = "LOCK",
        Description = "show what differs from this lock",
    };
    private readonly Option<string?> key = ReportCommand.Key();
    private readonly Option<bool> unsigned = ReportCommand.Unsigned();
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();

    public static Command Create(Terminal terminal) => new HtmlReportCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        var command = new Command(
            "html",
            "Write one page about a snapshot or a bundle: modules, signatures, updates, findings, drift, provenance. It fetches nothing.\n"
            + "The page is written whatever it has to say; the exit code is that of verify or audit.\n\n"
            + "Example: tdxrel report html ./tdx-module-binaries --lock upstream.lock.json --out ./report")
        {
            subject, output, wanted, key, unsigned, policy, lenient,
        };
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        var path = parse.GetRequiredValue(subject);
        OutputGuard.Require(parse.GetRequiredValue(output));
        var drift = parse.GetValue(wanted) is { } file ? HtmlReportStage.Drift(file, path) : ((string, IReadOnlyList<Finding>)?)null;
        byte[] page;
        ExitCode code;
        if (ReportCommand.IsSnapshot(path))
        {
            var verified = VerifyStage.Run(Snapshot.Open(path), Options.LoadPolicy(parse.GetValue(policy)),
                Options.Strictness(parse.GetValue(lenient)));
            (page, code) = (HtmlReportStage.Of(verified, path, drift), verified.ExitCode);
        }
        else
        {
            var audit = ReportCommand.Audit(path, parse.GetValue(key), parse.GetValue(policy), parse.GetValue(unsigned),
                allowExpired: false);
            (page, code) = (HtmlReportStage.Of(audit, drift), audit.Passed ? ExitCode.Success : ExitCode.VerificationFailed);
        }

        var saved = HtmlReportStage.Save(page, parse.GetRequiredValue(output), path, parse.GetValue(wanted));
        terminal.Line($"{saved}: {(code == ExitCode.Success ? "verified" : "NOT verified")}");
        return (int)code;
    }
}
