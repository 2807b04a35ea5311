using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Release.Audit;

/// <summary>What to audit, and against what.</summary>
/// <param name="Path">A bundle's folder or tar, a package, an OCI layout, a repository, or a whole output folder.</param>
/// <param name="Key">The maintainer's public key; null only with <paramref name="AllowUnsigned"/>.</param>
/// <param name="Policy">Who may sign modules.</param>
/// <param name="Now">The one time of the audit.</param>
/// <param name="State">File that remembers what was seen, or null.</param>
/// <param name="AllowExpired">Expiry is a warning.</param>
/// <param name="AllowUnsigned">A missing signature is a warning.</param>
public sealed record AuditRequest(string Path, RsaPublicKey? Key, TrustPolicy Policy, DateTimeOffset Now, string? State, bool AllowExpired,
    bool AllowUnsigned)
{
    /// <summary>
    /// Checks OpenPGP signatures; null takes a certificate that lies in a repository or output folder if it is of <see cref="Key"/>.
    /// What a repository serves may be signed with the key of any of them.
    /// </summary>
    public OpenPgpKeyring? Keyring { get; init; }

    /// <summary>Attestations that came with a single file: provenance, Sigstore bundles, verification summaries.</summary>
    public IReadOnlyList<string> Attestations { get; init; } = [];

    /// <summary>The CPUs that it must have a module for; empty for any.</summary>
    public IReadOnlyList<CpuSignature> Cpus { get; init; } = [];
}
