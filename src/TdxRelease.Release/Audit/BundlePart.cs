using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Manifests;
using TdxRelease.Upstream.Verified;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Release.Audit;

/// <summary>What a bundle's files say, wherever they lay.</summary>
/// <param name="Manifest">The manifest where its signature holds, or null.</param>
/// <param name="Modules">How many modules verify down to the pinned key.</param>
/// <param name="Facts">What the sigstructs say that could be read.</param>
/// <param name="Findings">Everything found.</param>
internal sealed record BundleVerdict(Manifest? Manifest, int Modules, IReadOnlyList<ModuleFacts> Facts, IReadOnlyList<Finding> Findings)
{
    public ReleaseSet? Releases { get; init; }

    public string ManifestSha256 { get; init; } = "";

    /// <summary>The same bundle was judged before in this audit: its findings are told.</summary>
    public bool Again { get; init; }
}

/// <summary>Audits one bundle, wherever it was found: manifest, Intel's signatures, images, planning files, licence.</summary>
internal static class BundlePart
{
    /// <summary>Runs every check, or finds that they ran on the same bytes before.</summary>
    /// <param name="input">The bundle as it was found.</param>
    /// <param name="trust">The maintainer's key, the time, what was seen before.</param>
    /// <param name="cpus">The CPUs asked about.</param>
    /// <param name="memo">What was judged before, and the policy.</param>
    public static (AuditedPart Part, bool Again) Audit(AuditInput input, ManifestTrust trust, IReadOnlyList<CpuSignature> cpus, AuditMemo memo)
    {
        var verdict = memo.Bundle(input.Files, trust, cpus, () => Judge(input.Files, trust, cpus, memo));
        if (verdict.Manifest is not { } manifest)
        {
            return (new AuditedPart(input.Name, input.Kind, null, 0, [], [], new HashSet<AuditQuestion>(), verdict.Findings), verdict.Again);
        }

        var uncovered = input.CoveredBy is not null ? 0 : input.Outside.Count;
        var facts = verdict.Facts;
        var part = new AuditedPart(
            input.Name,
            input.Kind,
            manifest,
            verdict.Modules,
            [.. facts.Select(f => f.Signer).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [.. facts.SelectMany(f => f.Cpus).Distinct().Order().Select(c => CpuFamily.Of(c).Name)],
            Ran(manifest, trust, input, facts.Count == manifest.Modules.Count && facts.Count > 0, uncovered),
            verdict.Findings)
        {
            Uncovered = uncovered,
            CoveredBy = input.CoveredBy,
            Releases = verdict.Releases,
            ManifestSha256 = verdict.ManifestSha256,
        };
        return (part, verdict.Again);
    }

    private static BundleVerdict Judge(IReadOnlyList<AuditFile> files, ManifestTrust trust, IReadOnlyList<CpuSignature> cpus, AuditMemo memo)
    {
        var verdict = BundleAudit.Verify(files, trust, memo.Contents);
        var findings = new List<Finding>(verdict.Findings);
        if (verdict.Manifest is not { } manifest)
        {
            return new BundleVerdict(null, 0, [], findings);
        }

        var byPath = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            byPath[file.Path] = file.Content;
        }

        var policy = memo.Policy;
        var modules = VerifyModules(manifest, byPath, memo, findings);
        CheckLicense(manifest, byPath, findings);
        var releases = CheckMapping(manifest, modules, byPath, findings);
        if (manifest.PolicySha256 != policy.Sha256)
        {
            findings.Add(new(AuditRules.Policy, $"made under policy {manifest.PolicySha256}, audited under {policy.Sha256} \"{policy.Name}\"", new Place(Manifest.FileName)));
        }

        CheckCpus(manifest, cpus, findings);
        return new BundleVerdict(manifest, modules.Count(m => m.Verified), [.. modules.Select(m => m.Facts).OfType<ModuleFacts>()], findings)
        {
            Releases = releases,
            ManifestSha256 = Hex(SHA256.HashData(byPath[Manifest.FileName].Span)),
        };
    }

    // A question counts as checked only where everything that it needs was looked at.
    private static HashSet<AuditQuestion> Ran(Manifest manifest, ManifestTrust trust, AuditInput input, bool allModules, int uncovered)
    {
        var ran = new HashSet<AuditQuestion>();
        void Add(AuditQuestion question, bool did)
        {
            if (did)
            {
                ran.Add(question);
            }
        }

        Add(AuditQuestion.Intel, allModules);
        Add(AuditQuestion.Runs, allModules);
        Add(AuditQuestion.Unchanged, uncovered == 0);
        Add(AuditQuestion.Published, !manifest.Unsigned && trust.Key is not null && input.Files.Any(f => f.Path == Manifest.SignatureName));
        Add(AuditQuestion.Newest, !manifest.Unsigned && (input.Superseded || (trust.Seen is not null && trust.Now < manifest.Expires)));
        return ran;
    }

