using TdxRelease.Bundles.Signing;
using TdxRelease.Modules.Trust;

namespace TdxRelease.Stages.Audit;

/// <summary>What to audit, and against what.</summary>
/// <param name="Path">A folder or a tar.</param>
/// <param name="Key">The maintainer's public key; null only with <paramref name="AllowUnsigned"/>.</param>
/// <param name="Policy">Who may sign modules.</param>
/// <param name="Now">The one time of the audit.</param>
/// <param name="State">File that remembers what was seen, or null.</param>
/// <param name="AllowExpired">Expiry is a warning.</param>
/// <param name="AllowUnsigned">A missing signature is a warning.</param>
public sealed record AuditRequest(string Path, RsaPublicKey? Key, TrustPolicy Policy, DateTimeOffset Now, string? State, bool AllowExpired, bool AllowUnsigned);
