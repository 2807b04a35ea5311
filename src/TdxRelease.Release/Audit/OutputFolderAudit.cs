using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Checksums;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Content;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Release.Rebuild;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Audit;

/// <summary>Audits everything in an output folder. Each file must be a bundle or package, belong to a repository, be the subject of the provenance, or follow from the manifest.</summary>
/// <param name="run">The audit.</param>
/// <param name="folder">The output folder.</param>
internal sealed class OutputFolderAudit(AuditRun run, string folder)
{
    private const string ManifestEnding = $".{Manifest.FileName}";
    private const string CertificateName = BundleStage.CertificateName;
    private const int MaxSmall = 1 << 25;

    // Source packages and those for cold loading hold no bundle: the provenance alone vouches for them.
    internal static bool AttestedOnly(string path) => path.StartsWith("sources/", StringComparison.Ordinal) || path.StartsWith($"{TdxRelease.Packages.DistributionFormat.ColdFolder}/", StringComparison.Ordinal);

    private readonly SortedSet<string> left = new(StringComparer.Ordinal);
    private long total;

    public void Run()
    {
        run.Several = true;
        var trusted = List();
        var layouts = Layouts();
        var archives = left.Where(p => Containers.KindOf(p) is not null && !AttestedOnly(p)).ToList();
        var sources = left.Where(AttestedOnly).ToList();

        // Each archive is read once: hashed, opened, judged and let go. Sources are hashed only.
        var ahead = Opening.Ahead(total);
        var hashing = ahead.Add(() => sources.ConvertAll(Hash));

        // Where an archive cannot be read there is no subject, and opening it has failed.
        var subjects = new Subject?[archives.Count];
        var files = archives.Select((path, i) => Archive(path, trusted?.Verifier, subject => subjects[i] = subject)).ToList().ConvertAll(f => ahead.Add(() => Opening.Archive(f), Opening.Weight));
        var opened = layouts.ConvertAll(l => ahead.Add(() => run.Open(l), Opening.Weight));
        var hashed = ahead.Take(hashing);
        var judged = files.ConvertAll(f => run.Judge(ahead.Take(f)));
        var names = left.Where(p => !p.Contains('/', StringComparison.Ordinal) && p.EndsWith(ManifestEnding, StringComparison.Ordinal)).Select(p => p[..^ManifestEnding.Length]).ToList();
        var releases = names.ConvertAll(name => Expect(name, judged, ahead));
        var attested = Attest([.. subjects.OfType<Subject>(), .. hashed]);
        foreach (var missing in run.Subjects.Except(archives.Concat(sources), StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            run.Found(new Finding(AuditRules.Missing, "the provenance is about it and it is not there", new Place(missing)));
        }

        judged.ForEach(j => run.Take(j, attested));
        opened.ForEach(l => run.Take(ahead.Take(l)));
        releases.ForEach(release => Release(release, ahead));
        OneRelease(releases, layouts);
        if (run.Parts.Count == 0 || names.Count == 0)
        {
            run.Found(new Finding(AuditRules.Missing, "the folder holds no bundle", new Place(".")));
        }

        left.RemoveWhere(AttestedOnly);
        foreach (var stray in left)
        {
            run.Found(new Finding(AuditRules.Stray, "nothing vouches for this file", new Place(stray)));
        }
    }

    private Subject Hash(string path)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var sha384 = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        InputFile.ReadPieces(Path.Combine(folder, path), Containers.MaxArchive, piece =>
        {
            sha256.AppendData(piece);
            sha384.AppendData(piece);
        }, path);
        return new Subject(path, Convert.ToHexStringLower(sha256.GetHashAndReset()), Convert.ToHexStringLower(sha384.GetHashAndReset()));
    }

    private ArchiveFile Archive(string path, OpenPgpVerifier? verifier, Action<Subject> hashed)
    {
        left.Remove(path);
        var signature = left.Contains($"{path}.sig") ? Take($"{path}.sig", MaxSmall) : null;
        return new ArchiveFile(path, found =>
        {
            var bytes = InputFile.Read(Path.Combine(folder, path), Containers.MaxArchive, path);
            var subject = ProvenanceStage.SubjectOf(path, bytes);
            hashed(subject);
            return run.Open(path, bytes, subject.Sha256, signature, verifier, found);
        });
    }

    // First of all the folder as a whole; then what the files in it say, whether or not it is the one that was published.
    private (OpenPgpCertificate Certificate, OpenPgpVerifier Verifier)? List()
    {
        var entries = FolderEntries.Of(folder);
        left.UnionWith(entries.Files.Where(p => !ChecksumList.IsPart(p) && p != OutputMarker.FileName));
        total = left.Sum(p => new FileInfo(Path.Combine(folder, p)).Length);
        var trusted = Keys();
        var found = new List<Finding>();
        new FolderList(run.Request, folder, found) { Verifier = trusted?.Verifier }.Check(entries);
        run.Found(found);
        return trusted;
    }

