using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Manifests;
using TdxRelease.Signing;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel report html|reference-values SNAPSHOT|BUNDLE</c>.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal) => new("report", "Write a page for people, or values for other programs.")
    {
        HtmlReportCommand.Create(terminal), ReferenceValuesCommand.Create(terminal),
    };

    internal static Option<string?> Key() => new("--key") { HelpName = "PEM", Description = "the maintainer's public key, for a bundle" };

    internal static Option<bool> Unsigned() => new("--allow-unsigned") { Description = "take a bundle without a signature" };

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
}
