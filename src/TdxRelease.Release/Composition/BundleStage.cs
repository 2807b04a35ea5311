using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.Archives;
using TdxRelease.Core;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Release.Audit;
using TdxRelease.Release.Content;
using TdxRelease.Release.Manifests;
using TdxRelease.Signing;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Release.Composition;

/// <summary>What a bundle is made of and how it is signed.</summary>
/// <param name="Verified">The verified snapshot; a failed one is refused.</param>
/// <param name="AcceptedLicense">SHA-256 of the accepted licence text, or null.</param>
/// <param name="Signer">Signs the manifest; null only with <paramref name="Unsigned"/>.</param>
/// <param name="Unsigned">The user asked for a bundle without a signature.</param>
/// <param name="Sample">The synthetic upstream: named SAMPLE.</param>
/// <param name="Lifetime">How long the manifest counts.</param>
public sealed record BundleRequest(
    VerifiedSnapshot Verified,
    string? AcceptedLicense,
    IRsaSigner? Signer,
    bool Unsigned,
    bool Sample,
    TimeSpan Lifetime)
{
    /// <summary>Signs the manifest as OpenPGP too, where the key has a certificate.</summary>
    public IOpenPgpSigner? OpenPgp { get; init; }

    /// <summary>The time of the release; null takes it from the input (docs/decisions/0007-time.md).</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Version of the packages; null takes it from upstream.</summary>
    public PackageVersion? Package { get; init; }

    /// <summary>A rebuild without the key: everything of a signed bundle but the signatures.</summary>
    public bool LeaveSignatureOut { get; init; }
}

/// <summary>A finished bundle in memory.</summary>
/// <param name="Name">Base name of its files: <c>tdx-module-20260210</c>.</param>
/// <param name="Version">Version of the release: its date.</param>
/// <param name="Package">Version of its packages.</param>
/// <param name="Time">The one time in it.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="Files">Everything, manifest and signatures included, sorted by path.</param>
public sealed record Bundle(string Name, string Version, PackageVersion Package, DateTimeOffset Time, Manifest Manifest,
    IReadOnlyList<BundleFile> Files);

/// <summary>Turns a verified snapshot into a bundle: v2 images, metadata, manifest, signature.</summary>
public static class BundleStage
{
    /// <summary>The manifest's source of a release made from a plain folder.</summary>
    public const string LocalSource = "local-folder";

    /// <summary>How long a bundle counts unless told otherwise.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(366);

    /// <summary>How long a bundle of the sample counts: it protects nothing, and examples should work for years.</summary>
    public static readonly TimeSpan SampleLifetime = TimeSpan.FromDays(3660);

    private static void RequireSigner(BundleRequest request)
    {
        if (request.Signer is null && !request.Unsigned && !request.LeaveSignatureOut)
        {
            throw new TdxException(ExitCode.Refused, "no signing key is given",
                "--signing-key=KEY.pem, or --unsigned for a bundle that says UNSIGNED in its name and manifest");
        }

        if (request.Signer is not null && request.Unsigned)
        {
            throw new TdxException(ExitCode.Usage, "both a signing key and --unsigned are given");
        }
    }

