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
internal sealed class AuditCommand
{
    private readonly Argument<string> subject = new("BUNDLE")
    {
        Description = "a bundle's directory, tar or package, an OCI layout, a repository, or a whole output directory",
    };
    private readonly Option<string?> key = new("--key")
    {
        HelpName = "PEM",
        Description = "the maintainer's public key",
    };
    private readonly Option<string?> certificate = new("--certificate")
    {
        HelpName = "PGP",
        Description = "the maintainer's OpenPGP certificate, for packages, repositories and manifest.json.asc; or several in one file",
    };
    private readonly Option<string[]> attestations = new("--attestation")
    {
        HelpName = "FILE",
        Description = "provenance, Sigstore bundle or verification summary that came with a single file",
    };
    private readonly Option<string[]> cpus = new("--cpu")
    {
        HelpName = "CPU",
        Description = "a CPU that there must be a module for: family name or CPUID signature",
    };
    private readonly Option<string?> report = new("--report")
    {
        HelpName = "text|json|html",
        Description = "how the result is printed",
    };
    private readonly Option<string?> state = new("--state")
    {
        HelpName = "FILE",
        Description = "remembers the releases seen, so that an older one is refused later",
    };
    private readonly Option<bool> expired = new("--allow-expired")
    {
        Description = "expiry is a warning",
    };
    private readonly Option<bool> unsigned = new("--allow-unsigned")
    {
        Description = "a missing signature is a warning",
    };
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> json = Options.Json();

    public static Command Create(Terminal terminal) => new AuditCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        report.AcceptOnlyFromAmong("text", "json", "html");
        var command = new Command("audit",
            "Check a bundle from outside: all it needs is the maintainer's public key.\n\n"
            + "Example: tdxrel audit tdx-module-20260210.tar.gz --key release.pub.pem")
        {
            subject, key, certificate, attestations, cpus, state, expired, unsigned, policy, report, json,
        };
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        if (parse.GetValue(key) is null && !parse.GetValue(unsigned))
        {
            throw new TdxException(ExitCode.Usage, "no public key is given",
                "--key release.pub.pem, or --allow-unsigned to check everything but who published it");
        }

        var path = parse.GetRequiredValue(subject);
        var statePath = parse.GetValue(state);
        var publicKey = parse.GetValue(key) is { } pem ? RsaPublicKey.FromPem(InputFile.Read(pem, 1 << 16), pem) : null;
        var trust = Policies.Load(parse.GetValue(policy));
        var request = new AuditRequest(path, publicKey, trust, TimeProvider.System.GetUtcNow(), statePath, parse.GetValue(expired),
            parse.GetValue(unsigned))
        {
            Keyring = parse.GetValue(certificate) is { } pgp ? OpenPgpKeyring.Parse(InputFile.Read(pgp, 1 << 20), pgp) : null,
            Attestations = parse.GetValue(attestations) ?? [],
            Cpus = [.. (parse.GetValue(cpus) ?? []).Select(Options.Cpu)],
        };
        var result = AuditStage.Run(request);
        Print(terminal, result, parse.GetValue(json) ? "json" : parse.GetValue(report) ?? "text");
        return (int)(result.Passed ? ExitCode.Success : ExitCode.VerificationFailed);
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
        terminal.Table(report.Answers.Select(a =>
            (IReadOnlyList<string>)[a.Question, a.Verdict == AuditVerdict.No ? "NO" : a.Word, UntrustedText.Visible(a.Reason)]));
        var parts = report.Parts.Count > 1 ? $", {report.Parts.Count} parts" : "";
        terminal.Line($"{report.Subject}: {(report.Passed ? "audit passed" : "AUDIT FAILED")}{parts}");
    }
}