    // What lies beside the release is convenient for a first look; here it only must not be another's.
    private (OpenPgpCertificate Certificate, OpenPgpVerifier Verifier)? Keys()
    {
        if (left.Contains(BundleStage.PublicKeyName) && run.Request.Key is { } key)
        {
            run.Try(BundleStage.PublicKeyName, found =>
            {
                var beside = RsaPublicKey.FromPem(Take(BundleStage.PublicKeyName, MaxSmall), BundleStage.PublicKeyName);
                if (!beside.SameKey(key))
                {
                    found.Add(new Finding(AuditRules.OtherKey, $"is key {beside.Sha256}, audited with {key.Sha256}", new Place(BundleStage.PublicKeyName)));
                }
            });
        }

        if (!left.Contains(CertificateName))
        {
            return run.Verifier(null);
        }

        (OpenPgpCertificate Certificate, OpenPgpVerifier Verifier)? trusted = null;
        run.Try(CertificateName, found =>
        {
            var bytes = Take(CertificateName, MaxSmall);
            trusted = run.Verifier(bytes);
            var beside = OpenPgpCertificate.Parse(bytes, CertificateName).Fingerprint;
            if (run.Request.Key is not null && beside != trusted?.Certificate.Fingerprint)
            {
                found.Add(new Finding(AuditRules.OtherKey, $"is certificate {beside}, not of the key that the release is audited with", new Place(CertificateName)));
            }
        });
        return trusted;
    }

    // OCI layouts and repositories.
    private List<LayoutFolder> Layouts()
    {
        var layouts = new List<LayoutFolder>();
        foreach (var top in left.Where(p => p.Contains('/', StringComparison.Ordinal)).Select(p => p.Split('/')[0]).Distinct(StringComparer.Ordinal).ToList())
        {
            var path = Path.Combine(folder, top);
            var oci = File.Exists(Path.Combine(path, "oci-layout"));
            var repository = oci ? null : RepositoryAudit.KindOf(path);
            if (oci || repository is not null)
            {
                layouts.Add(new LayoutFolder(path, top, repository));
                left.RemoveWhere(p => p.StartsWith($"{top}/", StringComparison.Ordinal));
            }
        }

        return layouts;
    }

    // What follows from a manifest that was accepted in a bundle is written again while the other bundles are audited.
    private Beside Expect(string name, List<JudgedArchive> judged, Ahead ahead)
    {
        var bytes = InputFile.Read(Path.Combine(folder, $"{name}{ManifestEnding}"), Manifest.MaxLength);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (judged.Find(j => j.Bundle?.Part is { Manifest: not null } part && part.ManifestSha256 == hash)?.Bundle?.Part.Manifest is not { } manifest)
        {
            return new Beside(name, bytes, hash, null);
        }

        var license = run.License(manifest);
        return new Beside(name, bytes, hash, ahead.Add(() => ProvenanceStage.Derived(name, manifest, license)));
    }

    /// <summary>Manifest and signatures beside the bundle, and what follows from the manifest.</summary>
    private void Release(Beside release, Ahead ahead)
    {
        var path = $"{release.Name}{ManifestEnding}";
        left.Remove(path);
        var accepted = run.Parts.Where(p => p.Manifest is not null).ToList();
        var manifest = accepted.Find(p => p.ManifestSha256 == release.Sha256)?.Manifest;
        if (manifest is null)
        {
            run.Found(new Finding(AuditRules.Copy, "is in no bundle of the folder that was accepted", new Place(path)));

            // Where there is one release only, what lies around it belongs to it all the same.
            manifest = accepted.DistinctBy(p => p.ManifestSha256).ToList() is [var only] ? only.Manifest : null;
        }

        if (manifest is null)
        {
            return;
        }

        foreach (var signature in (string[])[$"{release.Name}.{Manifest.SignatureName}", $"{release.Name}.{Manifest.OpenPgpSignatureName}"])
        {
            if (left.Contains(signature))
            {
                CheckCopy(signature, release.Manifest);
            }
        }

        Derived(release.Derived is { } derived ? ahead.Take(derived) : ProvenanceStage.Derived(release.Name, manifest, run.License(manifest)));
    }

