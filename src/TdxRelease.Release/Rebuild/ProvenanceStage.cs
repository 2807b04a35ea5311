using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core;
using TdxRelease.Core.Files;
using TdxRelease.Release.Attestation;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Content;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Packaging;
using TdxRelease.Release.Provenance;
using TdxRelease.Signing;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Release.Rebuild;

/// <summary>
/// What stands beside the files that users download: where they come from, what is in them, and which measurements to expect.
/// </summary>
public static class ProvenanceStage
{
    /// <summary>Folder of the attestations.</summary>
    public const string ProvenanceFolder = "provenance";

    /// <summary>Folder of the bills of materials.</summary>
    public const string SbomFolder = "sbom";

    /// <summary>Folder of the reference values.</summary>
    public const string AttestationFolder = "attestation";

    /// <summary>
    /// Makes the files for a bundle. An unsigned bundle gets its provenance as a bare statement, and neither Sigstore bundle nor
    /// verification summary: they would claim what nobody vouches for.
    /// </summary>
    /// <param name="request">What was made, and the release key; none for an unsigned bundle.</param>
    /// <param name="emitted">The files that users download, by their paths in the output folder: the subjects.</param>
    public static IReadOnlyList<BundleFile> Files(PackageRequest request, IReadOnlyList<BundleFile> emitted)
    {
        var (bundle, signer) = (request.Bundle, request.Signer?.Rsa);
        List<BundleFile> files = [.. Derived(bundle.Name, bundle.Manifest, LicenseText(bundle.Files, bundle.Manifest))];
        if (emitted.Count == 0)
        {
            // Repositories only, and those elsewhere: a statement about nothing is none.
            return files;
        }

        List<Subject> subjects = [.. ParallelMap.Select(emitted, f => SubjectOf(f.Path, f.Content))];
        var statement = Statement(request, signer?.PublicKey, subjects);
        if (signer is null)
        {
            files.Add(new BundleFile(StatementPath(bundle.Name), statement.ToJson()));
        }
        else
        {
            var envelope = DsseEnvelope.Sign(signer, statement);
            var json = envelope.ToJson();
            files.Add(new BundleFile(EnvelopePath(bundle.Name), json));
            files.Add(new BundleFile(SigstorePath(bundle.Name), SigstoreBundle.Of(envelope, signer.PublicKey).ToJson()));
            files.Add(new BundleFile(SummaryPath(bundle.Name),
                DsseEnvelope.Sign(signer, Summary(bundle, signer.PublicKey, json).About(subjects)).ToJson()));
        }

        return [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)];
    }

    /// <summary>
    /// What follows from the manifest and the licence alone, so that an audit writes it again and compares: bills of materials and
    /// reference values.
    /// </summary>
    /// <param name="name">Base name of the bundle's files.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="license">The licence's bytes.</param>
    public static IReadOnlyList<BundleFile> Derived(string name, Manifest manifest, ReadOnlyMemory<byte> license)
    {
        var references = References(manifest);
        return
        [
            new($"{SbomFolder}/{name}.cdx.json", CycloneDx.Write(manifest)),
            new($"{SbomFolder}/{name}.spdx.json", Spdx.Write(manifest, license.Span)),
            new($"{AttestationFolder}/{name}.rvps.json", ReferenceValues.ToRvps(references)),
            new($"{AttestationFolder}/{name}.allow-list.json", ReferenceValues.ToAllowList(references)),
            new($"{AttestationFolder}/{name}.families.json", ReferenceValues.ToFamilies(references)),
            .. references.Select(r =>
                new BundleFile($"{AttestationFolder}/tdx_module_{r.Version}.textproto",
                Encoding.UTF8.GetBytes(ReferenceValues.ToTextProto(r)))),
        ];
    }

    /// <summary>The modules of a manifest as verifiers of quotes see them.</summary>
    public static IReadOnlyList<ModuleReference> References(Manifest manifest) =>
        [.. manifest.Modules.Select(m => new ModuleReference(m.Version.ToString(), m.MrSeam, m.Svn, m.Cpus))];

    /// <summary>A file as a statement names it.</summary>
    public static Subject SubjectOf(string path, ReadOnlyMemory<byte> content)
    {
        var file = BundleAudit.Hash(path, content);
        return new Subject(path, file.Sha256, file.Sha384);
    }

    /// <summary>What the verification summary of a bundle is about: <c>pkg:generic/NAME@DATE</c>.</summary>
    public static string ResourceOf(Manifest manifest) => $"pkg:generic/{manifest.Name}@{manifest.Created.UtcDateTime:yyyyMMdd}";

    internal static string EnvelopePath(string name) => $"{ProvenanceFolder}/{name}.intoto.json";

    internal static string SigstorePath(string name) => $"{ProvenanceFolder}/{name}.sigstore.json";

    internal static string SummaryPath(string name) => $"{ProvenanceFolder}/{name}.vsa.json";

    internal static string StatementPath(string name) => $"{ProvenanceFolder}/{name}.UNSIGNED.intoto.json";

    internal static ReadOnlyMemory<byte> LicenseText(IEnumerable<BundleFile> files, Manifest manifest) =>
        files.First(f => f.Path == manifest.License.Path).Content;

    private static Statement Statement(PackageRequest request, RsaPublicKey? key, List<Subject> subjects)
    {
        var (bundle, manifest) = (request.Bundle, request.Bundle.Manifest);
        var json = bundle.Files.First(f => f.Path == Manifest.FileName).Content;
        return new SlsaProvenance(
            BuildParameters.BuildType,
            BuildParameters.Of(request).ToJson(),
            [],
            [.. Dependencies(manifest)],
            Maintainer(key),
            ToolVersion.Text,
            manifest.Created,
            [new ResourceDescriptor(Manifest.FileName, null,
                new Dictionary<string, string> { ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(json.Span)) })]).About(subjects);
    }

    private static IEnumerable<ResourceDescriptor> Dependencies(Manifest manifest)
    {
        var source = manifest.Source;
        if (source.Commit is { } commit)
        {
            yield return new ResourceDescriptor("upstream", source.IsRepository ? $"git+{source.Url}" : source.Url,
                new Dictionary<string, string> { ["gitCommit"] = commit });
        }
        else if ((source.ClaimedCommit ?? source.ModifiedFrom) is { } said)
        {
            // No digest: a verifier takes a digest for a fact.
            yield return new ResourceDescriptor("upstream", source.Url, new Dictionary<string, string>(), new Dictionary<string, string>
            { [source.ClaimedCommit is null ? "modifiedFrom" : "claimedCommit"] = said });
        }

        yield return new ResourceDescriptor(manifest.License.Path, null,
            new Dictionary<string, string> { ["sha256"] = manifest.License.Sha256 });
        var mapping = manifest.Files.First(f => f.Path == UpstreamLayout.Mapping);
        yield return new ResourceDescriptor(mapping.Path, null, new Dictionary<string, string> { ["sha256"] = mapping.Sha256 });
        yield return new ResourceDescriptor("trust policy", null, new Dictionary<string, string> { ["sha256"] = manifest.PolicySha256 });
        foreach (var module in manifest.Modules)
        {
            yield return new ResourceDescriptor($"tdx_module_{module.Version}.bin", null,
                new Dictionary<string, string> { ["sha384"] = module.MrSeam });
        }
    }

    private static SlsaVerificationSummary Summary(Bundle bundle, RsaPublicKey key, byte[] provenance) => new(
        Maintainer(key),
        bundle.Manifest.Created,
        ResourceOf(bundle.Manifest),
        $"urn:tdxrel:policy:{bundle.Manifest.PolicySha256}",
        bundle.Manifest.PolicySha256,
        [new ResourceDescriptor(null, EnvelopePath(bundle.Name),
            new Dictionary<string, string> { ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(provenance)) })],
        Passed: true,
        ["SLSA_BUILD_LEVEL_1"]);

    // Who vouches is whoever holds the key; there is no other identity to name.
    internal static string Maintainer(RsaPublicKey? key) => key is null ? "urn:tdxrel:unsigned" : $"urn:tdxrel:key:{key.Sha256}";
}
