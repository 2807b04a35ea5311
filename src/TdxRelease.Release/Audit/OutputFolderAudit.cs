using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Composition;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Release.Rebuild;
using TdxRelease.Signing;
using TdxRelease.Signing.Checksums;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Audit;

/// <summary>
/// Audits everything in an output folder. Each file must be a bundle or package, belong to a repository, be the subject of the provenance,
/// or follow from the manifest.
/// </summary>
/// <param name="run">The audit.</param>
/// <param name="folder">The output folder.</param>
internal sealed class OutputFolderAudit(AuditRun run, string folder)
{
    private const string CertificateName = BundleStage.CertificateName;
    internal const int MaxSmall = 1 << 25;

    // Source packages and those for cold loading hold no bundle: the provenance alone vouches for them.
    internal static bool AttestedOnly(string path) =>
        path.StartsWith("sources/", StringComparison.Ordinal)
        || path.StartsWith($"{TdxRelease.Packages.DistributionFormat.ColdFolder}/", StringComparison.Ordinal);

    // More bytes in all, and memory counts for more than time.
    private const long Large = 256L << 20;

    private readonly SortedSet<string> left = new(StringComparer.Ordinal);

    public void Run()
    {
        run.Several = true;
        var verifier = List()?.Verifier;
        var layouts = Layouts();
        var archives = left.Where(p => Containers.KindOf(p) is not null && !AttestedOnly(p)).ToList();
        List<string> paths = [.. archives, .. left.Where(AttestedOnly)];
        left.ExceptWith(archives);
        var signatures = archives.Where(p => left.Contains($"{p}.sig"))
            .ToDictionary(p => p, p => ReadFile($"{p}.sig", MaxSmall), StringComparer.Ordinal);

        // Each file is read once: hashed, an archive opened and judged, and let go.
        var files = ParallelMap.Select(paths,
            path => AttestedOnly(path) ? new Audited(Hash(path), null)
            : Archive(path, signatures.GetValueOrDefault(path), verifier), run.Workers);
        var attested = Attest([.. files.Select(f => f.Subject).OfType<Subject>()]);
        foreach (var missing in run.Subjects.Except(paths, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            run.Found(new Finding(AuditRules.Missing, "the provenance is about it and it is not there", new Location(missing)));
        }

        foreach (var part in files.Select(f => f.Part).OfType<AuditedPart>())
        {
            run.Count(attested ? AuditRun.Cover(part) : part);
        }

        var audits = layouts.ConvertAll(l => new LayoutAudit(run, l));
        foreach (var (audit, opened) in audits.Zip(ParallelMap.Select(audits, a => a.Open(), run.Workers)))
        {
            audit.Count(opened);
        }

        new OutputManifests(run, folder, left).Check(layouts);
        foreach (var stray in left.Where(p => !AttestedOnly(p)))
        {
            run.Found(new Finding(AuditRules.UnexpectedFile, "nothing vouches for this file", new Location(stray)));
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

    // Where an archive cannot be read there is no subject, and opening it has failed.
    private Audited Archive(string path, byte[]? signature, OpenPgpVerifier? verifier)
    {
        Subject? subject = null;
        var part = run.Audit(path, around =>
        {
            var bytes = InputFile.Read(Path.Combine(folder, path), Containers.MaxArchive, path);
            subject = ProvenanceStage.SubjectOf(path, bytes);
            return Containers.Open(path, bytes, signature, verifier, around) with { Sha256 = subject.Sha256 };
        });
        return new Audited(subject, part);
    }

    // First of all the folder as a whole; then what the files in it say, whether or not it is the one that was published.
    private (OpenPgpKeyring Keyring, OpenPgpVerifier Verifier)? List()
    {
        var entries = FolderEntries.Of(folder);
        left.UnionWith(entries.Files.Where(p => !ChecksumList.IsPart(p) && p != OutputMarker.FileName));
        run.Workers = left.Sum(p => new FileInfo(Path.Combine(folder, p)).Length) <= Large ? run.Workers : 1;
        var trusted = Keys();
        var found = new List<Finding>();
        new FolderList(run.Request, folder, found) { Verifier = trusted?.Verifier }.Check(entries);
        run.Found(found);
        return trusted;
    }

    // What lies beside the release is convenient for a first look; here it only must not be another's.
    private (OpenPgpKeyring Keyring, OpenPgpVerifier Verifier)? Keys()
    {
        if (left.Contains(BundleStage.PublicKeyName) && run.Request.Key is { } key)
        {
            run.Try(BundleStage.PublicKeyName, found =>
            {
                var beside = RsaPublicKey.FromPem(ReadFile(BundleStage.PublicKeyName, MaxSmall), BundleStage.PublicKeyName);
                if (!beside.SameKey(key))
                {
                    found.Add(new Finding(AuditRules.OtherKey, $"is key {beside.Sha256}, audited with {key.Sha256}",
                        new Location(BundleStage.PublicKeyName)));
                }
            });
        }

        if (!left.Contains(CertificateName))
        {
            return run.Verifier(null);
        }

        (OpenPgpKeyring Keyring, OpenPgpVerifier Verifier)? trusted = null;
        run.Try(CertificateName, found =>
        {
            var bytes = ReadFile(CertificateName, MaxSmall);
            trusted = run.Verifier(bytes);
            var beside = OpenPgpCertificate.Parse(bytes, CertificateName).Fingerprint;
            if (run.Request.Key is not null && trusted?.Keyring.Find(beside) is null)
            {
                found.Add(new Finding(AuditRules.OtherKey, $"is certificate {beside}, not of the key that the release is audited with",
                    new Location(CertificateName)));
            }
        });
        return trusted;
    }

    // OCI layouts and repositories.
    private List<LayoutFolder> Layouts()
    {
        var layouts = new List<LayoutFolder>();
        foreach (var top in left.Where(p => p.Contains('/', StringComparison.Ordinal)).Select(p => p.Split('/')[0])
            .Distinct(StringComparer.Ordinal).ToList())
        {
            if (LayoutFolder.At(Path.Combine(folder, top), top) is { } layout)
            {
                layouts.Add(layout);
                left.RemoveWhere(p => p.StartsWith($"{top}/", StringComparison.Ordinal));
            }
        }

        return layouts;
    }

    /// <summary>Checks every attestation about the files.</summary>
    private bool Attest(IReadOnlyList<Subject> subjects)
    {
        foreach (var unsigned in left.Where(p => IsAttestation(p) && p.Contains(".UNSIGNED.", StringComparison.Ordinal)).ToList())
        {
            run.Try(unsigned, _ => Statement.Parse(ReadFile(unsigned, MaxSmall), unsigned));
        }

        var attestations = left.Where(IsAttestation).ToList().ConvertAll(p => new AuditFile(p, ReadFile(p, MaxSmall)));
        if (run.Request.Key is null)
        {
            return false;
        }

        if (attestations.Count == 0)
        {
            run.Found(new Finding(AuditRules.Missing, "no attestation is there", new Location(ProvenanceStage.ProvenanceFolder)));
        }

        // Which bundle they must fit is only a claim here; that the folder's manifest is the bundle's own is checked with the bundle.
        var manifest = left.FirstOrDefault(p => p.EndsWith($".{Manifest.FileName}", StringComparison.Ordinal)) is { } path
            ? Manifest.TryParse(InputFile.Read(Path.Combine(folder, path), Manifest.MaxLength)) : null;
        return run.Attested(subjects, attestations, manifest);
    }

    private static bool IsAttestation(string path) => path.StartsWith($"{ProvenanceStage.ProvenanceFolder}/", StringComparison.Ordinal);

    private byte[] ReadFile(string path, long limit)
    {
        left.Remove(path);
        return InputFile.Read(Path.Combine(folder, path), limit, path);
    }

    /// <summary>A file that provenance names, and the verdict on it where it holds a bundle.</summary>
    private sealed record Audited(Subject? Subject, AuditedPart? Part);
}
