using System.Security.Cryptography;
using TdxRelease.Bundles.Content;
using TdxRelease.Bundles.Manifests;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Images;
using TdxRelease.Modules.Json;
using TdxRelease.Modules.Mapping;
using TdxRelease.Modules.Trust;
using TdxRelease.Modules.Verification;

namespace TdxRelease.Stages.Audit;

/// <summary>Audits a bundle from outside: all it needs is the maintainer's public key and the trust policy. Everything that can be re-done is re-done.</summary>
public static class AuditStage
{
    private const int MaxState = 1 << 20;

    /// <summary>Audits what is at a path, and remembers an accepted release in the state file.</summary>
    /// <exception cref="TdxException">Exit 3 or 6: it cannot be opened as a bundle.</exception>
    public static AuditReport Run(AuditRequest request)
    {
        var files = BundleContainer.Open(request.Path);
        var seen = request.State is { } path && File.Exists(path) ? SeenReleases.Parse(InputFile.Read(path, MaxState), path) : SeenReleases.Empty;
        var name = NameOf(files);
        var trust = new ManifestTrust(request.Key, request.Now, name is null ? null : seen.Find(name), AllowExpired: request.AllowExpired, AllowUnsigned: request.AllowUnsigned, MinimumBits: request.Policy.MinBundleBits);
        var report = Run(request.Path, files, trust, request.Policy);
        if (report is { Passed: true, Manifest: { Unsigned: false } manifest } && request.State is { } state)
        {
            var hash = Hex(SHA256.HashData(files.First(f => f.Path == Manifest.FileName).Content.Span));
            AtomicFile.Write(state, seen.With(new SeenRelease(manifest.Name, manifest.Sequence, hash)).ToJson());
        }

        return report;
    }

    // Only to find the entry of the state file; the verifier parses the manifest again once its signature holds.
    private static string? NameOf(IReadOnlyList<BundleFile> files)
    {
        try
        {
            return Manifest.Parse(files.First(f => f.Path == Manifest.FileName).Content.Span).Name;
        }
        catch (TdxException)
        {
            return null;
        }
    }

    /// <summary>Audits the files of a bundle.</summary>
    /// <param name="subject">What the user named.</param>
    /// <param name="files">The bundle's files.</param>
    /// <param name="trust">The maintainer's key, the time, what was seen before.</param>
    /// <param name="policy">Who may sign modules.</param>
    public static AuditReport Run(string subject, IReadOnlyList<BundleFile> files, ManifestTrust trust, TrustPolicy policy)
    {
        var byPath = files.ToDictionary(f => f.Path, f => f.Content, StringComparer.Ordinal);
        byte[]? Optional(string path) => byPath.TryGetValue(path, out var content) ? content.ToArray() : null;
        var signatures = new[] { Manifest.FileName, Manifest.SignatureName, Manifest.OpenPgpSignatureName };
        var hashed = files.Where(f => !signatures.Contains(f.Path)).AsParallel().AsOrdered()
            .Select(f => new ManifestFile(f.Path, f.Content.Length, Hex(SHA256.HashData(f.Content.Span)), Hex(SHA384.HashData(f.Content.Span)))).ToList();
        var evidence = new ManifestEvidence(byPath[Manifest.FileName].ToArray(), Optional(Manifest.SignatureName), Optional(Manifest.OpenPgpSignatureName), hashed);
        var verdict = ManifestVerifier.Verify(evidence, trust);
        var findings = new List<Finding>(verdict.Findings);
        if (verdict.Manifest is not { } manifest)
        {
            return new AuditReport(subject, null, AuditQuestions.Answer(null, findings, [], trust), findings);
        }

        var modules = VerifyModules(manifest, byPath, policy, findings);
        CheckLicense(manifest, byPath, findings);
        CheckMapping(manifest, modules, byPath, findings);
        if (manifest.PolicySha256 != policy.Sha256)
        {
            findings.Add(new(AuditRules.Policy, $"made under policy {manifest.PolicySha256}, audited under {policy.Sha256} \"{policy.Name}\"", new Place(Manifest.FileName)));
        }

        return new AuditReport(subject, manifest, AuditQuestions.Answer(manifest, findings, modules, trust), findings);
    }

    private static List<ModuleVerdict> VerifyModules(Manifest manifest, Dictionary<string, ReadOnlyMemory<byte>> files, TrustPolicy policy, List<Finding> findings)
    {
        var verdicts = manifest.Modules.AsParallel().AsOrdered().Select(module => Verify(module, files, policy)).ToList();
        foreach (var (verdict, found) in verdicts)
        {
            findings.AddRange(verdict?.Findings ?? []);
            findings.AddRange(found);
        }

        var listed = manifest.Modules.Select(m => m.Image).ToHashSet(StringComparer.Ordinal);
        foreach (var path in files.Keys.Where(p => p.StartsWith("joined_files/", StringComparison.Ordinal) && !listed.Contains(p)).Order(StringComparer.Ordinal))
        {
            findings.Add(new(AuditRules.ImageUnlisted, "no module of the manifest has this image", new Place(path)));
        }

        return [.. verdicts.Select(v => v.Verdict).OfType<ModuleVerdict>()];
    }

