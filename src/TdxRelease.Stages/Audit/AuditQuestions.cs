using TdxRelease.Bundles.Manifests;
using TdxRelease.Modules.Cpu;
using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Verification;

namespace TdxRelease.Stages.Audit;

/// <summary>Turns findings into the answers that an auditor wants, one a question.</summary>
internal static class AuditQuestions
{
    public static IReadOnlyList<AuditAnswer> Answer(Manifest? manifest, List<Finding> findings, List<ModuleVerdict> modules, ManifestTrust trust)
    {
        AuditAnswer By(string question, string yes, Func<Finding, bool> concerns) =>
            findings.Find(f => f.Fails && concerns(f)) is { } failing ? new(question, false, failing.ToString())
            : manifest is null ? new(question, null, "not looked at: the manifest is not trusted")
            : new(question, true, yes);

        return
        [
            By("Is this Intel's?", $"{modules.Count} modules verify down to {Signers(modules)}", f => Prefix(f, "SIG-", "RSA-", "TRUST-", "IMG-") || f.Rule == AuditRules.ImageMissing || f.Rule == AuditRules.FactsDiffer),
            By("Is it unchanged?", $"{manifest?.Files.Count} files have the lengths and hashes of the manifest", f => Prefix(f, "MAN-", "AUD-", "MAP-") && !Freshness(f) && !Signature(f)),
            Published(manifest, findings, trust),
            Newest(manifest, findings, trust),
            By("Can it run on these CPUs?", $"for {Cpus(modules)}; images are v2, for Linux 7.2 and later", f => f.Rule == AuditRules.ImageFormat || f.Rule == AuditRules.Planning || Prefix(f, "IMG-")),
        ];
    }

    private static AuditAnswer Published(Manifest? manifest, List<Finding> findings, ManifestTrust trust)
    {
        const string Question = "Is it what the maintainer published?";
        return findings.Find(f => f.Fails && Signature(f)) is { } failing ? new(Question, false, failing.ToString())
            : manifest is null ? new(Question, null, "the manifest could not be read")
            : manifest.Unsigned || trust.Key is null ? new(Question, null, "the bundle is UNSIGNED")
            : new(Question, true, $"the manifest is signed by key {trust.Key.Sha256} (RSA-{trust.Key.Bits})");
    }

    private static AuditAnswer Newest(Manifest? manifest, List<Finding> findings, ManifestTrust trust)
    {
        const string Question = "Is it the newest I have seen?";
        return findings.Find(f => f.Fails && Freshness(f)) is { } failing ? new(Question, false, failing.ToString())
            : manifest is null ? new(Question, null, "not looked at: the manifest is not trusted")
            : trust.Seen is null ? new(Question, null, $"sequence {manifest.Sequence}, expires {manifest.Expires:yyyy-MM-dd}; no state file says what was seen before")
            : new(Question, true, $"sequence {manifest.Sequence}, seen before {trust.Seen.Sequence}; expires {manifest.Expires:yyyy-MM-dd}");
    }

    private static bool Signature(Finding finding) =>
        finding.Rule == ManifestRules.WrongSignature || finding.Rule == ManifestRules.SignatureMissing || finding.Rule == ManifestRules.WrongOpenPgpSignature
        || finding.Rule == ManifestRules.KeyTooSmall || finding.Rule == ManifestRules.Unsigned;

    private static bool Freshness(Finding finding) =>
        finding.Rule == ManifestRules.Expired || finding.Rule == ManifestRules.RolledBack || finding.Rule == ManifestRules.InFuture || finding.Rule == ManifestRules.Equivocation;

    private static bool Prefix(Finding finding, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (finding.Rule.Id.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static string Signers(List<ModuleVerdict> modules) => string.Join(", ", modules.Select(m => m.Facts?.Signer).OfType<string>().Distinct().Order(StringComparer.Ordinal));

    private static string Cpus(List<ModuleVerdict> modules) =>
        string.Join(", ", modules.SelectMany(m => m.Facts?.Cpus ?? []).Distinct().Order().Select(c => CpuFamily.Of(c).Name));
}
