using System.Security.Cryptography;
using TdxRelease.Bundles.Auditing;
using TdxRelease.Bundles.Manifests;
using TdxRelease.Bundles.Provenance;
using TdxRelease.Bundles.Signing.OpenPgp;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages.Provenance;

namespace TdxRelease.Stages.Audit;

/// <summary>An archive or package that is about to be opened.</summary>
/// <param name="Name">Its path below what is audited.</param>
/// <param name="Id">SHA-256 of its bytes.</param>
/// <param name="Open">Opens it; signatures that do not hold go into the list.</param>
internal sealed record ArchiveFile(string Name, string Id, Func<List<Finding>, AuditInput> Open);

/// <summary>An archive that was opened, or why it could not be.</summary>
internal sealed record OpenedArchive(ArchiveFile File, AuditInput? Input, TdxException? Error, List<Finding> Found);

/// <summary>One audit under way: collects parts and findings. A part that is broken is a finding, and the others are still looked at.</summary>
/// <param name="request">What is asked.</param>
/// <param name="seen">What was seen before.</param>
/// <param name="memo">What has been judged already.</param>
internal sealed class AuditRun(AuditRequest request, SeenReleases seen, AuditMemo memo)
{
    // Two archives are opened at a time, unless they are so large that memory counts for more.
    internal const long Large = 256L << 20;

    private readonly List<AuditedPart> parts = [];
    private readonly List<Finding> findings = [];
    private readonly HashSet<string> subjectNames = new(StringComparer.Ordinal);

    // The same package lies in packages/ and in a repository's pool: it is audited once.
    private readonly Dictionary<string, AuditedPart> known = new(StringComparer.Ordinal);

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
    public void Try(string name, Action<List<Finding>> audit, Rule? rule = null)
    {
        try
        {
            audit(findings);
        }
        catch (TdxException e) when (IsVerdict(e))
        {
            Refuse(name, e, rule);
        }
    }

    private static bool IsVerdict(TdxException e) => e.Code is ExitCode.BadInput or ExitCode.VerificationFailed or ExitCode.Refused;

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

    /// <summary>Audits an archive or package.</summary>
    /// <param name="name">Its file name, which decides the kind.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="signature">A detached OpenPGP signature over it, or null.</param>
    /// <param name="verifier">Whose OpenPGP signatures are accepted, or null.</param>
    /// <param name="attestations">Attestations that came with this file alone.</param>
    public void Archive(string name, ReadOnlyMemory<byte> bytes, byte[]? signature, OpenPgpVerifier? verifier, IReadOnlyList<AuditFile> attestations) =>
        Try(name, found =>
        {
            var input = Containers.Open(name, bytes, signature, verifier, found);
            var attested = attestations.Count > 0 && Attested([ProvenanceStage.SubjectOf(name, bytes.Span)], attestations, Peek(input));
            Add(attested ? input with { Covered = true } : input, IdOf(bytes.Span));
        });

    /// <summary>Audits the archives and packages of a folder: opened side by side, judged in order.</summary>
    /// <param name="files">Opens one each.</param>
    /// <param name="bytes">Their length in all.</param>
    public void Archives(IReadOnlyList<ArchiveFile> files, long bytes)
    {
        var ahead = bytes > Large ? 0 : 2;
        var begun = new Queue<Task<OpenedArchive>>();
        for (var i = 0; i < files.Count; i++)
        {
            for (var next = i + begun.Count; begun.Count < ahead && next < files.Count; next++)
            {
                var file = files[next];
                begun.Enqueue(Task.Run(() => Open(file)));
            }

            Take(begun.TryDequeue(out var task) ? task.GetAwaiter().GetResult() : Open(files[i]));
        }
    }

    private static OpenedArchive Open(ArchiveFile file)
    {
        var found = new List<Finding>();
        try
        {
            return new OpenedArchive(file, file.Open(found), null, found);
        }
        catch (TdxException e) when (IsVerdict(e))
        {
            return new OpenedArchive(file, null, e, found);
        }
    }

    private void Take(OpenedArchive opened)
    {
        findings.AddRange(opened.Found);
        if (opened.Error is { } error)
        {
            Refuse(opened.File.Name, error);
        }
        else
        {
            Add(opened.Input!, opened.File.Id);
        }
    }

    /// <summary>How bytes that were audited are recognised: SHA-256.</summary>
    public static string IdOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The licence text of an accepted manifest.</summary>
    public ReadOnlyMemory<byte> License(Manifest manifest) => licenses.GetValueOrDefault(manifest.License.Sha256);

    /// <summary>Audits an OCI layout and the Sigstore bundles in it.</summary>
    /// <param name="open">Opens it, or waits until it is open.</param>
    /// <param name="name">What findings call it.</param>
    public void Oci(Func<(AuditInput Input, IReadOnlyList<string> Strays)> open, string name) => Try(name, found =>
    {
        var (input, strays) = open();
        found.AddRange(strays.Select(s => new Finding(AuditRules.Stray, "no manifest of the layout refers to this file", new Place($"{name}/{s}"))));
        Add(input with { Name = name }, null);
    });

