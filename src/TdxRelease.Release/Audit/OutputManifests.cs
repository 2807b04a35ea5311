using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Content;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Rebuild;

namespace TdxRelease.Release.Audit;

/// <summary>The manifests that lie beside the bundles of an output folder: of one release, and with all that follows from it.</summary>
/// <param name="run">The audit, with its bundles judged.</param>
/// <param name="folder">The output folder.</param>
/// <param name="left">The files that nothing has vouched for yet; those that it finds are taken out.</param>
internal sealed class OutputManifests(AuditRun run, string folder, SortedSet<string> left)
{
    private const string ManifestEnding = $".{Manifest.FileName}";

    /// <summary>Manifests and signatures beside the bundles, and what follows from the manifests.</summary>
    public void Check(List<LayoutFolder> layouts)
    {
        var releases = new List<(string Path, string Sha256)>();
        foreach (var path in left.Where(p => !p.Contains('/', StringComparison.Ordinal)
            && p.EndsWith(ManifestEnding, StringComparison.Ordinal)).ToList())
        {
            var bytes = ReadFile(path, Manifest.MaxLength);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            releases.Add((path, sha256));
            Release(path[..^ManifestEnding.Length], bytes, sha256);
        }

        OneRelease(releases, layouts);
        if (run.Parts.Count == 0 || releases.Count == 0)
        {
            run.Found(new Finding(AuditRules.Missing, "the directory contains no bundle", new Location(".")));
        }
    }

    private void Release(string name, byte[] bytes, string sha256)
    {
        var accepted = run.Parts.Where(p => p.Manifest is not null).ToList();
        var manifest = accepted.Find(p => p.Verdict.ManifestSha256 == sha256)?.Manifest;
        if (manifest is null)
        {
            run.Found(new Finding(AuditRules.Copy, "is in no bundle of the directory that was accepted",
                new Location($"{name}{ManifestEnding}")));

            // Where there is one release only, what lies around it belongs to it all the same.
            manifest = accepted.DistinctBy(p => p.Verdict.ManifestSha256).ToList() is [var only] ? only.Manifest : null;
        }

        if (manifest is null)
        {
            return;
        }

        foreach (var signature in (string[])[$"{name}.{Manifest.SignatureName}", $"{name}.{Manifest.OpenPgpSignatureName}"])
        {
            if (left.Contains(signature))
            {
                CheckCopy(signature, bytes);
            }
        }

        Derived(ProvenanceStage.Derived(name, manifest, run.License(manifest)));
    }

    // Each part may be the maintainer's and good by itself: an older pacman/ beside newer packages is a mixture all the same. Repositories
    // keep older releases, behind this one.
    private void OneRelease(List<(string Path, string Sha256)> releases, List<LayoutFolder> layouts)
    {
        foreach (var (path, _) in releases.Skip(1))
        {
            run.Found(new Finding(AuditRules.OneRelease,
                $"is the manifest of another release than {releases[0].Path[..^ManifestEnding.Length]}", new Location(path)));
        }

        var accepted = run.Parts.Where(p => p.Manifest is not null).ToList();
        if ((accepted.Find(p => p.Verdict.ManifestSha256 == releases.FirstOrDefault().Sha256) ?? accepted.FirstOrDefault())
            is not { } first)
        {
            return;
        }

        string Layout(AuditedPart part) =>
            layouts.Find(l => part.Name.StartsWith($"{l.Name}/", StringComparison.Ordinal))?.Name ?? part.Name;
        foreach (var part in accepted.GroupBy(Layout).Select(g => g.MaxBy(p => p.Manifest!.Sequence)!))
        {
            if (part.Verdict.ManifestSha256 != first.Verdict.ManifestSha256)
            {
                run.Found(new Finding(AuditRules.OneRelease, $"is {Named(part.Manifest!)}, {first.Name} is {Named(first.Manifest!)}",
                    new Location(part.Name)));
            }
        }
    }

    private static string Named(Manifest manifest) => $"{manifest.Name} with sequence {manifest.Sequence}";

    private void CheckCopy(string path, byte[] manifest)
    {
        var signature = ReadFile(path, OutputFolderAudit.MaxSmall);
        var holds = path.EndsWith(".asc", StringComparison.Ordinal)
            ? run.Verifier(Certificate())?.Verifier.VerifyDetached(manifest, signature).IsGood == true
            : run.Request.Key?.Verify(manifest, signature, HashAlgorithmName.SHA512) == true;
        if (!holds)
        {
            run.Found(new Finding(AuditRules.Copy, "does not verify with the given key", new Location(path)));
        }
    }

    private void Derived(IReadOnlyList<BundleFile> files)
    {
        foreach (var want in files)
        {
            if (!left.Contains(want.Path))
            {
                run.Found(new Finding(AuditRules.Missing, "belongs to the release and is not there", new Location(want.Path)));
                continue;
            }

            var got = ReadFile(want.Path, OutputFolderAudit.MaxSmall);
            if (!got.AsSpan().SequenceEqual(want.Content.Span))
            {
                var rule = want.Path.EndsWith(".cdx.json", StringComparison.Ordinal) ? SbomRules.CycloneDxDiffers
                    : want.Path.EndsWith(".spdx.json", StringComparison.Ordinal) ? SbomRules.SpdxDiffers : AuditRules.References;
                run.Found(new Finding(rule,
                    $"differs from byte {got.AsSpan().CommonPrefixLength(want.Content.Span)} on from the one that the manifest gives",
                    new Location(want.Path)));
            }
        }
    }

    private byte[]? Certificate() => Path.Combine(folder, BundleStage.CertificateName) is var path && FileStat.Of(path) is not null
        ? InputFile.Read(path, OutputFolderAudit.MaxSmall) : null;

    private byte[] ReadFile(string path, long limit)
    {
        left.Remove(path);
        return InputFile.Read(Path.Combine(folder, path), limit, path);
    }
}
