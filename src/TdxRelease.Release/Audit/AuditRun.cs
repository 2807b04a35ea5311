using System.Collections.Concurrent;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Checksums;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Release.Rebuild;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Audit;

/// <summary>One audit under way: judges what was opened, in order, and collects parts and findings. A part that is broken is a finding, and the others are still looked at.</summary>
/// <param name="request">What is asked.</param>
/// <param name="seen">What was seen before.</param>
/// <param name="memo">What has been judged already.</param>
internal sealed class AuditRun(AuditRequest request, SeenReleases seen, AuditMemo memo)
{
    private const string Attestation = "the attestation that names it";

    private readonly List<AuditedPart> parts = [];
    private readonly List<Finding> findings = [];
    private readonly HashSet<string> subjectNames = new(StringComparer.Ordinal);

    // The same package lies in packages/ and in a repository's pool: it is audited once.
    private readonly Dictionary<string, AuditedPart> known = new(StringComparer.Ordinal);

    // SHA-256 of the archives that were opened without complaint, known before they are judged and counted.
    private readonly ConcurrentDictionary<string, bool> whole = new(StringComparer.Ordinal);

    private readonly Dictionary<string, ReadOnlyMemory<byte>> licenses = new(StringComparer.Ordinal);

    public AuditRequest Request => request;

    public IReadOnlyList<AuditedPart> Parts => parts;

    /// <summary>Names of the files that provenance is about, where its signature holds.</summary>
    public IReadOnlySet<string> Subjects => subjectNames;

    /// <summary>Several bundles lie in what is audited: findings say in which.</summary>
    public bool Several { get; set; }

    public void Found(Finding finding) => findings.Add(finding);

    public void Found(IEnumerable<Finding> more) => findings.AddRange(more);

    /// <summary>Turns what cannot be opened into a finding; a missing file or failing disk stays an error.</summary>
    public void Try(string name, Action<List<Finding>> audit)
    {
        try
        {
            audit(findings);
        }
        catch (TdxException e) when (Opening.IsVerdict(e))
        {
            Refuse(name, e);
        }
    }

    private void Refuse(string name, TdxException e, Rule? rule = null)
    {
        findings.Add(new Finding(rule ?? (e.Code == ExitCode.VerificationFailed ? AuditRules.Digest : AuditRules.Container), e.Message, new Place(name)));
        parts.Add(new AuditedPart(name, Containers.KindOf(name) ?? "folder", null, 0, [], [], new HashSet<AuditQuestion>(), []));
    }

    /// <summary>Whose OpenPgp signatures are accepted: the certificate given; else one found beside the release, if its key is the key given.</summary>
    public (OpenPgpCertificate Certificate, OpenPgpVerifier Verifier)? Verifier(byte[]? found)
    {
        var certificate = request.Certificate;
        if (certificate is null && found is not null && request.Key is { } key)
        {
            var candidate = OpenPgpCertificate.Parse(found, "certificate found beside the release");
            certificate = candidate.PublicKey.SameKey(key) ? candidate : null;
        }

        return certificate is null ? null : (certificate, new OpenPgpVerifier(certificate, request.Now, request.Policy.MinBundleBits));
    }

    /// <summary>Whose package signatures are accepted where no certificate can be found: the certificate given, else the key alone.</summary>
    public IDetachedVerifier? PackageVerifier =>
        (IDetachedVerifier?)Verifier(null)?.Verifier ?? (request.Key is { } key ? new RsaOpenPgpVerifier(key, request.Now, request.Policy.MinBundleBits) : null);

    /// <summary>Audits an archive or package.</summary>
    /// <param name="name">Its file name, which decides the kind.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="signature">A detached OpenPGP signature over it, or null.</param>
    /// <param name="verifier">Whose OpenPGP signatures are accepted, or null.</param>
    /// <param name="attestations">Attestations that came with this file alone.</param>
    public void Archive(string name, ReadOnlyMemory<byte> bytes, byte[]? signature, IDetachedVerifier? verifier, IReadOnlyList<AuditFile> attestations) =>
        Try(name, found =>
        {
            var input = Containers.Open(name, bytes, signature, verifier, found);
            var attested = attestations.Count > 0 && Attested([ProvenanceStage.SubjectOf(name, bytes)], attestations, Peek(input));
            Add(attested ? input with { CoveredBy = input.CoveredBy ?? Attestation } : input);
        });

    /// <summary>Counts an archive.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="attested">Whether provenance covers its bytes.</param>
    public void Take(JudgedArchive archive, bool attested)
    {
        findings.AddRange(archive.Found);
        if (archive.Error is { } error)
        {
            Refuse(archive.Name, error);
        }
        else
        {
            Take(attested ? archive.Bundle! with { Part = Cover(archive.Bundle.Part) } : archive.Bundle!);
        }
    }

