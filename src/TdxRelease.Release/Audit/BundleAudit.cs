using System.Security.Cryptography;
using System.Text.Json.Nodes;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;

namespace TdxRelease.Release.Audit;

/// <summary>The parts of an audit that need no disk: what was unpacked goes in, findings come out.</summary>
public static class BundleAudit
{
    /// <summary>Checks manifest, signatures and every file of a bundle.</summary>
    /// <param name="files">All files of the bundle, the manifest and its signatures included.</param>
    /// <param name="trust">What they are held against.</param>
    public static ManifestVerdict Verify(IReadOnlyList<AuditFile> files, ManifestTrust trust)
    {
        var manifest = Single(files, Manifest.FileName);
        if (manifest is null)
        {
            var missing = new Finding(ManifestRules.FileMissing, "the bundle has no manifest, or more than one",
                new Location(Manifest.FileName));
            return new ManifestVerdict(null, [missing]);
        }

        var evidence = new ManifestEvidence(
            manifest,
            Single(files, Manifest.SignatureName),
            Single(files, Manifest.OpenPgpSignatureName),
            ParallelMap.Select([.. files.Where(f => !IsManifest(f.Path))], f => Hash(f.Path, f.Content)));
        return ManifestVerifier.Verify(evidence, trust);
    }

    /// <summary>A file as the manifest would list it.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="content">Its bytes.</param>
    public static ManifestFile Hash(string path, ReadOnlyMemory<byte> content) =>
        new(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content.Span)),
            Convert.ToHexStringLower(SHA384.HashData(content.Span)));

    /// <summary>
    /// Whether verified provenance names the manifest's upstream: the same source, and its commit among the dependencies or none at all.
    /// </summary>
    /// <param name="manifest">The verified manifest.</param>
    /// <param name="statement">The verified statement.</param>
    /// <param name="name">How findings call the provenance.</param>
    public static IReadOnlyList<Finding> CompareSource(Manifest manifest, Statement statement, string name)
    {
        var provenance = SlsaProvenance.Read(statement, name);
        var commits = provenance.Dependencies.Where(d => d.Digests.ContainsKey("gitCommit")).Select(d => d.Digests["gitCommit"]).ToList();
        var commit = manifest.Source.Commit;
        if (commit is null ? commits.Count > 0 : !commits.Contains(commit))
        {
            var found = string.Join(", ", commits.DefaultIfEmpty("no commit"));
            return [Other($"made from {found}, the manifest says {commit ?? "no commit"}")];
        }

        var (got, want) = (provenance.ExternalParameters["source"], manifest.Source.ToJson());
        return JsonNode.DeepEquals(got, want) ? []
            : [Other($"made from the source {got?.ToJsonString() ?? "null"}, the manifest says {want.ToJsonString()}")];

        Finding Other(string what) => new(ProvenanceRules.OtherSource, what, new Location(name));
    }

    private static bool IsManifest(string path) => path is Manifest.FileName or Manifest.SignatureName or Manifest.OpenPgpSignatureName;

    private static byte[]? Single(IReadOnlyList<AuditFile> files, string path) =>
        files.Where(f => f.Path == path).ToList() is [var only] ? only.Content.ToArray() : null;
}
