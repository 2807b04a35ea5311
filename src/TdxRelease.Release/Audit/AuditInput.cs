namespace TdxRelease.Release.Audit;

/// <summary>A bundle as it was found in a container, before anything in it is trusted.</summary>
/// <param name="Name">The container, as findings call it.</param>
/// <param name="Kind">folder, tar, deb, rpm, arch or oci.</param>
/// <param name="Files">The bundle's files.</param>
/// <param name="Outside">Installed files and scripts that are not in the bundle.</param>
internal sealed record AuditInput(string Name, string Kind, IReadOnlyList<AuditFile> Files, IReadOnlyList<string> Outside)
{
    /// <summary>SHA-256 of the container; null for a folder, and where nobody asks whether it was audited before.</summary>
    public string? Id { get; init; }

    /// <summary>What vouches for all of the container, in words; null where only the bundle inside is signed.</summary>
    public string? CoveredBy { get; init; }

    /// <summary>An older release that a repository still serves: freshness is asked of the newest.</summary>
    public bool Superseded { get; init; }

    /// <summary>Sigstore bundles that refer to it: OCI only.</summary>
    public IReadOnlyList<byte[]> Referrers { get; init; } = [];
}
