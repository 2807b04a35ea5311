using TdxRelease.Archives.Codecs;
using TdxRelease.Fuzz.Targets;
using TdxRelease.Verification.Images;

namespace TdxRelease.Fuzz;

/// <summary>The list of fuzz targets. To add one, add a line to <see cref="All"/> and a directory to the corpus.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("sigstruct", VerificationTargets.Sigstructs, Text: false),
        new("image-v1", bytes => VerificationTargets.Images(bytes, ImageFormat.V1), Text: false),
        new("image-v2", bytes => VerificationTargets.Images(bytes, ImageFormat.V2), Text: false),
        new("mapping", VerificationTargets.Mappings, Text: true),
        new("policy", VerificationTargets.Policies, Text: true),
        new("published", VerificationTargets.PublishedLists, Text: true),
        new("lock", DocumentTargets.Locks, Text: true),
        new("snapshot", DocumentTargets.Records, Text: true),
        new("manifest", DocumentTargets.Manifests, Text: true),
        new("site-policy", DocumentTargets.SitePolicies, Text: true),
        new("inventory", DocumentTargets.Inventories, Text: true),
        new("statement", DocumentTargets.Statements, Text: true),
        new("dsse", DocumentTargets.Envelopes, Text: true),
        new("bundle-metadata", DocumentTargets.BundleMetadataFiles, Text: true),
        new("checksums", DocumentTargets.ChecksumLists, Text: true),
        new("tar", ArchiveTargets.Tars, Text: false),
        new("ar", ArchiveTargets.Ars, Text: false),
        new("cpio", ArchiveTargets.Cpios, Text: false),
        new("gzip", bytes => ArchiveTargets.Compressed(bytes, CompressionKind.Gzip), Text: false),
        new("zstd", bytes => ArchiveTargets.Compressed(bytes, CompressionKind.Zstd), Text: false),
        new("xz", bytes => ArchiveTargets.Compressed(bytes, CompressionKind.Xz), Text: false),
        new("source-archive", ArchiveTargets.SourceArchives, Text: false),
        new("deb", PackageTargets.Debs, Text: false),
        new("rpm", PackageTargets.Rpms, Text: false),
        new("arch", PackageTargets.ArchPackages, Text: false),
        new("deb822", PackageTargets.ControlFiles, Text: true),
        new("repomd", PackageTargets.DnfIndexes, Text: true),
        new("oci", PackageTargets.OciLayouts, Text: true),
        new("openpgp-certificate", OpenPgpTargets.Certificates, Text: false),
        new("openpgp-keyring", OpenPgpTargets.Keyrings, Text: false),
        new("openpgp-signature", OpenPgpTargets.Signatures, Text: false),
        new("openpgp-cleartext", OpenPgpTargets.ClearSigned, Text: true),
        new("public-key", OpenPgpTargets.PublicKeys, Text: true),
        new("github", UpstreamTargets.GitHubAnswers, Text: true),
        new("git-tree", UpstreamTargets.GitTrees, Text: false),
        new("git-objects", UpstreamTargets.GitObjects, Text: false),
        new("git-head", UpstreamTargets.GitHeads, Text: true),
    ];

    public static FuzzTarget Find(string name) =>
        All.SingleOrDefault(t => t.Name == name) ?? throw new ArgumentException($"no parser \"{name}\"", nameof(name));
}
