using TdxRelease.Archives;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Manifests;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.Audit;

/// <summary>
/// What has been judged under one policy, so that the same bytes are judged once however many containers bring them. Nothing is recognised by name or hash:
/// a verdict is used again only for input that is the same byte for byte.
/// </summary>
/// <param name="policy">The policy of all verdicts.</param>
/// <param name="earlier">Shares its verdicts on images; must be of the same policy.</param>
internal sealed class AuditMemo(TrustPolicy policy, AuditMemo? earlier = null)
{
    // A repository may keep many old releases; what is remembered keeps its bytes in memory.
    private const int MaxBundles = 2;
    private const int MaxImages = 256;

    private readonly List<(ReadOnlyMemory<byte> Json, Manifest? Manifest)> peeked = [];
    private readonly List<(IReadOnlyList<AuditFile> Files, ManifestTrust Trust, IReadOnlyList<CpuSignature> Cpus, BundleVerdict Verdict)> bundles = [];
    private readonly List<(string Path, ModuleVersion Version, ReadOnlyMemory<byte> Image, ModuleVerdict Verdict)> images = earlier?.images ?? [];

    /// <summary>What was decompressed and hashed.</summary>
    public ContentMemo Contents { get; } = new();

    /// <summary>The policy that the verdicts are under.</summary>
    public TrustPolicy Policy => policy;

    /// <summary>
    /// What a manifest says, before anything in it is trusted; null where it cannot be read. Only for its name and sequence: the verifier parses it again once its
    /// signature holds. May be asked from several threads.
    /// </summary>
    public Manifest? Peek(ReadOnlyMemory<byte> json)
    {
        lock (peeked)
        {
            if (peeked.Find(p => p.Json.Span.SequenceEqual(json.Span)) is { Json.IsEmpty: false } known)
            {
                return known.Manifest;
            }
        }

        Manifest? manifest = null;
        try
        {
            manifest = Manifest.Parse(json.Span);
        }
        catch (TdxException)
        {
            // Why it cannot be read is for the verifier to find.
        }

        lock (peeked)
        {
            if (peeked.Count == MaxBundles)
            {
                peeked.RemoveAt(0);
            }

            // A copy: the bytes are part of a whole archive.
            peeked.Add((json.ToArray(), manifest));
        }

        return manifest;
    }

    /// <summary>The verdict on a bundle of exactly these files, held against the same trust and CPUs.</summary>
    public BundleVerdict Bundle(IReadOnlyList<AuditFile> files, ManifestTrust trust, IReadOnlyList<CpuSignature> cpus, Func<BundleVerdict> judge)
    {
        IReadOnlyList<AuditFile> sorted = [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)];
        foreach (var known in bundles)
        {
            if (known.Trust == trust && known.Cpus.SequenceEqual(cpus) && Same(known.Files, sorted))
            {
                return known.Verdict with { Again = true };
            }
        }

        var verdict = judge();
        if (bundles.Count < MaxBundles)
        {
            bundles.Add((sorted, trust, cpus, verdict));
        }

        return verdict;
    }

    /// <summary>The verdict on an image under this path and version. May be asked from several threads.</summary>
    public ModuleVerdict Image(string path, ModuleVersion version, ReadOnlyMemory<byte> image, Func<ModuleVerdict> judge)
    {
        lock (images)
        {
            foreach (var known in images)
            {
                if (known.Version == version && known.Path == path && known.Image.Span.SequenceEqual(image.Span))
                {
                    return known.Verdict;
                }
            }
        }

        var verdict = judge();
        lock (images)
        {
            if (images.Count < MaxImages)
            {
                images.Add((path, version, image, verdict));
            }
        }

        return verdict;
    }

    private static bool Same(IReadOnlyList<AuditFile> known, IReadOnlyList<AuditFile> files) =>
        known.Count == files.Count && known.Zip(files).All(p => p.First.Path == p.Second.Path && p.First.Content.Span.SequenceEqual(p.Second.Content.Span));
}
