using System.Security.Cryptography;
using TdxRelease.Bundles.Auditing;
using TdxRelease.Bundles.Manifests;
using TdxRelease.Bundles.Provenance;
using TdxRelease.Bundles.Signing;
using TdxRelease.Bundles.Signing.OpenPgp;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages.Provenance;

namespace TdxRelease.Stages.Audit;

/// <summary>Audits everything in an output folder. Each file must be a bundle or package, belong to a repository, be the subject of the provenance, or follow from the manifest.</summary>
/// <param name="run">The audit.</param>
/// <param name="folder">The output folder.</param>
internal sealed class OutputFolderAudit(AuditRun run, string folder)
{
    private const string CertificateName = BundleStage.CertificateName;
    private const int MaxSmall = 1 << 25;

    // Source packages and those for cold loading hold no bundle: the provenance alone vouches for them.
    internal static bool AttestedOnly(string path) => path.StartsWith("sources/", StringComparison.Ordinal) || path.StartsWith($"{Packaging.PackageStage.ColdFolder}/", StringComparison.Ordinal);

    private readonly SortedSet<string> left = new(StringComparer.Ordinal);

    public void Run()
    {
        run.Several = true;
        List();
        var trusted = Keys();
        var layouts = Layouts();
        var archives = left.Where(p => Containers.KindOf(p) is not null && !AttestedOnly(p)).ToList();
        List<string> downloads = [.. archives, .. left.Where(AttestedOnly)];
        List<(Subject Subject, long Length)> subjects = [.. SideBySide.Select(downloads, Hash)];
        var attested = Attest(subjects.ConvertAll(s => s.Subject));
        foreach (var missing in run.Subjects.Except(downloads, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            run.Found(new Finding(AuditRules.Missing, "the provenance is about it and it is not there", new Place(missing)));
        }

        var bytes = subjects.Take(archives.Count).Sum(s => s.Length);
        var ahead = layouts.Where(l => l.Kind is null && bytes <= AuditRun.Large).ToDictionary(l => l.Path, l => Task.Run(() => Containers.Oci(l.Path)), StringComparer.Ordinal);
        run.Archives([.. archives.Zip(subjects, (path, s) => Archive(path, s.Subject, trusted?.Verifier, attested))], bytes);

        foreach (var (path, name, kind) in layouts)
        {
            if (kind is { } repository)
            {
                run.Repository(path, name, repository);
            }
            else
            {
                run.Oci(() => ahead.TryGetValue(path, out var open) ? open.GetAwaiter().GetResult() : Containers.Oci(path), name);
            }
        }

        var names = left.Where(p => !p.Contains('/', StringComparison.Ordinal) && p.EndsWith($".{Manifest.FileName}", StringComparison.Ordinal)).Select(p => p[..^(Manifest.FileName.Length + 1)]).ToList();
        names.ForEach(Release);
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

    private (Subject Subject, long Length) Hash(string path)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var sha384 = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        var length = 0L;
        InputFile.ReadPieces(Path.Combine(folder, path), Containers.MaxArchive, piece =>
        {
            sha256.AppendData(piece);
            sha384.AppendData(piece);
            length += piece.Length;
        }, path);
        return (new Subject(path, Convert.ToHexStringLower(sha256.GetHashAndReset()), Convert.ToHexStringLower(sha384.GetHashAndReset())), length);
    }

    private ArchiveFile Archive(string path, Subject subject, OpenPgpVerifier? verifier, bool attested)
    {
        left.Remove(path);
        var signature = left.Contains($"{path}.sig") ? Take($"{path}.sig", MaxSmall) : null;
        return new ArchiveFile(path, subject.Sha256, found =>
        {
            var bytes = InputFile.Read(Path.Combine(folder, path), Containers.MaxArchive, path);
            if (AuditRun.IdOf(bytes) != subject.Sha256)
            {
                throw new TdxException(ExitCode.VerificationFailed, $"{path}: changed while it was audited");
            }

            var input = Containers.Open(path, bytes, signature, verifier, found);
            return attested ? input with { Covered = true } : input;
        });
    }

    private void List()
    {
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, MaxRecursionDepth = 32 }))
            {
                var path = Path.GetRelativePath(folder, entry.FullName);
                if (entry.LinkTarget is not null || !SafePath.IsSafe(path))
                {
                    run.Found(new Finding(AuditRules.Container, "is a symbolic link or has an unsafe name", new Place(SafePath.Printable(path))));
                }
                else if (entry is FileInfo)
                {
                    left.Add(path);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Reading(folder, e);
        }
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

    // OCI layouts, of no kind, and repositories.
    private List<(string Path, string Name, RepositoryKind? Kind)> Layouts()
    {
        var layouts = new List<(string, string, RepositoryKind?)>();
        foreach (var top in left.Where(p => p.Contains('/', StringComparison.Ordinal)).Select(p => p.Split('/')[0]).Distinct(StringComparer.Ordinal).ToList())
        {
            var path = Path.Combine(folder, top);
            if (File.Exists(Path.Combine(path, "oci-layout")))
            {
                layouts.Add((path, top, null));
            }
            else if (RepositoryAudit.KindOf(path) is { } kind)
            {
                layouts.Add((path, top, kind));
            }
            else
            {
                continue;
            }

            left.RemoveWhere(p => p.StartsWith($"{top}/", StringComparison.Ordinal));
        }

        return layouts;
    }

    /// <summary>Manifest and signatures beside the bundle, and what follows from the manifest.</summary>
    private void Release(string name)
    {
        var path = $"{name}.{Manifest.FileName}";
        var bytes = Take(path, Manifest.MaxLength);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var accepted = run.Parts.Where(p => p.Manifest is not null).ToList();
        var manifest = accepted.Find(p => p.ManifestSha256 == hash)?.Manifest;
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

        foreach (var signature in (string[])[$"{name}.{Manifest.SignatureName}", $"{name}.{Manifest.OpenPgpSignatureName}"])
        {
            if (left.Contains(signature))
            {
                CheckCopy(signature, bytes);
            }
        }

        Derived(name, manifest);
    }

    private void CheckCopy(string path, byte[] manifest)
    {
        var signature = Take(path, MaxSmall);
        var holds = path.EndsWith(".asc", StringComparison.Ordinal)
            ? run.Verifier(File.Exists(Path.Combine(folder, CertificateName)) ? InputFile.Read(Path.Combine(folder, CertificateName), MaxSmall) : null)?.Verifier.VerifyDetached(manifest, signature).IsGood == true
            : run.Request.Key?.Verify(manifest, signature, HashAlgorithmName.SHA512) == true;
        if (!holds)
        {
            run.Found(new Finding(AuditRules.Copy, "does not verify with the given key", new Place(path)));
        }
    }

    private void Derived(string name, Manifest manifest)
    {
        var license = run.License(manifest);
        foreach (var want in ProvenanceStage.Derived(name, manifest, license))
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
        var manifest = left.FirstOrDefault(p => p.EndsWith($".{Manifest.FileName}", StringComparison.Ordinal)) is { } path ? AuditRun.Peek(InputFile.Read(Path.Combine(folder, path), Manifest.MaxLength)) : null;
        return run.Attested(subjects, attestations, manifest);
    }

    private static bool IsAttestation(string path) => path.StartsWith($"{ProvenanceStage.ProvenanceFolder}/", StringComparison.Ordinal);

    private byte[] Take(string path, long limit)
    {
        left.Remove(path);
        return InputFile.Read(Path.Combine(folder, path), limit, path);
    }
}