    /// <summary>Opens an archive or package. May be called from several threads.</summary>
    /// <param name="name">Its path, which decides the kind.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="id">SHA-256 of it.</param>
    /// <param name="signature">A detached OpenPGP signature over it, or null.</param>
    /// <param name="verifier">Whose OpenPGP signatures are accepted, or null.</param>
    /// <param name="found">Signatures that do not hold.</param>
    /// <exception cref="TdxException">As <see cref="Containers.Open"/>.</exception>
    public AuditInput Open(string name, ReadOnlyMemory<byte> bytes, string id, byte[]? signature, IDetachedVerifier? verifier, List<Finding> found)
    {
        var input = Containers.Open(name, bytes, signature, verifier, found);
        whole[id] = true;

        // Ahead of the judge, who asks for it first.
        _ = Peek(input);
        return input with { Id = id, Files = Detach(input.Files) };
    }

    /// <summary>Opens an OCI layout or a repository. May be called from several threads.</summary>
    public OpenedLayout Open(LayoutFolder layout) => Opening.Layout(layout, memo, OpenRepository);

    /// <summary>Audits an OCI layout with the Sigstore bundles in it, or a repository with every package in it.</summary>
    public void Take(OpenedLayout opened)
    {
        findings.AddRange(opened.Found);
        if (opened.Error is { } error)
        {
            Refuse(opened.Layout.Name, error, opened.Layout.Kind is null ? null : AuditRules.Repository);
            return;
        }

        if (opened.Input is { } input)
        {
            Add(input);
        }
        else
        {
            Several = true;
            AddAll(opened.Layout.Name, opened.Packages);
        }
    }

    private IReadOnlyList<AuditFile> OpenRepository(LayoutFolder layout, RepositoryKind kind, List<Finding> found)
    {
        if (Verifier(RepositoryAudit.CertificateIn(layout.Path, kind)) is not { } trusted)
        {
            throw new TdxException(ExitCode.VerificationFailed, "no certificate of the given key lies in the repository, and none is given", "--certificate release.pgp");
        }

        if (layout.Alone)
        {
            new FolderList(request, layout.Path, found) { Verifier = trusted.Verifier, OpenPgp = true, Raw = false }.Check(FolderEntries.Of(layout.Path));
        }

        return RepositoryAudit.Verify(layout.Path, kind, trusted.Verifier, trusted.Certificate, request.AllowExpired ? null : request.Now, whole.ContainsKey);
    }

    /// <summary>The licence text of an accepted manifest.</summary>
    public ReadOnlyMemory<byte> License(Manifest manifest) => licenses.GetValueOrDefault(manifest.License.Sha256);

    // Bundles that lie beside one another: freshness is asked of the newest.
    private void AddAll(string repository, IReadOnlyList<ServedPackage> packages)
    {
        string Name(AuditFile file) => $"{repository}/{file.Path}";

        // The same bytes were audited: covered by one signature is covered.
        var same = packages.Where(p => known.ContainsKey(p.Id)).ToList();
        parts.AddRange(same.Select(p => Cover(known[p.Id] with { Name = Name(p.File) })));

        // The signed index covers a package's bytes; a signature of its own was checked on the way.
        var others = packages.Except(same).Where(p => Containers.KindOf(p.File.Path) is not null).Select(p => new ArchiveFile(
            Name(p.File),
            more => Open(p.File.Path, p.File.Content, p.Id, null, null, more) with { Name = Name(p.File), CoveredBy = "the repository's signed index" })).ToList();
        var ahead = Opening.Ahead(packages.Sum(p => (long)p.File.Content.Length));
        var opened = others.ConvertAll(o => ahead.Add(() => Opening.Archive(o))).ConvertAll(ahead.Take);
        var sequences = opened.ConvertAll(o => o.Input is { } input ? Peek(input)?.Sequence ?? 0 : 0);
        var newest = sequences.Concat(same.Select(p => known[p.Id].Manifest?.Sequence ?? 0)).Append(0).Max();
        for (var i = 0; i < opened.Count; i++)
        {
            Take(Judge(opened[i].Input is { } input ? opened[i] with { Input = input with { Superseded = sequences[i] < newest } } : opened[i]), attested: false);
        }
    }

    /// <summary>Audits a bundle as it was found.</summary>
    public void Add(AuditInput input) => Take(Judge(input));

    /// <summary>Judges an archive, so that nothing of it is needed any more. <see cref="Take(JudgedArchive, bool)"/> counts it.</summary>
    public JudgedArchive Judge(OpenedArchive opened) => new(opened.Name, opened.Input is { } input ? Judge(input) : null, opened.Error, opened.Found);

