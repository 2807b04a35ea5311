using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Manifests;
using TdxRelease.Signing;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Release.Audit;

/// <summary>
/// Judges bundles, wherever they were found: manifest, Intel's signatures, images, planning files, licence. All forms of a release
/// hold the same bundle, which is judged once. May be asked from several threads.
/// </summary>
/// <param name="request">Keys, policy, time, and the CPUs asked about.</param>
/// <param name="seen">What was seen before.</param>
internal sealed class BundleJudge(AuditRequest request, AcceptedReleases seen)
{
    // By what is asked of it, and the SHA-256 of all paths and contents (docs/decisions/0009-audit.md).
    private readonly ConcurrentDictionary<(bool Superseded, bool InRepository, string Sha256), Lazy<Verdict>> verdicts = new();

    /// <summary>The verdict on a bundle; the same object for the same files.</summary>
    public Verdict Judge(Container container) =>
        verdicts.GetOrAdd((container.Superseded, container.InRepository, Identity(container.Files)),
            _ => new Lazy<Verdict>(() => Verify(container))).Value;

    private ManifestTrust TrustOf(Container container) => new(
        container.InRepository ? KeyOf(container) : request.Key,
        request.Now,
        !container.Superseded && container.Claim is { } claim ? seen.Find(claim.Name) : null,
        Keyring: request.Keyring,
        AllowExpired: request.AllowExpired || container.Superseded,
        AllowUnsigned: request.AllowUnsigned,
        MinimumBits: request.Policy.MinBundleBits);

    // What a repository still serves may be signed with a key that was replaced since, if its certificate is among those given.
    private RsaPublicKey? KeyOf(Container container)
    {
        byte[] Bytes(string name) => container.Files.FirstOrDefault(f => f.Path == name)?.Content.ToArray() ?? [];
        var (manifest, signature) = (Bytes(Manifest.FileName), Bytes(Manifest.SignatureName));
        var replaced = request.Keyring?.Certificates.Select(c => c.SigningKey).OfType<RsaPublicKey>() ?? [];
        return replaced.FirstOrDefault(k => k.Verify(manifest, signature, HashAlgorithmName.SHA512)) ?? request.Key;
    }

    private static string Identity(IReadOnlyList<AuditFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> content = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var file in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Path}\0"));
            SHA256.HashData(file.Content.Span, content);
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private Verdict Verify(Container container)
    {
        var trust = TrustOf(container);
        var (manifest, found) = BundleAudit.Verify(container.Files, trust);
        if (manifest is null)
        {
            return new Verdict(null, found);
        }

        var bundle = new OpenBundle(manifest, container.Files, [.. found]);
        var modules = VerifyModules(bundle);
        bundle.CheckLicense();
        var releases = bundle.CheckMapping(modules);
        if (manifest.PolicySha256 != request.Policy.Sha256)
        {
            bundle.Found(
                AuditRules.Policy,
                $"made under policy {manifest.PolicySha256}, audited under {request.Policy.Sha256} \"{request.Policy.Name}\"",
                Manifest.FileName);
        }

        foreach (var cpu in request.Cpus.Where(c => !manifest.Modules.Any(m => m.Cpus.Any(c.SameFamily))))
        {
            bundle.Found(AuditRules.Cpu, $"no module is for {CpuFamily.Of(cpu).Name} ({cpu})", Manifest.FileName);
        }

        return new Verdict(manifest, bundle.Findings)
        {
            Modules = modules.Count(m => m.Verified),
            Facts = [.. modules.Select(m => m.Facts).OfType<ModuleFacts>()],
            Releases = releases,
            ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(bundle.Content(Manifest.FileName).Span)),
            License = bundle.Content(manifest.License.Path).ToArray(),
        };
    }

    private List<ModuleVerdict> VerifyModules(OpenBundle bundle)
    {
        var modules = bundle.Manifest.Modules;
        var verdicts = ParallelMap.Select(modules, module => Verify(module, bundle));
        foreach (var (verdict, found) in verdicts)
        {
            bundle.Findings.AddRange(verdict?.Findings ?? []);
            bundle.Findings.AddRange(found);
        }

        var listed = modules.Select(m => m.Image).ToHashSet(StringComparer.Ordinal);
        foreach (var path in bundle.Paths.Where(p => p.StartsWith(UpstreamLayout.Images, StringComparison.Ordinal) && !listed.Contains(p)))
        {
            bundle.Found(AuditRules.ImageUnlisted, "no module of the manifest has this image", path);
        }

        return [.. verdicts.Select(v => v.Verdict).OfType<ModuleVerdict>()];
    }

    private (ModuleVerdict? Verdict, List<Finding> Findings) Verify(ManifestModule module, OpenBundle bundle)
    {
        var findings = new List<Finding>();
        var spelling = module.Version.ToString();
        if (!bundle.Contains(module.Image))
        {
            findings.Add(new(AuditRules.ImageMissing, "the image is not in the bundle", new Location(module.Image), spelling));
            return (null, findings);
        }

        // A wrong sum alone leaves the parts where they are: what Intel signed says more than the sum does.
        var image = bundle.Content(module.Image);
        var structure = new List<Finding>();
        if (!ImageChecker.Check(image.Span, module.Image, spelling, structure) && structure.Exists(f => f.Rule != ImageRules.Checksum))
        {
            return (null, structure);
        }

        _ = Image.TryRead(image.Span, out var parts);
        if (parts.Format != ImageFormat.V2)
        {
            findings.Add(new(AuditRules.ImageFormat, "the image is v1, which Linux 7.2 refuses", new Location(module.Image), spelling));
        }

        NamedBytes Part(ReadOnlyMemory<byte> bytes) => new(module.Image, bytes);
        var sigstruct = image.Slice(Image.Page, ImageChecker.SigstructLength(parts.SigstructPart));
        var input = new ModuleInput(module.Version, spelling, Part(image[(int)parts.ModuleOffset..]), Part(sigstruct), Part(image));
        var verdict = ModuleVerifier.Verify(input, request.Policy);
        CompareFacts(module, verdict.Facts, findings);
        return (verdict, findings);
    }

    private static void CompareFacts(ManifestModule said, ModuleFacts? facts, List<Finding> findings)
    {
        if (facts is null)
        {
            return;
        }

        foreach (var (what, want, got) in (ReadOnlySpan<(string, string, string)>)
        [
            ("MRSEAM", said.MrSeam, facts.MrSeam),
            ("SVN", said.Svn.ToString(), facts.Svn.ToString()),
            ("CPU families", string.Join(" ", said.Cpus), string.Join(" ", facts.Cpus)),
            ("signer", said.Signer, facts.SignerSha384),
            ("key size", $"{said.KeyBits}", $"{facts.KeyBits}"),
            ("debug", $"{said.Debug}", $"{facts.IsDebug}"),
            ("date", $"{said.Date:yyyy-MM-dd}", $"{facts.Date:yyyy-MM-dd}"),
        ])
        {
            if (want != got)
            {
                var message = $"{what}: the manifest says {want}, the sigstruct {got}";
                findings.Add(new(AuditRules.FactsDiffer, message, new Location(said.Image), said.Version.ToString()));
            }
        }
    }
}