    /// <summary>Audits a repository and every package in it.</summary>
    public void Repository(string folder, string name, RepositoryKind kind) => Try(
        name,
        found =>
        {
            if (Verifier(RepositoryAudit.CertificateIn(folder, kind)) is not { } trusted)
            {
                throw new TdxException(ExitCode.VerificationFailed, "no certificate of the given key lies in the repository, and none is given", "--certificate release.pgp");
            }

            Several = true;
            var packages = RepositoryAudit.Verify(folder, kind, trusted.Verifier, trusted.Certificate, request.AllowExpired ? null : request.Now, known.ContainsKey);
            if (packages.Count == 0)
            {
                throw new TdxException(ExitCode.VerificationFailed, "the repository holds no package");
            }

            // The signed index covers the package's bytes; a signature of its own was checked on the way.
            AddAll(
                [.. packages.Where(p => Containers.KindOf(p.Path) is not null).Select(p => new ArchiveFile(
                    $"{name}/{p.Path}",
                    IdOf(p.Content.Span),
                    more => Containers.Open(p.Path, p.Content, null, null, more) with { Name = $"{name}/{p.Path}", Covered = true }))],
                packages.Sum(p => (long)p.Content.Length));
        },
        AuditRules.Repository);

    /// <summary>Audits bundles that lie beside one another: freshness is asked of the newest.</summary>
    private void AddAll(List<ArchiveFile> files, long bytes)
    {
        // The same bytes were audited: covered by one signature is covered.
        var same = files.Where(f => known.ContainsKey(f.Id)).ToList();
        parts.AddRange(same.Select(f => known[f.Id] with { Name = f.Name, Checked = new HashSet<AuditQuestion>(known[f.Id].Checked) { AuditQuestion.Unchanged }, Uncovered = 0 }));
        List<ArchiveFile> others = [.. files.Except(same)];
        List<OpenedArchive> opened = [.. bytes > Large ? others.Select(Open) : SideBySide.Select(others, Open)];
        var sequences = opened.ConvertAll(o => o.Input is { } input ? Peek(input)?.Sequence ?? 0 : 0);
        var newest = sequences.Concat(same.Select(f => known[f.Id].Manifest?.Sequence ?? 0)).Append(0).Max();
        for (var i = 0; i < opened.Count; i++)
        {
            Take(opened[i].Input is { } input ? opened[i] with { Input = input with { Superseded = sequences[i] < newest } } : opened[i]);
        }
    }

    /// <summary>Audits a bundle.</summary>
    /// <param name="input">The bundle as it was found.</param>
    /// <param name="id">SHA-256 of its container, or null for a folder.</param>
    public void Add(AuditInput input, string? id)
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
        Referrers(input, part);
        if (part.Manifest is { } manifest && input.Files.FirstOrDefault(f => f.Path == manifest.License.Path) is { } license)
        {
            licenses[manifest.License.Sha256] = license.Content.ToArray();
        }

        parts.Add(part);
        if (!again)
        {
            findings.AddRange(Several ? part.Findings.Select(f => f with { Place = f.Place with { File = $"{input.Name}: {f.Place.File}" } }) : part.Findings);
        }

        if (part.Uncovered > 0)
        {
            findings.Add(new Finding(AuditRules.Uncovered, $"{part.Uncovered} files outside the bundle, {input.Outside[0]} the first, are covered by no signature that was checked", new Place(input.Name)));
        }

        if (id is not null)
        {
            known[id] = part;
        }
    }

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
    private void Referrers(AuditInput input, AuditedPart part)
    {
        if (request.Key is not { } key || part.Manifest is not { } manifest)
        {
            return;
        }

        var verifier = new AttestationVerifier(key, request.Now, request.Policy.MinBundleBits);
        foreach (var referrer in input.Referrers)
        {
            var place = $"{input.Name}: referrer";
            var verdict = verifier.VerifyProvenance(referrer, place, []);
            findings.AddRange(verdict.Findings);
            if (verdict is { IsGood: true, Statement: { } statement })
            {
                findings.AddRange(BundleAudit.CompareSource(manifest, statement, place));
            }
        }
    }

    // Only for its name and sequence, to find the entry of the state file; the verifier parses the manifest again once its signature holds.
    private static Manifest? Peek(AuditInput input) => input.Files.FirstOrDefault(f => f.Path == Manifest.FileName) is { } file ? Peek(file.Content) : null;

    internal static Manifest? Peek(ReadOnlyMemory<byte> json)
    {
        try
        {
            return Manifest.Parse(json.Span);
        }
        catch (TdxException)
        {
            return null;
        }
    }
}
