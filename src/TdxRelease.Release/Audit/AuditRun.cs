using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Provenance;
using TdxRelease.Release.Rebuild;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Audit;

/// <summary>
/// One audit under way: opens and judges containers, and collects parts and findings. A part that is broken is a finding, and the others
/// are still looked at.
/// </summary>
/// <param name="request">What is asked.</param>
/// <param name="seen">What was seen before.</param>
internal sealed class AuditRun(AuditRequest request, AcceptedReleases seen)
{
    private const string Attestation = "the attestation that names it";

    private readonly BundleJudge judge = new(request, seen);
    private readonly List<AuditedPart> parts = [];
    private readonly List<Finding> findings = [];
    private readonly HashSet<Verdict> told = [];
    private readonly HashSet<string> subjectNames = new(StringComparer.Ordinal);

    // The same package lies in packages/ and in a repository's pool: it is audited once.
    private readonly Dictionary<string, AuditedPart> known = new(StringComparer.Ordinal);

    public AuditRequest Request => request;

    public IReadOnlyList<AuditedPart> Parts => parts;

    /// <summary>Names of the files that provenance is about, where its signature holds.</summary>
    public IReadOnlySet<string> Subjects => subjectNames;

    /// <summary>How many containers are open at a time, on however many processors: an audit takes the same memory everywhere.</summary>
    public int Workers { get; set; } = 2;

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
        catch (TdxException e) when (Container.IsVerdict(e))
        {
            Count(Refused(name, e, []));
        }
    }

    /// <summary>
    /// Whose OpenPgp signatures are accepted: the certificate given; else one found beside the release, if its key is the key given.
    /// </summary>
    public (OpenPgpKeyring Keyring, OpenPgpVerifier Verifier)? Verifier(byte[]? found)
    {
        var keyring = request.Keyring;
        if (keyring is null && found is not null && request.Key is { } key)
        {
            var candidates = OpenPgpKeyring.Parse(found, "certificate found beside the release").Certificates;
            keyring = candidates.FirstOrDefault(c => c.PublicKey.SameKey(key)) is { } own ? new OpenPgpKeyring([own]) : null;
        }

        return keyring is null ? null : (keyring, new OpenPgpVerifier(keyring, request.Now, request.Policy.MinBundleBits));
    }

    /// <summary>
    /// Whose package signatures are accepted where no certificate can be found: the certificate given, else the key alone.
    /// </summary>
    public IDetachedVerifier? PackageVerifier => (IDetachedVerifier?)Verifier(null)?.Verifier
        ?? (request.Key is { } key ? new RsaOpenPgpVerifier(key, request.Now, request.Policy.MinBundleBits) : null);

    /// <summary>Opens a container and judges it; nothing of its bytes is needed any more. May be called from several threads.</summary>
    /// <param name="name">What findings call it; its ending decides the kind.</param>
    /// <param name="open">Opens it; what is wrong around the bundle goes into the list.</param>
    /// <param name="refusal">The rule where it cannot be opened, instead of the one that the error names.</param>
    public AuditedPart Audit(string name, Func<List<Finding>, Container> open, Rule? refusal = null)
    {
        var around = new List<Finding>();
        try
        {
            return Judge(open(around), around);
        }
        catch (TdxException e) when (Container.IsVerdict(e))
        {
            return Refused(name, e, around, refusal);
        }
    }

    /// <summary>Judges an open container. May be called from several threads.</summary>
    /// <param name="container">The container.</param>
    /// <param name="around">What was found when it was opened.</param>
    public AuditedPart Judge(Container container, List<Finding> around)
    {
        var verdict = judge.Judge(container);
        around.AddRange(Referrers(container, verdict));
        if (verdict.Manifest is not { } manifest)
        {
            return new AuditedPart(container.Name, container.Kind, verdict) { Around = around, Sha256 = container.Sha256 };
        }

        return new AuditedPart(container.Name, container.Kind, verdict)
        {
            Around = around,
            Sha256 = container.Sha256,
            Uncovered = container.CoveredBy is not null ? 0 : container.Outside.Count,
            FirstOutside = container.Outside is [var first, ..] ? first : "",
            CoveredBy = container.CoveredBy,
            Checked = Ran(container, manifest, verdict),
        };
    }

    /// <summary>Counts a part. What is wrong with a bundle is told once, with the first part that holds it.</summary>
    public void Count(AuditedPart part)
    {
        findings.AddRange(part.Around);
        parts.Add(part);
        if (told.Add(part.Verdict))
        {
            findings.AddRange(Several
                ? part.Findings.Select(f => f with { Location = f.Location with { File = $"{part.Name}: {f.Location.File}" } })
                : part.Findings);
        }

        if (part.Uncovered > 0)
        {
            var message = $"no signature covers the package's own files, {part.Uncovered} outside the bundle, "
                + $"\"{SafePath.Printable(part.FirstOutside)}\" the first: no signature over them was checked";
            findings.Add(new Finding(AuditRules.Uncovered, request.AllowUnsigned ? Severity.Warning : Severity.Error, message,
                new Location(part.Name)));
        }

        if (part.Sha256 is { } sha256)
        {
            known[sha256] = part;
        }
    }

    /// <summary>Counts a part that was counted, under another name: the same bytes lie there too.</summary>
    public void CountAgain(AuditedPart part, string name) => parts.Add(Cover(part with { Name = name }));

    /// <summary>A part that was counted and has these bytes, or null.</summary>
    public AuditedPart? Known(string sha256) => known.GetValueOrDefault(sha256);

    /// <summary>The licence text that came with an accepted manifest.</summary>
    public ReadOnlyMemory<byte> License(Manifest manifest) =>
        parts.LastOrDefault(p => p.Manifest?.License.Sha256 == manifest.License.Sha256 && p.Verdict.License.Length > 0)?.Verdict.License;

    /// <summary>A part whose every byte an attestation covers.</summary>
    public static AuditedPart Cover(AuditedPart part) => part.Manifest is null || part.Uncovered == 0
        ? part
        : part with
        {
            Checked = new HashSet<AuditQuestion>(part.Checked) { AuditQuestion.Unchanged },
            Uncovered = 0,
            CoveredBy = Attestation
        };

    /// <summary>The report.</summary>
    public AuditReport Finish() => new(request.Path, parts, AuditQuestions.Answer(parts, findings, request), findings);

    /// <summary>Checks attestations about files.</summary>
    /// <param name="subjects">The files, by their names.</param>
    /// <param name="attestations">DSSE envelopes and Sigstore bundles.</param>
    /// <param name="manifest">What they must fit: verification summaries be about it, provenance name its upstream commit; null for
    /// any.</param>
    /// <param name="found">What is wrong with them.</param>
    /// <returns>Whether at least one provenance accepts all of them, and none refuses.</returns>
    public bool Attested(IReadOnlyList<Subject> subjects, IReadOnlyList<AuditFile> attestations, Manifest? manifest, List<Finding> found)
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
                ? verifier.VerifySummary(file.Content.Span, file.Path, subjects,
                    manifest is null ? null : ProvenanceStage.ResourceOf(manifest))
                : verifier.VerifyProvenance(file.Content.Span, file.Path, subjects);
            found.AddRange(verdict.Findings);
            subjectNames.UnionWith(summary ? [] : verdict.Statement?.Subjects.Select(s => s.Name) ?? []);
            good |= verdict.IsGood && !summary;
            bad |= !verdict.IsGood;
            if (verdict is { IsGood: true, Statement: { } statement } && !summary && manifest is not null)
            {
                found.AddRange(BundleAudit.CompareSource(manifest, statement, file.Path));
            }
        }

        return good && !bad;
    }

    /// <summary>Attestations in an output directory, as they lie there.</summary>
    public bool Attested(IReadOnlyList<Subject> subjects, IReadOnlyList<AuditFile> attestations, Manifest? manifest) =>
        Attested(subjects, attestations, manifest, findings);

    /// <summary>A container that came with attestations about its bytes: covered if they hold.</summary>
    public Container Attest(Container container, ReadOnlyMemory<byte> bytes, IReadOnlyList<AuditFile> attestations, List<Finding> found) =>
        attestations.Count > 0 && Attested([ProvenanceStage.SubjectOf(container.Name, bytes)], attestations, container.Claim, found)
            ? container with { CoveredBy = container.CoveredBy ?? Attestation }
            : container;

    /// <summary>A part that cannot be opened.</summary>
    public static AuditedPart Refused(string name, TdxException e, List<Finding> around, Rule? rule = null)
    {
        rule ??= e.Code == ExitCode.VerificationFailed ? AuditRules.Digest : AuditRules.Container;
        var why = new Finding(rule, e.Message, new Location(name));
        return new AuditedPart(name, Containers.KindOf(name) ?? "folder", new Verdict(null, [])) { Around = [.. around, why] };
    }

    // A question counts as checked only where everything that it needs was looked at.
    private HashSet<AuditQuestion> Ran(Container container, Manifest manifest, Verdict verdict)
    {
        var ran = new HashSet<AuditQuestion>();
        if (verdict.Facts.Count == manifest.Modules.Count && verdict.Facts.Count > 0)
        {
            ran.UnionWith([AuditQuestion.Origin, AuditQuestion.Runs]);
        }

        if (container.CoveredBy is not null || container.Outside.Count == 0)
        {
            ran.Add(AuditQuestion.Unchanged);
        }

        if (!manifest.Unsigned && request.Key is not null && !verdict.Findings.Any(f => f.Rule == ManifestRules.SignatureMissing))
        {
            ran.Add(AuditQuestion.Published);
        }

        if (!manifest.Unsigned && (container.Superseded || (seen.Find(manifest.Name) is not null && request.Now < manifest.Expires)))
        {
            ran.Add(AuditQuestion.Newest);
        }

        return ran;
    }

    // The layout's blobs are not what provenance names, so only signature, form and upstream commit are asked of the referrers.
    private List<Finding> Referrers(Container container, Verdict verdict)
    {
        var found = new List<Finding>();
        if (request.Key is not { } key || verdict.Manifest is not { } manifest)
        {
            return found;
        }

        if (container.Signature is { } own && !key.Verify(own.Payload.Span, own.Signature.Span, HashAlgorithmName.SHA256))
        {
            found.Add(new Finding(AuditRules.ImageSignature, "the signature beside the image is not by the given key",
                new Location(container.Name)));
        }

        var verifier = new AttestationVerifier(key, request.Now, request.Policy.MinBundleBits);
        foreach (var referrer in container.Referrers)
        {
            var place = $"{container.Name}: referrer";
            var provenance = verifier.VerifyProvenance(referrer, place, []);
            found.AddRange(provenance.Findings);
            if (provenance is { IsGood: true, Statement: { } statement })
            {
                found.AddRange(BundleAudit.CompareSource(manifest, statement, place));
            }
        }

        return found;
    }
}
