using System.CommandLine;
using TdxRelease.Modules.Cpu;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel verify SNAPSHOT</c>.</summary>
internal static class VerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var snapshot = Options.Snapshot();
        var policy = Options.Policy();
        var lenient = Options.Lenient();
        var json = Options.Json();
        var command = new Command("verify", "Verify every module down to the pinned key.\n\nExample: tdxrel verify ./tdx-module-binaries") { snapshot, policy, lenient, json };
        command.SetAction(parse =>
        {
            var verified = VerifyStage.Run(
                Snapshot.Open(parse.GetRequiredValue(snapshot)),
                Options.LoadPolicy(parse.GetValue(policy)),
                Options.Strictness(parse.GetValue(lenient)));
            if (parse.GetValue(json))
            {
                terminal.Json(writer => VerifyJson.Write(writer, verified));
            }
            else
            {
                Print(terminal, verified);
            }

            return (int)(verified.Verified ? ExitCode.Success : ExitCode.VerificationFailed);
        });
        return command;
    }

    private static void Print(Terminal terminal, VerifiedSnapshot verified)
    {
        terminal.Table(verified.Modules.Select(Row).Prepend(["VERSION", "RESULT", "SVN", "KEY", "CPU FAMILIES", "SIGNER", "MRSEAM"]));
        foreach (var finding in verified.AllFindings)
        {
            terminal.Note($"{finding.Severity.ToString().ToLowerInvariant()}: {finding}");
        }

        var good = verified.Modules.Count(m => m.Verified);
        terminal.Output.WriteLine($"{good} of {verified.Modules.Count} modules verified against policy \"{verified.Policy.Name}\" (sha256 {verified.Policy.Sha256})");
    }

    private static IReadOnlyList<string> Row(VerifiedModule module) => module.Facts is { } facts
        ? [facts.Spelling, module.Verified ? "verified" : "FAILED", facts.Svn.ToString(), $"RSA-{facts.KeyBits}", string.Join(", ", facts.Cpus.Select(c => CpuFamily.Of(c).Name)), facts.Signer, facts.MrSeam]
        : [module.Release.Spelling, "FAILED", "-", "-", "-", "-", "-"];
}