    private static (ModuleVerdict? Verdict, List<Finding> Findings) Verify(ManifestModule module, Dictionary<string, ReadOnlyMemory<byte>> files, TrustPolicy policy)
    {
        var findings = new List<Finding>();
        var spelling = module.Version.ToString();
        if (!files.TryGetValue(module.Image, out var image))
        {
            findings.Add(new(AuditRules.ImageMissing, "the image is not in the bundle", new Place(module.Image), spelling));
            return (null, findings);
        }

        if (!ImageChecker.Check(image.Span, module.Image, spelling, findings))
        {
            return (null, findings);
        }

        _ = Image.TryRead(image.Span, out var parts);
        if (parts.Format != ImageFormat.V2)
        {
            findings.Add(new(AuditRules.ImageFormat, "the image is v1, which Linux 7.2 refuses", new Place(module.Image), spelling));
        }

        var sigstruct = image.Slice(Image.Page, ImageChecker.SigstructLength(parts.SigstructPart));
        var input = new ModuleInput(module.Version, spelling, new NamedBytes(module.Image, image[(int)parts.ModuleOffset..]), new NamedBytes(module.Image, sigstruct), new NamedBytes(module.Image, image));
        var verdict = ModuleVerifier.Verify(input, policy);
        CompareFacts(module, verdict.Facts, findings);
        return (verdict, findings);
    }

    private static void CompareFacts(ManifestModule said, ModuleFacts? facts, List<Finding> findings)
    {
        void Compare(string what, string want, string got)
        {
            if (want != got)
            {
                findings.Add(new(AuditRules.FactsDiffer, $"{what}: the manifest says {want}, the sigstruct {got}", new Place(said.Image), said.Version.ToString()));
            }
        }

        if (facts is null)
        {
            return;
        }

        Compare("MRSEAM", said.MrSeam, facts.MrSeam);
        Compare("SVN", said.Svn.ToString(), facts.Svn.ToString());
        Compare("CPU families", string.Join(" ", said.Cpus), string.Join(" ", facts.Cpus));
        Compare("signer", said.Signer, facts.SignerSha384);
        Compare("key size", $"{said.KeyBits}", $"{facts.KeyBits}");
        Compare("debug", $"{said.Debug}", $"{facts.IsDebug}");
        Compare("date", $"{said.Date:yyyy-MM-dd}", $"{facts.Date:yyyy-MM-dd}");
    }

    private static void CheckLicense(Manifest manifest, Dictionary<string, ReadOnlyMemory<byte>> files, List<Finding> findings)
    {
        var got = files.TryGetValue(manifest.License.Path, out var text) ? Hex(SHA256.HashData(text.Span)) : "missing";
        if (got != manifest.License.Sha256)
        {
            findings.Add(new(AuditRules.License, $"the manifest names {manifest.License.Sha256}, the text is {got}", new Place(manifest.License.Path)));
        }
    }

    private static void CheckMapping(Manifest manifest, List<ModuleVerdict> modules, Dictionary<string, ReadOnlyMemory<byte>> files, List<Finding> findings)
    {
        if (!files.TryGetValue(VerifyStage.MappingPath, out var bytes))
        {
            findings.Add(new(AuditRules.Mapping, "the mapping file is not in the bundle", new Place(VerifyStage.MappingPath)));
            return;
        }

        // Lenient: whether an unknown key is acceptable was decided when the bundle was made.
        if (MappingReader.Read(bytes, VerifyStage.MappingPath, Strictness.Lenient, findings) is not { } mapping)
        {
            return;
        }

        var releases = string.Join(" ", mapping.Releases.Select(r => r.Version));
        var listed = string.Join(" ", manifest.Modules.Select(m => m.Version));
        if (releases != listed)
        {
            findings.Add(new(AuditRules.Mapping, $"the mapping file releases {releases}, the manifest lists {listed}", new Place(VerifyStage.MappingPath)));
            return;
        }

        foreach (var module in manifest.Modules)
        {
            var features = mapping.Find(module.Version)!.Features0;
            if (features != module.Features0)
            {
                findings.Add(new(AuditRules.FactsDiffer, $"TDX_FEATURES0: the manifest says 0x{module.Features0:X}, the mapping file 0x{features:X}", new Place(VerifyStage.MappingPath), module.Version.ToString()));
            }
        }

        CheckPlanning(manifest, mapping, modules, files, findings);
    }

    private static void CheckPlanning(Manifest manifest, MappingFile mapping, List<ModuleVerdict> modules, Dictionary<string, ReadOnlyMemory<byte>> files, List<Finding> findings)
    {
        var facts = modules.Select(m => m.Facts).OfType<ModuleFacts>().ToList();
        if (facts.Count != mapping.Releases.Count)
        {
            return;
        }

        var images = manifest.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (var want in GraphStage.Planning(mapping, facts, images, manifest.Sequence, manifest.Created, manifest.Expires))
        {
            if (!files.TryGetValue(want.Path, out var got) || !got.Span.SequenceEqual(want.Content.Span))
            {
                findings.Add(new(AuditRules.Planning, "differs from what is computed from the mapping file and the sigstructs", new Place(want.Path)));
            }
        }
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