    /// <summary>Composes and signs the bundle; writes nothing.</summary>
    /// <exception cref="TdxException">Exit 4 (not verified), 5 (licence, missing key).</exception>
    public static Bundle Compose(BundleRequest request)
    {
        var verified = request.Verified;
        verified.Require();
        RequireSigner(request);
        var license = LicenseGate.Require(verified.Snapshot, request.AcceptedLicense);
        var time = request.Time ?? ReleaseTime.Of(verified);
        List<BundleFile> files = [.. Images(verified), .. Metadata(verified.Snapshot, license.Text)];
        var hashed = files.ConvertAll(Hashed);
        var planning = GraphStage.Planning(
            verified.Mapping,
            [.. verified.Modules.Select(m => m.Facts!)],
            hashed.ToDictionary(f => f.Path, StringComparer.Ordinal),
            time.ToUnixTimeSeconds(),
            time,
            time + request.Lifetime);
        files.AddRange(planning);
        hashed.AddRange(planning.Select(Hashed));
        var manifest = Manifest(request, time, license.Sha256, hashed);
        var json = manifest.ToJson();
        files.Add(new BundleFile(TdxRelease.Release.Manifests.Manifest.FileName, json));
        if (request.Signer is { } signer)
        {
            files.Add(new BundleFile(TdxRelease.Release.Manifests.Manifest.SignatureName, signer.Sign(json, HashAlgorithmName.SHA512)));
            if (request.OpenPgp is { } openPgp)
            {
                files.Add(new BundleFile(OpenPgpSignatureName,
                    System.Text.Encoding.ASCII.GetBytes(openPgp.SignDetachedArmored(json, time))));
            }
        }

        var (version, package) = (VersionOf(time), request.Package ?? PackageVersion.Of(verified));
        return new Bundle($"{NameOf(request)}-{version}", version, package, time, manifest,
            [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)]);
    }

    /// <summary>
    /// A line for whoever makes a bundle that no host will take any more, as happens where an old input says the time; null where it
    /// counts.
    /// </summary>
    public static string? Expired(Bundle bundle, DateTimeOffset now) => bundle.Manifest.Expires > now
        ? null
        : $"{bundle.Name} has the time of its input, {bundle.Time:yyyy-MM-dd}, and expired {bundle.Manifest.Expires:yyyy-MM-dd}: "
            + "hosts and audits refuse it; set SOURCE_DATE_EPOCH to the time of the release";

    /// <summary>Version and OCI tag of a release: its date.</summary>
    public static string VersionOf(Manifest manifest) => manifest.Created.UtcDateTime.ToString("yyyyMMdd");

    /// <summary>
    /// Refuses a bundle's tar that is not, decompressed, byte for byte the one that <see cref="TarFormat"/> makes of its files.
    /// </summary>
    /// <param name="archive">The archive, decompressed.</param>
    /// <param name="files">Its files.</param>
    /// <param name="manifest">The manifest among them, which nobody has to trust yet.</param>
    /// <param name="name">How messages call it.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    internal static void RequireTar(ReadOnlyMemory<byte> archive, IEnumerable<AuditFile> files, Manifest manifest, string name)
    {
        CanonicalTar.Require(archive, name, TarHeaderFormat.Pax);
        var release = Names.FirstOrDefault(n => n.Equals(manifest.Name, StringComparison.OrdinalIgnoreCase)) ?? manifest.Name;
        var top = $"{release}-{VersionOf(manifest.Created)}";
        var want = TarFormat.Archive(top, files.Select(f => (f.Path, f.Content)), manifest.Created).Span;
        if (!archive.Span.SequenceEqual(want))
        {
            throw new TdxException(ExitCode.BadInput,
                $"{name}: differs from byte {archive.Span.CommonPrefixLength(want)} on from the archive \"{top}\" that its manifest gives");
        }
    }

    /// <summary>Name of the public key beside the bundle.</summary>
    public const string PublicKeyName = "release.pub.pem";

    /// <summary>Name of the OpenPGP certificate beside the bundle.</summary>
    public const string CertificateName = "release.pgp";

    /// <summary>Name of the armored OpenPGP signature over the manifest.</summary>
    public const string OpenPgpSignatureName = TdxRelease.Release.Manifests.Manifest.FileName + ".asc";

    /// <summary>Writes manifest, signatures and public key into a folder that is still aside.</summary>
    public static void WriteManifest(Bundle bundle, AtomicFolder folder, IRsaSigner? signer)
    {
        if (signer is not null)
        {
            folder.Write(PublicKeyName, System.Text.Encoding.ASCII.GetBytes(signer.PublicKey.ToPem()));
        }

        foreach (var file in bundle.Files.Where(f =>
            f.Path.StartsWith(TdxRelease.Release.Manifests.Manifest.FileName, StringComparison.Ordinal)))
        {
            folder.Write($"{bundle.Name}.{file.Path}", file.Content.Span);
        }
    }

    private static BundleFile[] Images(VerifiedSnapshot verified) => ParallelMap.Select(verified.Modules, module =>
        new BundleFile(module.Release.BlobPath,
            ImageWriter.Join(VerifyStage.ReadVerified(verified.Snapshot, module), module.Sigstruct.Span, ImageFormat.V2)));

    private static IEnumerable<BundleFile> Metadata(Snapshot snapshot, byte[] license)
    {
        yield return new(UpstreamLayout.BinariesLicense, license);
        yield return new(UpstreamLayout.Mapping, snapshot.Read(UpstreamLayout.Mapping));
        if (snapshot.Contains(UpstreamLayout.License))
        {
            yield return new(UpstreamLayout.License, snapshot.Read(UpstreamLayout.License));
        }
    }

    private static Manifest Manifest(BundleRequest request, DateTimeOffset time, string license, List<ManifestFile> files)
    {
        return new Manifest(
            NameOf(request).ToLowerInvariant(),
            time.ToUnixTimeSeconds(),
            time,
            time + request.Lifetime,
            request.Unsigned,
            Source(request.Verified.Snapshot.Origin),
            new ManifestLicense(UpstreamLayout.BinariesLicense, license),
            request.Verified.Policy.Sha256,
            ToolVersion.Text,
            files,
            [.. request.Verified.Modules.Select(Module)]);
    }

    // The capitals are for people; the manifest's names are lower case, and state files keep sample, unsigned and real releases apart by
    // them.
    private static readonly string[] Names = ["tdx-module", "tdx-module-UNSIGNED", "tdx-module-SAMPLE", "tdx-module-SAMPLE-UNSIGNED"];

    private static string NameOf(BundleRequest request) => Names[(request.Sample ? 2 : 0) + (request.Unsigned ? 1 : 0)];

    private static string VersionOf(DateTimeOffset time) => time.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static ManifestFile Hashed(BundleFile file) =>
        new(file.Path, file.Content.Length, Convert.ToHexStringLower(SHA256.HashData(file.Content.Span)),
            Convert.ToHexStringLower(SHA384.HashData(file.Content.Span)));

    private static ManifestSource Source(Origin origin) => new(
        origin.Kind == Origin.Folder ? LocalSource : origin.Url ?? (origin.Kind == Origin.Git ? LocalSource : origin.Kind),
        origin.Commit,
        origin.Tree)
    {
        ClaimedCommit = origin.ClaimedCommit,
        ModifiedFrom = origin.ModifiedFrom,
    };

    private static ManifestModule Module(VerifiedModule module)
    {
        var facts = module.Facts!;
        return new ManifestModule(
            facts.Version,
            facts.MrSeam,
            facts.Svn,
            facts.Cpus,
            module.Release.Features0,
            facts.SignerSha384,
            facts.KeyBits,
            facts.IsDebug,
            facts.Date!.Value,
            module.Release.BlobPath,
            TdxRelease.Verification.Modules.ModuleVerifier.RuleCount);
    }
}
