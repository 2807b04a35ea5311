using System.Security.Cryptography;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Manifests;

/// <summary>What arrived: the bytes of the manifest and its signatures, and what the other files hash to.</summary>
/// <param name="Manifest">manifest.json.</param>
/// <param name="Signature">manifest.json.sig, or null where there is none.</param>
/// <param name="OpenPgpSignature">manifest.json.asc, or null where there is none.</param>
/// <param name="Files">Every other file.</param>
public sealed record ManifestEvidence(byte[] Manifest, byte[]? Signature, byte[]? OpenPgpSignature, IReadOnlyList<ManifestFile> Files);

/// <summary>What the verifier holds against it.</summary>
/// <param name="Key">The maintainer's public key; null only where unsigned bundles are allowed.</param>
/// <param name="Now">The one time of the whole check.</param>
/// <param name="Seen">The highest release seen of this bundle, or null.</param>
/// <param name="Name">The bundle asked for, or null for any.</param>
/// <param name="Keyring">Checks the OpenPGP signature too, where both are there.</param>
/// <param name="AllowExpired">Expiry becomes a warning.</param>
/// <param name="AllowUnsigned">An unsigned bundle becomes a warning; a wrong signature never does.</param>
/// <param name="MinimumBits">Shorter keys are refused.</param>
public sealed record ManifestTrust(
    RsaPublicKey? Key,
    DateTimeOffset Now,
    AcceptedRelease? Seen = null,
    string? Name = null,
    OpenPgpKeyring? Keyring = null,
    bool AllowExpired = false,
    bool AllowUnsigned = false,
    int MinimumBits = RsaPublicKey.DefaultMinimumBits);

/// <summary>How the check ended.</summary>
/// <param name="Manifest">The manifest; null where its signature or form did not hold, so that nothing unverified is used.</param>
/// <param name="Findings">Everything found, in the order of the checks.</param>
public sealed record ManifestVerdict(Manifest? Manifest, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether the bundle is accepted.</summary>
    public bool IsGood => Manifest is not null && !Findings.Any(f => f.Fails);
}

