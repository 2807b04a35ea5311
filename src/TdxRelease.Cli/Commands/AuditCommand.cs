using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Pipeline.Html;
using TdxRelease.Release.Audit;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel audit BUNDLE</c>.</summary>
internal static class AuditCommand
{
    public static Command Create(Terminal terminal)
    {
        var subject = new Argument<string>("BUNDLE") { Description = "a bundle's directory, tar or package, an OCI layout, a repository, or a whole output directory" };
        var key = new Option<string?>("--key") { HelpName = "PEM", Description = "the maintainer's public key" };
        var certificate = new Option<string?>("--certificate") { HelpName = "PGP", Description = "the maintainer's OpenPGP certificate, for packages, repositories and manifest.json.asc" };
        var attestations = new Option<string[]>("--attestation") { HelpName = "FILE", Description = "provenance, Sigstore bundle or verification summary that came with a single file" };
        var cpus = new Option<string[]>("--cpu") { HelpName = "CPU", Description = "a CPU that there must be a module for: family name or CPUID signature" };
        var report = new Option<string?>("--report") { HelpName = "text|json|html", Description = "how the result is printed" };
        report.AcceptOnlyFromAmong("text", "json", "html");
        var state = new Option<string?>("--state") { HelpName = "FILE", Description = "remembers the releases seen, so that an older one is refused later" };
        var expired = new Option<bool>("--allow-expired") { Description = "expiry is a warning" };
        var unsigned = new Option<bool>("--allow-unsigned") { Description = "a missing signature is a warning" };
        var policy = Options.Policy();
        var json = Options.Json();
        var command = new Command("audit", "Check a bundle from outside: all it needs is the maintainer's public key.\n\nExample: tdxrel audit tdx-module-20260210.tar.gz --key release.pub.pem")
        {
            subject, key, certificate, attestations, cpus, state, expired, unsigned, policy, report, json,
        };
        command.SetAction(parse =>
        {
            if (parse.GetValue(key) is null && !parse.GetValue(unsigned))
            {
                throw new TdxException(ExitCode.Usage, "no public key is given", "--key release.pub.pem, or --allow-unsigned to check everything but who published it");
            }

            var path = parse.GetRequiredValue(subject);
            var statePath = parse.GetValue(state);
            var publicKey = parse.GetValue(key) is { } pem ? RsaPublicKey.FromPem(InputFile.Read(pem, 1 << 16), pem) : null;

            // Behind the key: the default policy is being loaded meanwhile.
            var trust = Policies.Load(parse.GetValue(policy));
            var request = new AuditRequest(path, publicKey, trust, TimeProvider.System.GetUtcNow(), statePath, parse.GetValue(expired), parse.GetValue(unsigned))
            {
                Certificate = parse.GetValue(certificate) is { } pgp ? OpenPgpCertificate.Parse(InputFile.Read(pgp, 1 << 20), pgp) : null,
                Attestations = parse.GetValue(attestations) ?? [],
                Cpus = [.. (parse.GetValue(cpus) ?? []).Select(Options.Cpu)],
            };
            var result = AuditStage.Run(request);
            Print(terminal, result, parse.GetValue(json) ? "json" : parse.GetValue(report) ?? "text");
            return (int)(result.Passed ? ExitCode.Success : ExitCode.VerificationFailed);
        });
        return command;
    }

    private static void Print(Terminal terminal, AuditReport report, string format)
    {
        if (format == "json")
        {
            terminal.Json(writer => AuditJson.Write(writer, report));
            return;
        }

        if (format == "html")
        {
            terminal.Bytes(AuditHtml.Write(report));
            return;
        }

        terminal.Findings(report.Findings);
        terminal.Table(report.Answers.Select(a => (IReadOnlyList<string>)[a.Question, a.Verdict == AuditVerdict.No ? "NO" : a.Word, UntrustedText.Visible(a.Reason)]));
        terminal.Line($"{report.Subject}: {(report.Passed ? "audit passed" : "AUDIT FAILED")}{(report.Parts.Count > 1 ? $", {report.Parts.Count} parts" : "")}");
    }
}
