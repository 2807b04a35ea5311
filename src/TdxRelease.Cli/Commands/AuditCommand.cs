using System.CommandLine;
using TdxRelease.Bundles.Signing;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages;
using TdxRelease.Stages.Audit;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel audit BUNDLE</c>.</summary>
internal static class AuditCommand
{
    public static Command Create(Terminal terminal)
    {
        var subject = new Argument<string>("BUNDLE") { Description = "a bundle's folder or tar" };
        var key = new Option<string?>("--key") { HelpName = "PEM", Description = "the maintainer's public key" };
        var state = new Option<string?>("--state") { HelpName = "FILE", Description = "remembers the releases seen, so that no older one is taken again" };
        var expired = new Option<bool>("--allow-expired") { Description = "expiry is a warning" };
        var unsigned = new Option<bool>("--allow-unsigned") { Description = "a missing signature is a warning" };
        var policy = Options.Policy();
        var json = Options.Json();
        var command = new Command("audit", "Check a bundle from outside: all it needs is the maintainer's public key.\n\nExample: tdxrel audit tdx-module-20260210.tar.gz --key release.pub.pem")
        {
            subject, key, state, expired, unsigned, policy, json,
        };
        command.SetAction(parse =>
        {
            if (parse.GetValue(key) is null && !parse.GetValue(unsigned))
            {
                throw new TdxException(ExitCode.Usage, "no public key is given", "--key release.pub.pem, or --allow-unsigned to check everything but who published it");
            }

            var trust = Policies.Load(parse.GetValue(policy));
            var path = parse.GetRequiredValue(subject);
            var statePath = parse.GetValue(state);
            var publicKey = parse.GetValue(key) is { } pem ? RsaPublicKey.FromPem(InputFile.Read(pem, 1 << 16), pem) : null;
            var request = new AuditRequest(path, publicKey, trust, TimeProvider.System.GetUtcNow(), statePath, parse.GetValue(expired), parse.GetValue(unsigned));
            var report = AuditStage.Run(request);
            if (parse.GetValue(json))
            {
                terminal.Json(writer => AuditJson.Write(writer, report));
            }
            else
            {
                Print(terminal, report);
            }

            return (int)(report.Passed ? ExitCode.Success : ExitCode.VerificationFailed);
        });
        return command;
    }

    private static void Print(Terminal terminal, AuditReport report)
    {
        terminal.Findings(report.Findings);
        terminal.Table(report.Answers.Select(a => (IReadOnlyList<string>)[a.Question, a.Answer switch { true => "yes", false => "NO", null => "unknown" }, a.Reason]));
        terminal.Output.WriteLine($"{report.Subject}: {(report.Passed ? "audit passed" : "AUDIT FAILED")}");
    }
}
