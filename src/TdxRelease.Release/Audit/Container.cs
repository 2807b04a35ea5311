using TdxRelease.Core.Findings;
using TdxRelease.Packages.Oci;
using TdxRelease.Release.Manifests;

namespace TdxRelease.Release.Audit;

/// <summary>A file that an audit was given, from wherever it was unpacked.</summary>
/// <param name="Path">Relative to the bundle's root, forward slashes. The same path twice is a finding, not an error.</param>
/// <param name="Content">The bytes.</param>
public sealed record AuditFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>A bundle as it was found in an archive, package, image layout or directory, before anything in it is trusted.</summary>
/// <param name="Name">The container, as findings call it.</param>
/// <param name="Kind">folder, tar, deb, rpm, arch or oci.</param>
/// <param name="Files">The bundle's files.</param>
/// <param name="Outside">Installed files and scripts that are not in the bundle.</param>
internal sealed record Container(string Name, string Kind, IReadOnlyList<AuditFile> Files, IReadOnlyList<string> Outside)
{
    /// <summary>SHA-256 of the container; null for a directory, and where nobody asks whether it was audited before.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Version and revision of a package; null for what is none.</summary>
    public string? Version { get; init; }

    /// <summary>What vouches for all of the container, in words; null where only the bundle inside is signed.</summary>
    public string? CoveredBy { get; init; }

    /// <summary>An older release that a repository still serves: freshness is asked of the newest.</summary>
    public bool Superseded { get; init; }

    /// <summary>A repository serves it: it may be signed with a key that was replaced since.</summary>
    public bool InRepository { get; init; }

    /// <summary>The signature of an image, not verified yet: OCI only.</summary>
    public ImageSignature? Signature { get; init; }

    /// <summary>Sigstore bundles that refer to it: OCI only.</summary>
    public IReadOnlyList<byte[]> Referrers { get; init; } = [];

    /// <summary>
    /// What its manifest says, before anything in it is trusted; null where it cannot be read. Only for its name and sequence:
    /// the verifier parses it again once its signature holds.
    /// </summary>
    public Manifest? Claim =>
        Files.FirstOrDefault(f => f.Path == Manifest.FileName) is { } file ? Manifest.TryParse(file.Content.Span) : null;

    /// <summary>Whether an exception is about what was audited, and not about this machine.</summary>
    public static bool IsVerdict(TdxException e) => e.Code is ExitCode.BadInput or ExitCode.VerificationFailed or ExitCode.Refused;
}