    private JudgedBundle Judge(AuditInput input)
    {
        var name = Peek(input)?.Name;
        var trust = new ManifestTrust(
            request.Key,
            request.Now,
            input.Superseded || name is null ? null : seen.Find(name),
            Certificate: request.Certificate,
            AllowExpired: request.AllowExpired || input.Superseded,
            AllowUnsigned: request.AllowUnsigned,
            MinimumBits: request.Policy.MinBundleBits);
        var (part, again) = BundlePart.Audit(input, trust, request.Cpus, memo);
        if (part.Manifest is { } manifest && input.Files.FirstOrDefault(f => f.Path == manifest.License.Path) is { } license)
        {
            licenses[manifest.License.Sha256] = license.Content.ToArray();
        }

        return new JudgedBundle(part, input.Id, again, input.Outside is [var outside, ..] ? outside : "", Referrers(input, part));
    }

    private void Take(JudgedBundle bundle)
    {
        var part = bundle.Part;
        findings.AddRange(bundle.Referrers);
        parts.Add(part);
        if (!bundle.Again)
        {
            findings.AddRange(Several ? part.Findings.Select(f => f with { Place = f.Place with { File = $"{part.Name}: {f.Place.File}" } }) : part.Findings);
        }

        if (part.Uncovered > 0)
        {
            var severity = request.AllowUnsigned ? Severity.Warning : Severity.Error;
            findings.Add(new Finding(AuditRules.Uncovered, severity, $"nobody vouches for the package's own files, {part.Uncovered} outside the bundle, \"{SafePath.Printable(bundle.Outside)}\" the first: no signature over them was checked", new Place(part.Name)));
        }

        if (bundle.Id is { } id)
        {
            known[id] = part;
        }
    }

    private static AuditedPart Cover(AuditedPart part) => part.Manifest is null || part.Uncovered == 0
        ? part
        : part with { Checked = new HashSet<AuditQuestion>(part.Checked) { AuditQuestion.Unchanged }, Uncovered = 0, CoveredBy = Attestation };

    /// <summary>The report.</summary>
    public AuditReport Finish() => new(request.Path, parts, AuditQuestions.Answer(parts, findings, request), findings);

    /// <summary>Checks attestations about files.</summary>
    /// <param name="subjects">The files, by their names.</param>
    /// <param name="attestations">DSSE envelopes and Sigstore bundles.</param>
    /// <param name="manifest">What they must fit: verification summaries be about it, provenance name its upstream commit; null for any.</param>
    /// <returns>Whether at least one provenance accepts all of them, and none refuses.</returns>
    public bool Attested(IReadOnlyList<Subject> subjects, IReadOnlyList<AuditFile> attestations, Manifest? manifest)
    {
        if (request.Key is not { } key)
        {
            return false;
        }

        var verifier = new AttestationVerifier(key, request.Now, request.Policy.MinBundleBits);
        var (good, bad) = (false, false);
        foreach (var file in attestations)
        {
            var summary = AttestationKind.Of(file) == SlsaVerificationSummary.PredicateType;
            var verdict = summary
                ? verifier.VerifySummary(file.Content.Span, file.Path, subjects, manifest is null ? null : ProvenanceStage.ResourceOf(manifest))
                : verifier.VerifyProvenance(file.Content.Span, file.Path, subjects);
            findings.AddRange(verdict.Findings);
            subjectNames.UnionWith(summary ? [] : verdict.Statement?.Subjects.Select(s => s.Name) ?? []);
            good |= verdict.IsGood && !summary;
            bad |= !verdict.IsGood;
            if (verdict is { IsGood: true, Statement: { } statement } && !summary && manifest is not null)
            {
                findings.AddRange(BundleAudit.CompareSource(manifest, statement, file.Path));
            }
        }

        return good && !bad;
    }

    // The layout's blobs are not what provenance names, so only signature, form and upstream commit are asked of the referrers.
    private List<Finding> Referrers(AuditInput input, AuditedPart part)
    {
        var found = new List<Finding>();
        if (request.Key is not { } key || part.Manifest is not { } manifest)
        {
            return found;
        }

        var verifier = new AttestationVerifier(key, request.Now, request.Policy.MinBundleBits);
        foreach (var referrer in input.Referrers)
        {
            var place = $"{input.Name}: referrer";
            var verdict = verifier.VerifyProvenance(referrer, place, []);
            found.AddRange(verdict.Findings);
            if (verdict is { IsGood: true, Statement: { } statement })
            {
                found.AddRange(BundleAudit.CompareSource(manifest, statement, place));
            }
        }

        return found;
    }

    // While bundles wait for the judge, what they hold in common takes memory once, and their archives none.
    private List<AuditFile> Detach(IReadOnlyList<AuditFile> files) => [.. files.Select(f => f with { Content = memo.Contents.Detach(f.Content.Span) })];

    /// <summary>The manifest of a bundle as <see cref="AuditMemo.Peek"/> gives it: tells which entry of the state file is its own.</summary>
    private Manifest? Peek(AuditInput input) => input.Files.FirstOrDefault(f => f.Path == Manifest.FileName) is { } file ? memo.Peek(file.Content) : null;

    /// <summary>As <see cref="AuditMemo.Peek"/>.</summary>
    public Manifest? Peek(ReadOnlyMemory<byte> json) => memo.Peek(json);
}