    // Each part may be the maintainer's and good by itself: an older pacman/ beside newer packages is a mixture all the same. Repositories keep older releases, behind this one.
    private void OneRelease(List<Beside> releases, List<LayoutFolder> layouts)
    {
        foreach (var more in releases.Skip(1))
        {
            run.Found(new Finding(AuditRules.OneRelease, $"is the manifest of another release than {releases[0].Name}", new Place($"{more.Name}{ManifestEnding}")));
        }

        var accepted = run.Parts.Where(p => p.Manifest is not null).ToList();
        if ((accepted.Find(p => p.ManifestSha256 == releases.FirstOrDefault()?.Sha256) ?? accepted.FirstOrDefault()) is not { } first)
        {
            return;
        }

        foreach (var part in accepted.GroupBy(p => layouts.Find(l => p.Name.StartsWith($"{l.Name}/", StringComparison.Ordinal))?.Name ?? p.Name).Select(g => g.MaxBy(p => p.Manifest!.Sequence)!))
        {
            if (part.ManifestSha256 != first.ManifestSha256)
            {
                run.Found(new Finding(AuditRules.OneRelease, $"is {Named(part.Manifest!)}, {first.Name} is {Named(first.Manifest!)}", new Place(part.Name)));
            }
        }
    }

    private static string Named(Manifest manifest) => $"{manifest.Name} with sequence {manifest.Sequence}";

    private void CheckCopy(string path, byte[] manifest)
    {
        var signature = Take(path, MaxSmall);
        var holds = path.EndsWith(".asc", StringComparison.Ordinal)
            ? run.Verifier(FileStat.Of(Path.Combine(folder, CertificateName)) is not null ? InputFile.Read(Path.Combine(folder, CertificateName), MaxSmall) : null)?.Verifier.VerifyDetached(manifest, signature).IsGood == true
            : run.Request.Key?.Verify(manifest, signature, HashAlgorithmName.SHA512) == true;
        if (!holds)
        {
            run.Found(new Finding(AuditRules.Copy, "does not verify with the given key", new Place(path)));
        }
    }

    private void Derived(IReadOnlyList<BundleFile> files)
    {
        foreach (var want in files)
        {
            if (!left.Contains(want.Path))
            {
                run.Found(new Finding(AuditRules.Missing, "belongs to the release and is not there", new Place(want.Path)));
                continue;
            }

            var got = Take(want.Path, MaxSmall);
            if (!got.AsSpan().SequenceEqual(want.Content.Span))
            {
                var rule = want.Path.EndsWith(".cdx.json", StringComparison.Ordinal) ? SbomRules.CycloneDxDiffers : want.Path.EndsWith(".spdx.json", StringComparison.Ordinal) ? SbomRules.SpdxDiffers : AuditRules.References;
                run.Found(new Finding(rule, $"differs from byte {got.AsSpan().CommonPrefixLength(want.Content.Span)} on from the one that the manifest gives", new Place(want.Path)));
            }
        }
    }

    /// <summary>Checks every attestation about the files.</summary>
    private bool Attest(IReadOnlyList<Subject> subjects)
    {
        foreach (var unsigned in left.Where(p => IsAttestation(p) && p.Contains(".UNSIGNED.", StringComparison.Ordinal)).ToList())
        {
            run.Try(unsigned, _ => Statement.Parse(Take(unsigned, MaxSmall), unsigned));
        }

        var attestations = left.Where(IsAttestation).ToList().ConvertAll(p => new AuditFile(p, Take(p, MaxSmall)));
        if (run.Request.Key is null)
        {
            return false;
        }

        if (attestations.Count == 0)
        {
            run.Found(new Finding(AuditRules.Missing, "no attestation is there", new Place(ProvenanceStage.ProvenanceFolder)));
        }

        // Which bundle they must fit is only a claim here; that the folder's manifest is the bundle's own is checked with the bundle.
        var manifest = left.FirstOrDefault(p => p.EndsWith($".{Manifest.FileName}", StringComparison.Ordinal)) is { } path ? run.Peek(InputFile.Read(Path.Combine(folder, path), Manifest.MaxLength)) : null;
        return run.Attested(subjects, attestations, manifest);
    }

    private static bool IsAttestation(string path) => path.StartsWith($"{ProvenanceStage.ProvenanceFolder}/", StringComparison.Ordinal);

    private byte[] Take(string path, long limit)
    {
        left.Remove(path);
        return InputFile.Read(Path.Combine(folder, path), limit, path);
    }

    /// <summary>The manifest beside a bundle.</summary>
    /// <param name="Name">The release.</param>
    /// <param name="Manifest">Its bytes.</param>
    /// <param name="Sha256">Of the bytes.</param>
    /// <param name="Derived">What follows from it; null where no archive with it was accepted.</param>
    private sealed record Beside(string Name, byte[] Manifest, string Sha256, Piece<IReadOnlyList<BundleFile>>? Derived);
}
