using System.Security.Cryptography;
using NuGet.Versioning;
using TdxRelease.Core.Findings;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Trust;

/// <summary>A key that may sign modules.</summary>
/// <param name="Name">Name for reports.</param>
/// <param name="ModulusSha384">
/// SHA-384 over the modulus bytes as stored in the sigstruct (little-endian), 96 lower-case hex digits: what Intel's processors pin.
/// </param>
/// <param name="MinKeyBits">Smallest RSA size for this signer.</param>
/// <param name="Layout">Name of the only <see cref="TdxRelease.Verification.Sigstructs.SigstructLayout"/> it may use.</param>
public sealed record TrustedSigner(string Name, string ModulusSha384, int MinKeyBits, string Layout);

/// <summary>Versions or measurements that are refused whoever signed them.</summary>
/// <param name="Range">NuGet range, for denied versions.</param>
/// <param name="MrSeam">96 hex digits, for denied measurements.</param>
/// <param name="Reason">Why, for the refusal.</param>
public sealed record Denial(VersionRange? Range, string? MrSeam, string Reason);

/// <summary>Who and what is trusted. schemas/trust-policy.schema.json describes the file.</summary>
public sealed record TrustPolicy
{
    /// <summary>Name for reports.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 over the policy file's bytes, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Pinned signers.</summary>
    public required IReadOnlyList<TrustedSigner> Signers { get; init; }

    /// <summary>Smallest RSA size for sigstructs, in bits.</summary>
    public required int MinSigstructBits { get; init; }

    /// <summary>Smallest RSA size for bundle signatures, in bits.</summary>
    public required int MinBundleBits { get; init; }

    /// <summary>Whether debug-signed modules pass.</summary>
    public required bool AllowDebug { get; init; }

    /// <summary>Ranges of which a version must be in one; empty allows all.</summary>
    public required IReadOnlyList<VersionRange> AllowedVersions { get; init; }

    /// <summary>Refused versions and measurements.</summary>
    public required IReadOnlyList<Denial> Denied { get; init; }

    /// <summary>SHA-256 of licence texts that are expected upstream; empty expects none in particular.</summary>
    public required IReadOnlyList<string> Licenses { get; init; }

    /// <summary>The embedded policy: Intel's production key and nothing else.</summary>
    public static TrustPolicy Default { get; } = Embedded("default-policy.json");

    /// <summary>The signer with that modulus, or null.</summary>
    /// <param name="modulus">The modulus as stored, little-endian.</param>
    public TrustedSigner? SignerOf(ReadOnlySpan<byte> modulus)
    {
        Span<byte> hash = stackalloc byte[SHA384.HashSizeInBytes];
        SHA384.HashData(modulus, hash);
        var hex = Convert.ToHexStringLower(hash);
        return Signers.FirstOrDefault(s => s.ModulusSha384 == hex);
    }

    /// <summary>Why the version is refused, or null.</summary>
    public (Rule Rule, string Reason)? Refusal(ModuleVersion version, string mrSeam)
    {
        // Ranges are NuGet's; the conversion is only paid where a policy has some.
        foreach (var denial in Denied)
        {
            if (denial.Range is { } range && range.Satisfies(version.ToNuGet()))
            {
                return (TrustRules.DeniedVersion, $"version {version} is denied by {range.OriginalString}: {denial.Reason}");
            }

            if (denial.MrSeam == mrSeam)
            {
                return (TrustRules.DeniedMeasurement, $"measurement {mrSeam} is denied: {denial.Reason}");
            }
        }

        return AllowedVersions.Count > 0 && !AllowedVersions.Any(r => r.Satisfies(version.ToNuGet()))
            ? (TrustRules.NotAllowedVersion,
                $"version {version} is in none of the allowed ranges {string.Join(" ", AllowedVersions.Select(r => r.OriginalString))}")
            : null;
    }

    /// <summary>Reads a policy file.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="file">Its name in messages.</param>
    /// <exception cref="TdxException">Exit 3 with the first finding.</exception>
    public static TrustPolicy Read(ReadOnlyMemory<byte> utf8, string file)
    {
        var findings = new List<Finding>();
        var policy = TrustPolicyReader.Read(utf8, file, findings);
        return policy ?? throw new TdxException(ExitCode.BadInput, findings.First(f => f.Fails).ToString(),
            "schemas/trust-policy.schema.json describes the file");
    }

    private static TrustPolicy Embedded(string name)
    {
        using var stream = typeof(TrustPolicy).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Read(bytes, name);
    }
}
