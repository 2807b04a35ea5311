using System.CommandLine;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Attestation;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Rebuild;
using TdxRelease.Signing;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel report html|reference-values SNAPSHOT|BUNDLE</c>.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal) => new("report", "Write a page for people, or values for other programs.") {
        HtmlReportCommand.Create(terminal), ReferenceValuesCommand(terminal) };

    internal static Option<string?> Key() => new("--key") { HelpName = "PEM", Description = "the maintainer's public key, for a bundle" };

    internal static Option<bool> Unsigned() => new("--allow-unsigned") { Description = "take a bundle without a signature" };

    private static Command ReferenceValuesCommand(Terminal terminal)
    {
        var subject = new Argument<string>("SUBJECT") { Description = "a snapshot's directory, or a bundle in any form that audit takes" };
        var cpu = new Option<string?>("--cpu") { HelpName = "CPU", Description = "one family, by name or signature; default: all" };
        var plan = new Option<string?>("--plan")
        {
            HelpName = "RUNNING:SEAMLDR[:TARGET]",
            Description = "what to accept before, during and after this update; needs --cpu"
        };
        var format = new Option<string?>("--format")
        {
            HelpName = "rvps|allow-list|textproto|families",
            Description = "default: allow-list; with --plan, the modules on the path in this form"
        };
        format.AcceptOnlyFromAmong("rvps", "allow-list", "textproto", "families");
        var output = new Option<string?>("--out") { HelpName = "DIR", Description = "textproto: where one file a module goes" };
        var key = Key();
        var unsigned = Unsigned();
        var policy = Options.Policy();
        var lenient = Options.Lenient();
        var command = new Command("reference-values",
            "Write the measurements that verifiers of TDX quotes should accept.\n\nExample: tdxrel report reference-values ./snapshot --cpu sapphire-rapids --format rvps")
        {
            subject, cpu, plan, format, output, key, unsigned, policy, lenient,
        };
        command.SetAction(parse =>
        {
            var path = parse.GetRequiredValue(subject);
            var (releases, _) = Releases(path, parse.GetValue(key), parse.GetValue(policy), parse.GetValue(unsigned),
                parse.GetValue(lenient));
            var family = parse.GetValue(cpu) is { } name ? Options.Cpu(name) : (TdxRelease.Verification.Cpu.CpuSignature?)null;
            if (parse.GetValue(plan) is not { } update)
            {
                Write(terminal, path, parse.GetValue(format) ?? "allow-list", ReferenceStage.Of(releases, family), parse.GetValue(output));
                return (int)ExitCode.Success;
            }

            var request = ReferenceStage.Parse(update, family ?? throw new TdxException(ExitCode.Usage, "--plan needs --cpu",
                "--cpu sapphire-rapids"));
            var references = ReferenceStage.Around(releases, request);
            if (parse.GetValue(format) is { } form)
            {
                Write(terminal, path, form, references.During, parse.GetValue(output));
            }
            else
            {
                terminal.Bytes(references.ToJson());
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    internal static bool IsSnapshot(string path) =>
        File.Exists(Path.Combine(path, UpstreamLayout.Mapping)) && !File.Exists(Path.Combine(path, Manifest.FileName));

    /// <summary>Audits a bundle; who published it must be said or waived.</summary>
    internal static AuditReport Audit(string path, string? key, string? policy, bool unsigned, bool allowExpired)
    {
        if (!Path.Exists(path))
        {
            throw new TdxException(ExitCode.Io, $"\"{path}\": no such file or directory", "name a snapshot's directory or a bundle");
        }

        if (key is null && !unsigned)
        {
            throw new TdxException(ExitCode.Usage, $"\"{path}\" is not a snapshot, and for a bundle no public key is given",
                "--key release.pub.pem, or --allow-unsigned");
        }

        var publicKey = key is null ? null : RsaPublicKey.FromPem(InputFile.Read(key, 1 << 16), key);
        return AuditStage.Run(new AuditRequest(path, publicKey, Policies.Load(policy), allowExpired ? Options.Time()
            : TimeProvider.System.GetUtcNow(), null, allowExpired, unsigned));
    }

    /// <summary>The verified releases of a snapshot or bundle, and the bundle's sequence.</summary>
    internal static (ReleaseSet Releases, long? Sequence) Releases(string path, string? key, string? policy, bool unsigned, bool lenient)
    {
        if (IsSnapshot(path))
        {
            return (GraphStage.Releases(Options.Verified(path, policy, lenient)), null);
        }

        // Values from a bundle that nobody vouches for would open the door that they are meant to guard; age does not change them.
        var report = Audit(path, key, policy, unsigned, allowExpired: true);
        var newest = report.Parts.MaxBy(p => p.Manifest!.Sequence);
        return report.Passed && newest?.Releases is { } releases
            ? (releases, newest.Manifest!.Sequence)
            : throw new TdxException(ExitCode.VerificationFailed, report.Findings.FirstOrDefault(f => f.Fails)?.ToString()
                ?? $"{path}: does not pass the audit", "tdxrel audit lists all findings");
    }

    private static void Write(Terminal terminal, string subject, string format, IReadOnlyList<ModuleReference> references, string? output)
    {
        if (format != "textproto")
        {
            terminal.Bytes(format switch
            {
                "rvps" => ReferenceValues.ToRvps(references),
                "families" => ReferenceValues.ToFamilies(references),
                _ => ReferenceValues.ToAllowList(references),
            });
            return;
        }

        if (output is null && references is [var only])
        {
            terminal.Output.Write(ReferenceValues.ToTextProto(only));
            return;
        }

        var folder = output ?? throw new TdxException(ExitCode.Usage, $"a text proto holds one module, there are {references.Count}",
            "--out DIR writes one file a module");
        using var files = new AtomicFolder(folder);
        files.RequireApart(subject);
        foreach (var reference in references)
        {
            files.Write($"tdx_module_{reference.Version}.textproto", Encoding.UTF8.GetBytes(ReferenceValues.ToTextProto(reference)));
        }

        files.Commit();
        terminal.Line($"{folder}: {references.Count} files");
    }
}
