using System.Security.Cryptography;
using TdxRelease.Bundles.Auditing;
using TdxRelease.Bundles.Manifests;
using TdxRelease.Bundles.Provenance;
using TdxRelease.Bundles.Signing.OpenPgp;
using TdxRelease.Modules.Findings;
using TdxRelease.Stages.Provenance;

namespace TdxRelease.Stages.Audit;

/// <summary>One audit under way: collects parts and findings. A part that is broken is a finding, and the others are still looked at.</summary>
/// <param name="request">What is asked.</param>
/// <param name="seen">What was seen before.</param>
internal sealed class AuditRun(AuditRequest request, SeenReleases seen)
{
    private readonly List<AuditedPart> parts = [];
    private readonly List<Finding> findings = [];

    // The same package lies in packages/ and in a repository's pool: it is audited once.
    private readonly Dictionary<string, AuditedPart> known = new(StringComparer.Ordinal);

    private readonly Dictionary<string, ReadOnlyMemory<byte>> licenses = new(StringComparer.Ordinal);

    public AuditRequest Request => request;

    public IReadOnlyList<AuditedPart> Parts => parts;

    public void Found(Finding finding) => findings.Add(finding);

    public void Found(IEnumerable<Finding> more) => findings.AddRange(more);

    /// <summary>Turns what cannot be opened into a finding; a missing file or failing disk stays an error.</summary>
    public void Try(string name, Action<List<Finding>> audit, Rule? rule = null)
    {
        try
        {
            audit(findings);
        }
        catch (TdxException e) when (e.Code is ExitCode.BadInput or ExitCode.VerificationFailed or ExitCode.Refused)
        {
            findings.Add(new Finding(rule ?? (e.Code == ExitCode.VerificationFailed ? AuditRules.Digest : AuditRules.Container), e.Message, new Place(name)));
            parts.Add(new AuditedPart(name, Containers.KindOf(name) ?? "folder", null, 0, [], [], new HashSet<AuditQuestion>(), []));
        }
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
    /// <param name="trusted">Whose OpenPGP signatures are accepted, or null.</param>
    /// <param name="attested">Provenance that was checked has it as a subject.</param>
    /// <param name="attestations">Attestations that came with this file alone.</param>
    public void Archive(string name, ReadOnlyMemory<byte> bytes, byte[]? signature, (OpenPgpCertificate Certificate, OpenPgpVerifier Verifier)? trusted, bool attested, IReadOnlyList<AuditFile> attestations) =>
        Try(name, found =>
        {
            var input = Containers.Open(name, bytes, signature, trusted?.Verifier, found);
            attested |= attestations.Count > 0 && Attested([ProvenanceStage.SubjectOf(name, bytes.Span)], attestations, Peek(input));
            Add(attested ? input with { Covered = true } : input);
        });

    /// <summary>The licence text of an accepted manifest.</summary>
    public ReadOnlyMemory<byte> License(Manifest manifest) => licenses.GetValueOrDefault(manifest.License.Sha256);

    /// <summary>Audits an OCI layout and the Sigstore bundles in it.</summary>
    public void Oci(string folder, string name) => Try(name, _ => Add(Containers.Oci(folder) with { Name = name }));

    /// <summary>Audits a repository and every package in it.</summary>
    public void Repository(string folder, string name, RepositoryKind kind) => Try(
        name,
        found =>
        {
            if (Verifier(RepositoryAudit.CertificateIn(folder, kind)) is not { } trusted)
            {
                throw new TdxException(ExitCode.VerificationFailed, "no certificate of the given key lies in the repository, and none is given", "--certificate release.pgp");
            }

            var packages = RepositoryAudit.Verify(folder, kind, trusted.Verifier, trusted.Certificate, request.AllowExpired ? null : request.Now);
            if (packages.Count == 0)
            {
                throw new TdxException(ExitCode.VerificationFailed, "the repository holds no package");
            }

            var inputs = new List<AuditInput>();
            foreach (var package in packages.Where(p => Containers.KindOf(p.Path) is not null))
            {
                // The signed index covers the package's bytes; a signature of its own was checked on the way.
                Try($"{name}/{package.Path}", _ => inputs.Add(Containers.Open(package.Path, package.Content, null, null, found) with { Name = $"{name}/{package.Path}", Covered = true }));
            }

            AddAll(inputs);
        },
        AuditRules.Repository);

    /// <summary>Audits bundles that lie beside one another: freshness is asked of the newest.</summary>
    private void AddAll(List<AuditInput> inputs)
    {
        var sequences = inputs.Select(i => Peek(i)?.Sequence ?? 0).ToList();
        var newest = sequences.Count > 0 ? sequences.Max() : 0;
        for (var i = 0; i < inputs.Count; i++)
        {
            Add(inputs[i] with { Superseded = sequences[i] < newest });
        }
    }

    /// <summary>Audits a bundle.</summary>
    public void Add(AuditInput input)
    {
        var id = input.Whole.IsEmpty ? null : Convert.ToHexStringLower(SHA256.HashData(input.Whole.Span));
        if (id is not null && known.TryGetValue(id, out var same))
        {
            // Covered by one signature is covered.
            parts.Add(same with { Name = input.Name, Findings = [], Checked = input.Covered ? new HashSet<AuditQuestion>(same.Checked) { AuditQuestion.Unchanged } : same.Checked, Uncovered = input.Covered ? 0 : same.Uncovered });
            return;
        }

        var name = Peek(input)?.Name;
        var trust = new ManifestTrust(
            request.Key,
            request.Now,
            input.Superseded || name is null ? null : seen.Find(name),
            Certificate: request.Certificate,
            AllowExpired: request.AllowExpired || input.Superseded,
            AllowUnsigned: request.AllowUnsigned,
            MinimumBits: request.Policy.MinBundleBits);
        var part = BundlePart.Audit(input, trust, request);
        Referrers(input, part);
        if (part.Manifest is { } manifest && input.Files.FirstOrDefault(f => f.Path == manifest.License.Path) is { } license)
        {
            licenses[manifest.License.Sha256] = license.Content.ToArray();
        }

        parts.Add(part);
        findings.AddRange(part.Findings);
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