/// <summary>
/// Checks a bundle. Pure: it opens nothing, and takes one time. The signature comes first; what is not signed is not parsed.
/// </summary>
public static class ManifestVerifier
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);
    private static readonly Location Location = new(Manifest.FileName);

    /// <summary>Runs every check.</summary>
    public static ManifestVerdict Verify(ManifestEvidence evidence, ManifestTrust trust)
    {
        var findings = new List<Finding>();
        CheckSignatures(evidence, trust, findings);
        if (findings.Any(f => f.Fails))
        {
            return new ManifestVerdict(null, findings);
        }

        Manifest manifest;
        try
        {
            manifest = Manifest.Parse(evidence.Manifest);
        }
        catch (TdxException e)
        {
            findings.Add(new Finding(ManifestRules.Malformed, e.Message, Location));
            return new ManifestVerdict(null, findings);
        }

        if (manifest.Unsigned)
        {
            // A signed manifest that calls itself unsigned is somebody's test build that slipped through.
            findings.Add(new Finding(ManifestRules.Unsigned,
                trust.AllowUnsigned && evidence.Signature is null ? Severity.Warning
                : Severity.Error, "the bundle was made without a key", Location));
        }

        CheckFreshness(manifest, evidence, trust, findings);
        CheckFiles(manifest, evidence.Files, findings);
        return new ManifestVerdict(manifest, findings);
    }

    private static void CheckSignatures(ManifestEvidence evidence, ManifestTrust trust, List<Finding> findings)
    {
        if (trust.Key is { } key && key.Bits < trust.MinimumBits)
        {
            findings.Add(new Finding(ManifestRules.KeyTooSmall, $"RSA key of {key.Bits} bits, want {trust.MinimumBits} or more", Location));
        }

        if (evidence.Signature is not { } signature)
        {
            findings.Add(new Finding(ManifestRules.SignatureMissing, trust.AllowUnsigned ? Severity.Warning : Severity.Error,
                $"\"{Manifest.SignatureName}\" is not there", Location));
        }
        else if (trust.Key is null || !trust.Key.Verify(evidence.Manifest, signature, HashAlgorithmName.SHA512))
        {
            findings.Add(new Finding(ManifestRules.WrongSignature,
                trust.Key is null ? "no public key was given"
                : $"does not verify with key {trust.Key.Sha256}", new Location(Manifest.SignatureName)));
        }

        if (evidence.OpenPgpSignature is { } asc && trust.Keyring is { } keyring)
        {
            var result = new OpenPgpVerifier(keyring, trust.Now, trust.MinimumBits).VerifyDetached(evidence.Manifest, asc);
            if (!result.IsGood)
            {
                findings.Add(new Finding(ManifestRules.WrongOpenPgpSignature, result.Message, new Location(Manifest.OpenPgpSignatureName)));
            }
        }
    }

    private static void CheckFreshness(Manifest manifest, ManifestEvidence evidence, ManifestTrust trust, List<Finding> findings)
    {
        if (trust.Name is { } name && name != manifest.Name)
        {
            findings.Add(new Finding(ManifestRules.OtherName, $"bundle \"{manifest.Name}\", want \"{name}\"", Location));
        }

        if (trust.Now >= manifest.Expires)
        {
            findings.Add(new Finding(ManifestRules.Expired, trust.AllowExpired ? Severity.Warning : Severity.Error,
                $"expired {Rfc3339.Write(manifest.Expires)}, now {Rfc3339.Write(trust.Now)}", Location));
        }

        if (manifest.Created > trust.Now + Skew)
        {
            findings.Add(new Finding(ManifestRules.InFuture, $"created {Rfc3339.Write(manifest.Created)}, now {Rfc3339.Write(trust.Now)}",
                Location));
        }

        if (trust.Seen is not { } seen || seen.Name != manifest.Name)
        {
            return;
        }

        if (manifest.Sequence < seen.Sequence)
        {
            findings.Add(new Finding(ManifestRules.RolledBack, $"sequence {manifest.Sequence}, {seen.Sequence} was seen before", Location));
        }
        else if (manifest.Sequence == seen.Sequence && seen.Sha256 != Convert.ToHexStringLower(SHA256.HashData(evidence.Manifest)))
        {
            findings.Add(new Finding(ManifestRules.Equivocation,
                $"sequence {manifest.Sequence} was seen before with another content, SHA-256 {seen.Sha256}", Location));
        }
    }

    private static void CheckFiles(Manifest manifest, IReadOnlyList<ManifestFile> files, List<Finding> findings)
    {
        var found = new Dictionary<string, ManifestFile>(StringComparer.Ordinal);
        var folded = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
        {
            if (!folded.Add(file.Path))
            {
                findings.Add(new Finding(ManifestRules.DuplicateFile, "is there twice, perhaps in another case", new Location(file.Path)));
            }

            found[file.Path] = file;
        }

        foreach (var want in manifest.Files)
        {
            if (found.Remove(want.Path, out var got))
            {
                CheckFile(want, got, findings);
            }
            else
            {
                findings.Add(new Finding(ManifestRules.FileMissing, "is in the manifest and not there", new Location(want.Path)));
            }
        }

        foreach (var extra in found.Keys.Order(StringComparer.Ordinal))
        {
            findings.Add(new Finding(ManifestRules.ExtraFile, "is there and not in the manifest", new Location(extra)));
        }
    }

    private static void CheckFile(ManifestFile want, ManifestFile got, List<Finding> findings)
    {
        var place = new Location(want.Path);
        if (got.Length != want.Length)
        {
            findings.Add(new Finding(ManifestRules.WrongLength, $"{got.Length} bytes, want {want.Length}", place));
        }

        if (got.Sha256 != want.Sha256)
        {
            findings.Add(new Finding(ManifestRules.WrongSha256, $"SHA-256 {got.Sha256}, want {want.Sha256}", place));
        }

        if (got.Sha384 != want.Sha384)
        {
            findings.Add(new Finding(ManifestRules.WrongSha384, $"SHA-384 {got.Sha384}, want {want.Sha384}", place));
        }
    }
}
