using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Signing;

namespace TdxRelease.Release.Provenance;

/// <summary>A verified statement, or why there is none.</summary>
/// <param name="Statement">Null where signature or form did not hold.</param>
/// <param name="Findings">Everything found.</param>
public sealed record AttestationVerdict(Statement? Statement, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether the attestation is accepted.</summary>
    public bool IsGood => Statement is not null && !Findings.Any(f => f.Fails);
}

/// <summary>
/// Checks attestations against one public key at one time. Pure. What is not signed by the key is not parsed further than its envelope.
/// </summary>
/// <param name="key">The maintainer's public key.</param>
/// <param name="now">The time of the check.</param>
/// <param name="minimumBits">Shorter keys are refused.</param>
public sealed class AttestationVerifier(RsaPublicKey key, DateTimeOffset now, int minimumBits = RsaPublicKey.DefaultMinimumBits)
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <summary>Checks build provenance: plain DSSE, or a Sigstore bundle.</summary>
    /// <param name="json">The file.</param>
    /// <param name="name">How findings call it.</param>
    /// <param name="files">The files asked about; each must be a subject with these hashes.</param>
    public AttestationVerdict VerifyProvenance(ReadOnlySpan<byte> json, string name, IReadOnlyList<Subject> files)
    {
        var findings = new List<Finding>();
        var statement = Open(json, name, SlsaProvenance.PredicateType, findings);
        if (statement is not null)
        {
            CheckSubjects(statement, files, name, findings);
            if (Read(() => SlsaProvenance.Read(statement, name), name, findings) is { } provenance)
            {
                CheckTime(provenance.Time, name, findings);
            }
        }

        return new AttestationVerdict(statement, findings);
    }

    /// <summary>Checks a verification summary.</summary>
    /// <param name="json">The file.</param>
    /// <param name="name">How findings call it.</param>
    /// <param name="files">The files asked about; each must be a subject with these hashes.</param>
    /// <param name="resourceUri">The resource that it must be about, or null for any.</param>
    public AttestationVerdict VerifySummary(ReadOnlySpan<byte> json, string name, IReadOnlyList<Subject> files, string? resourceUri = null)
    {
        var findings = new List<Finding>();
        var statement = Open(json, name, SlsaVerificationSummary.PredicateType, findings);
        if (statement is null)
        {
            return new AttestationVerdict(null, findings);
        }

        CheckSubjects(statement, files, name, findings);
        if (Read(() => SlsaVerificationSummary.Read(statement, name), name, findings) is { } summary)
        {
            CheckTime(summary.TimeVerified, name, findings);
            if (!summary.Passed)
            {
                findings.Add(new Finding(ProvenanceRules.NotPassed, "the result is FAILED", new Location(name)));
            }

            if (resourceUri is not null && summary.ResourceUri != resourceUri)
            {
                findings.Add(new Finding(ProvenanceRules.OtherResource, $"is about \"{summary.ResourceUri}\", want \"{resourceUri}\"",
                    new Location(name)));
            }
        }

        return new AttestationVerdict(statement, findings);
    }

    private Statement? Open(ReadOnlySpan<byte> json, string name, string predicateType, List<Finding> findings)
    {
        var place = new Location(name);
        if (key.Bits < minimumBits)
        {
            findings.Add(new Finding(ProvenanceRules.KeyTooSmall, $"RSA key of {key.Bits} bits, want {minimumBits} or more", place));
            return null;
        }

        DsseEnvelope envelope;
        try
        {
            // A bundle is told from a plain envelope by its first key, which canonical JSON fixes.
            if (json.StartsWith("{\"dsseEnvelope\":"u8))
            {
                var bundle = SigstoreBundle.Parse(json, name);
                envelope = bundle.Envelope;
                if (bundle.Hint != key.Sha256)
                {
                    findings.Add(new Finding(ProvenanceRules.OtherHint, $"names key {bundle.Hint}, want {key.Sha256}", place));
                }
            }
            else
            {
                envelope = DsseEnvelope.Parse(json, name);
            }
        }
        catch (TdxException e)
        {
            findings.Add(new Finding(ProvenanceRules.Malformed, e.Message, place));
            return null;
        }

        if (!envelope.IsBy(key))
        {
            findings.Add(new Finding(ProvenanceRules.WrongSignature, $"does not verify with key {key.Sha256}", place));
            return null;
        }

        return OpenStatement(envelope, predicateType, name, findings);
    }

    private static Statement? OpenStatement(DsseEnvelope envelope, string predicateType, string name, List<Finding> findings)
    {
        if (envelope.PayloadType != Statement.PayloadType)
        {
            findings.Add(new Finding(ProvenanceRules.OtherPredicate,
                $"payload of type \"{envelope.PayloadType}\", want \"{Statement.PayloadType}\"", new Location(name)));
            return null;
        }

        var statement = Read(() => Statement.Parse(envelope.Payload.Span, name), name, findings);
        if (statement is not null && statement.PredicateType != predicateType)
        {
            findings.Add(new Finding(ProvenanceRules.OtherPredicate, $"predicate \"{statement.PredicateType}\", want \"{predicateType}\"",
                new Location(name)));
            return null;
        }

        return statement;
    }

    private static T? Read<T>(Func<T> read, string name, List<Finding> findings)
        where T : class
    {
        try
        {
            return read();
        }
        catch (TdxException e)
        {
            findings.Add(new Finding(ProvenanceRules.Malformed, e.Message, new Location(name)));
            return null;
        }
    }

    private static void CheckSubjects(Statement statement, IReadOnlyList<Subject> files, string name, List<Finding> findings)
    {
        var subjects = statement.Subjects.ToDictionary(s => s.Name, StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!subjects.TryGetValue(file.Name, out var subject) && (subject = OfFileName(statement, file.Name)) is null)
            {
                findings.Add(new Finding(ProvenanceRules.NotASubject, $"\"{file.Name}\" is not among its {subjects.Count} subjects",
                    new Location(name)));
            }
            else if (subject.Sha256 != file.Sha256 || subject.Sha384 != file.Sha384)
            {
                findings.Add(new Finding(ProvenanceRules.SubjectMismatch,
                    $"\"{file.Name}\" has SHA-256 {file.Sha256}, the attestation is about {subject.Sha256}", new Location(name)));
            }
        }
    }

    // A file that was downloaded by itself has lost the folder that it was published in.
    private static Subject? OfFileName(Statement statement, string name) =>
        !name.Contains('/', StringComparison.Ordinal)
        && statement.Subjects.Where(s => s.Name.EndsWith($"/{name}", StringComparison.Ordinal)).Take(2).ToList() is [var only] ? only
        : null;

    private void CheckTime(DateTimeOffset time, string name, List<Finding> findings)
    {
        if (time > now + Skew)
        {
            findings.Add(new Finding(ProvenanceRules.InFuture, $"dated {Rfc3339.Write(time)}, now {Rfc3339.Write(now)}",
                new Location(name)));
        }
    }
}