    private static void CheckCpus(Manifest manifest, IReadOnlyList<CpuSignature> cpus, List<Finding> findings)
    {
        foreach (var cpu in cpus.Where(c => !manifest.Modules.Any(m => m.Cpus.Any(c.SameFamily))))
        {
            findings.Add(new(AuditRules.Cpu, $"no module is for {CpuFamily.Of(cpu).Name} ({cpu})", new Place(Manifest.FileName)));
        }
    }

    private static List<ModuleVerdict> VerifyModules(Manifest manifest, Dictionary<string, ReadOnlyMemory<byte>> files, AuditMemo memo, List<Finding> findings)
    {
        var verdicts = SideBySide.Select(manifest.Modules, module => Verify(module, files, memo));
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

    private static (ModuleVerdict? Verdict, List<Finding> Findings) Verify(ManifestModule module, Dictionary<string, ReadOnlyMemory<byte>> files, AuditMemo memo)
    {
        var findings = new List<Finding>();
        var spelling = module.Version.ToString();
        if (!files.TryGetValue(module.Image, out var image))
        {
            findings.Add(new(AuditRules.ImageMissing, "the image is not in the bundle", new Place(module.Image), spelling));
            return (null, findings);
        }

        // A wrong sum alone leaves the parts where they are: what Intel signed says more than the sum does.
        var structure = new List<Finding>();
        if (!ImageChecker.Check(image.Span, module.Image, spelling, structure) && structure.Exists(f => f.Rule != ImageRules.Checksum))
        {
            return (null, structure);
        }

        _ = Image.TryRead(image.Span, out var parts);
        if (parts.Format != ImageFormat.V2)
        {
            findings.Add(new(AuditRules.ImageFormat, "the image is v1, which Linux 7.2 refuses", new Place(module.Image), spelling));
        }

        var sigstruct = image.Slice(Image.Page, ImageChecker.SigstructLength(parts.SigstructPart));
        var input = new ModuleInput(module.Version, spelling, new NamedBytes(module.Image, image[(int)parts.ModuleOffset..]), new NamedBytes(module.Image, sigstruct), new NamedBytes(module.Image, image));
        var verdict = memo.Image(module.Image, module.Version, image, () => ModuleVerifier.Verify(input, memo.Policy));
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

    private static ReleaseSet? CheckMapping(Manifest manifest, List<ModuleVerdict> modules, Dictionary<string, ReadOnlyMemory<byte>> files, List<Finding> findings)
    {
        if (!files.TryGetValue(VerifyStage.MappingPath, out var bytes))
        {
            findings.Add(new(AuditRules.Mapping, "the mapping file is not in the bundle", new Place(VerifyStage.MappingPath)));
            return null;
        }

        // Lenient: whether an unknown key is acceptable was decided when the bundle was made.
        if (MappingReader.Read(bytes, VerifyStage.MappingPath, Strictness.Lenient, findings) is not { } mapping)
        {
            return null;
        }

        var releases = string.Join(" ", mapping.Releases.Select(r => r.Version));
        var listed = string.Join(" ", manifest.Modules.Select(m => m.Version));
        if (releases != listed)
        {
            findings.Add(new(AuditRules.Mapping, $"the mapping file releases {releases}, the manifest lists {listed}", new Place(VerifyStage.MappingPath)));
            return null;
        }

        foreach (var module in manifest.Modules)
        {
            var features = mapping.Find(module.Version)!.Features0;
            if (features != module.Features0)
            {
                findings.Add(new(AuditRules.FactsDiffer, $"TDX_FEATURES0: the manifest says 0x{module.Features0:X}, the mapping file 0x{features:X}", new Place(VerifyStage.MappingPath), module.Version.ToString()));
            }
        }

        // Between modules, and with what Intel published elsewhere; what does not fail is for tdxrel verify to tell.
        findings.AddRange(CrossChecks.Check(mapping, VerifyStage.MappingPath, modules, PublishedList.Default).Where(f => f.Fails));
        return CheckPlanning(manifest, mapping, modules, files, findings);
    }

    private static ReleaseSet? CheckPlanning(Manifest manifest, MappingFile mapping, List<ModuleVerdict> modules, Dictionary<string, ReadOnlyMemory<byte>> files, List<Finding> findings)
    {
        var facts = modules.Select(m => m.Facts).OfType<ModuleFacts>().ToList();
        if (facts.Count != mapping.Releases.Count)
        {
            return null;
        }

        var images = manifest.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (var want in GraphStage.Planning(mapping, facts, images, manifest.Sequence, manifest.Created, manifest.Expires))
        {
            if (!files.TryGetValue(want.Path, out var got) || !got.Span.SequenceEqual(want.Content.Span))
            {
                findings.Add(new(AuditRules.Planning, "differs from what is computed from the mapping file and the sigstructs", new Place(want.Path)));
            }
        }

        return ReleaseSet.Join(mapping, facts);
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
