using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Composition;
using TdxRelease.Release.History;
using TdxRelease.Release.Manifests;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Pipeline.Html;

/// <summary>
/// Writes what is known of a snapshot or a bundle as one HTML page (docs/report.md).
/// The bytes depend on the input alone: no time of the run, no host.
/// </summary>
public static class HtmlReportStage
{
    /// <summary>Name of the page in its folder.</summary>
    public const string PageName = "index.html";

    /// <summary>The page of a snapshot.</summary>
    /// <param name="verified">Verified or not: the page says which.</param>
    /// <param name="subject">As the user named it.</param>
    /// <param name="drift">A lock's name and what differs from it, or null.</param>
    public static byte[] Of(VerifiedSnapshot verified, string subject, (string Lock, IReadOnlyList<Finding> Findings)? drift) =>
        ReportSections.Write(new ReleaseReport(
            subject,
            verified.ExitCode,
            [.. verified.Modules.Select(Module)],
            verified.Verified ? GraphStage.Releases(verified) : null,
            verified.Findings,
            [
                .. Origin(verified.Snapshot),
                ("Trust policy", $"{verified.Policy.Name}, sha256 {verified.Policy.Sha256}"),
                ("Published measurements", $"{verified.Published.Source}, {verified.Published.Date:yyyy-MM-dd}"),
            ])
        {
            Drift = drift?.Findings,
            Lock = drift?.Lock,
        });

    /// <summary>The page of a bundle.</summary>
    /// <param name="audit">Its audit, passed or not: the page says which.</param>
    /// <param name="drift">As for a snapshot.</param>
    public static byte[] Of(AuditReport audit, (string Lock, IReadOnlyList<Finding> Findings)? drift)
    {
        var failing = audit.Findings.Where(f => f.Fails).Select(f => f.Version).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var newest = audit.Parts.Where(p => p.Manifest is not null).MaxBy(p => p.Manifest!.Sequence);
        return ReportSections.Write(new ReleaseReport(
            audit.Subject,
            audit.Passed ? ExitCode.Success : ExitCode.VerificationFailed,
            [.. (newest?.Manifest?.Modules ?? []).OrderBy(m => m.Version).Select(m => Module(newest!, failing, m))],
            audit.Passed ? newest?.Releases : null,
            audit.Findings,
            newest?.Manifest is { } manifest ? Origin(manifest) : [("Manifest", "none that is trusted")])
        {
            Audit = audit,
            Drift = drift?.Findings,
            Lock = drift?.Lock,
        });
    }

    /// <summary>What differs between a lock and what was opened.</summary>
    /// <exception cref="TdxException">Exit 3 or 6: either cannot be read.</exception>
    public static (string Lock, IReadOnlyList<Finding> Findings) Drift(string lockPath, string subject) =>
        (lockPath, DriftStage.Run(DriftState.Open(lockPath), DriftState.Open(subject)));

    /// <summary>Writes the folder with the page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="folder">Replaced as a whole.</param>
    /// <param name="inputs">What the page was made of.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="TdxException">
    /// Exit 2: the folder is an input. Exit 6: something stands there that is not ours, or it cannot be written.
    /// </exception>
    public static string Save(byte[] page, string folder, params IEnumerable<string?> inputs)
    {
        using var files = new AtomicFolder(folder);
        files.RequireApart(inputs);
        files.Write(PageName, page);
        files.Commit();
        return Path.Combine(folder, PageName);
    }

    private static ReportModule Module(VerifiedModule module) => module.Facts is { } f
        ? new(f.Spelling, module.Verified, f.Svn, f.Cpus, f.Date, f.MrSeam, f.Signer, f.SignerSha384, f.KeyBits, f.IsDebug)
        : new(module.Release.Spelling, false, null, [], null, "unknown", "unknown", "unknown", 0, false);

    // The audit counts the modules that verify and names those that do not; where the two do not add up, none is called verified.
    private static ReportModule Module(AuditedPart part, HashSet<string> failing, ManifestModule m) => new(
        m.Version.ToString(),
        !failing.Contains(m.Version.ToString()) && part.Modules + failing.Count >= part.Manifest!.Modules.Count,
        m.Svn,
        m.Cpus,
        m.Date,
        m.MrSeam,
        string.Join(", ", part.Signers),
        m.Signer,
        m.KeyBits,
        m.Debug);

    private static IEnumerable<(string Name, string Value)> Origin(Snapshot snapshot)
    {
        yield return ("Source",
            snapshot.Origin.Url is { } url ? $"{snapshot.Origin.Kind} {url}" : $"{snapshot.Origin.Kind} of unknown history");
        yield return ("Commit",
            Commit(snapshot.Origin.Commit, snapshot.Origin.ClaimedCommit, snapshot.Origin.ModifiedFrom)
            ?? "unknown: tdxrel fetch records it");
        yield return ("Date", snapshot.Origin.Date is { } date ? $"{date:yyyy-MM-dd}" : "unknown");
        yield return ("Data files", $"{snapshot.Files.Count}");
        foreach (var path in new[] { UpstreamLayout.Mapping, UpstreamLayout.BinariesLicense }.Where(snapshot.Contains))
        {
            yield return (path, $"sha256 {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(snapshot.Read(path)))}");
        }
    }

    private static string? Commit(string? proven, string? claimed, string? modified) =>
        proven ?? (claimed is not null ? $"{claimed}, claimed by the archive"
            : modified is not null ? $"{modified} with changed files (dirty)" : null);

    private static IReadOnlyList<(string Name, string Value)> Origin(Manifest manifest) =>
    [
        ("Bundle", $"{manifest.Name}{(manifest.Unsigned ? ", UNSIGNED" : "")}"),
        ("Sequence", $"{manifest.Sequence}"),
        ("Created", $"{manifest.Created.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"),
        ("Expires", $"{manifest.Expires.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"),
        ("Source", manifest.Source.Url),
        ("Commit", Commit(manifest.Source.Commit, manifest.Source.ClaimedCommit, manifest.Source.ModifiedFrom) ?? "unknown"),
        ("Licence", $"{manifest.License.Path}, sha256 {manifest.License.Sha256}"),
        ("Trust policy", $"sha256 {manifest.PolicySha256}"),
        ("BuiltPackage by", manifest.Tool),
        ("Files", $"{manifest.Files.Count}"),
    ];
}
