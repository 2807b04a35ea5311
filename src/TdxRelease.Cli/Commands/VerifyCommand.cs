using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Pipeline.Reports;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel verify SNAPSHOT</c>.</summary>
internal static class VerifyCommand
{
    private const int MaxList = 16 << 20;

    public static Command Create(Terminal terminal)
    {
        var snapshot = Options.Snapshot();
        var tree = new WorkingTreeOptions();
        var policy = Options.Policy();
        var lenient = Options.Lenient();
        var published = new Option<string?>("--published")
        {
            HelpName = "FILE",
            Description = "list of published measurements instead of the embedded one"
        };
        var report = Options.Report();
        var json = Options.Json();
        var command = new Command("verify",
            "Verify every module down to the pinned key.\n\nExample: tdxrel verify ./tdx-module-binaries") { snapshot, policy, lenient,
            published, report, json };
        tree.AddTo(command);
        command.SetAction(parse =>
        {
            var strictness = Options.Strictness(parse.GetValue(lenient));
            var list = parse.GetValue(published) is { } file ? PublishedList.Read(InputFile.Read(file, MaxList), file) : null;
            var verified = VerifyStage.Run(tree.Open(parse, parse.GetRequiredValue(snapshot)), Options.LoadPolicy(parse.GetValue(policy)),
                strictness, list);
            if (parse.GetValue(json))
            {
                terminal.Json(writer => VerifyJson.Write(writer, verified));
            }
            else if (parse.GetValue(report) is { } format)
            {
                terminal.Bytes(ReportWriter.Write(Checks.Of(verified, strictness, Options.Time()), ReportWriter.Parse(format)));
            }
            else
            {
                Print(terminal, verified);
            }

            return (int)verified.ExitCode;
        });
        return command;
    }

    private static void Print(Terminal terminal, VerifiedSnapshot verified)
    {
        terminal.Table(verified.Modules.Select(Row).Prepend(["VERSION", "RESULT", "SVN", "KEY", "CPU FAMILIES", "SIGNER", "MRSEAM"]));
        terminal.Findings(verified.Findings);
        var good = verified.Modules.Count(m => m.Verified);
        var policy = verified.Policy;
        terminal.Line($"{good} of {verified.Modules.Count} modules verified against policy \"{policy.Name}\" (sha256 {policy.Sha256})");
    }

    private static IReadOnlyList<string> Row(VerifiedModule module) => module.Facts is { } facts
        ? [facts.Spelling, module.Verified ? "verified" : "FAILED", facts.Svn.ToString(), $"RSA-{facts.KeyBits}",
            string.Join(", ", facts.Cpus.Select(c => CpuFamily.Of(c).Name)), facts.Signer, facts.MrSeam]
        : [module.Release.Spelling, "FAILED", "-", "-", "-", "-", "-"];
}
