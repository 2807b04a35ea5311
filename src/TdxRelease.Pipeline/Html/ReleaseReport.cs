using TdxRelease.Core.Findings;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Audit;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Pipeline.Html;

/// <summary>A module as the page shows it, from a snapshot's sigstruct or a bundle's manifest.</summary>
/// <param name="Version">As spelled upstream.</param>
/// <param name="Verified">No finding that fails names it.</param>
/// <param name="Svn">Security version, or null where nothing could be read.</param>
/// <param name="Cpus">CPU families.</param>
/// <param name="Date">Of the signature.</param>
/// <param name="MrSeam">96 hex digits.</param>
/// <param name="Signer">Who signed, in words.</param>
/// <param name="SignerSha384">SHA-384 of the modulus.</param>
/// <param name="KeyBits">RSA size.</param>
/// <param name="IsDebug">Debug-signed.</param>
internal sealed record ReportModule(
    string Version,
    bool Verified,
    SeamSvn? Svn,
    IReadOnlyList<CpuSignature> Cpus,
    DateOnly? Date,
    string MrSeam,
    string Signer,
    string SignerSha384,
    int KeyBits,
    bool IsDebug);

/// <summary>Everything that the page shows.</summary>
/// <param name="Subject">As the user named it.</param>
/// <param name="ExitCode">What the run comes to.</param>
/// <param name="Modules">Sorted by version.</param>
/// <param name="Releases">For the steps; null where something does not verify: nothing unverified is ever a step.</param>
/// <param name="Findings">In the order of the checks.</param>
/// <param name="Provenance">Names and values.</param>
internal sealed record ReleaseReport(
    string Subject,
    ExitCode ExitCode,
    IReadOnlyList<ReportModule> Modules,
    ReleaseSet? Releases,
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<(string Name, string Value)> Provenance)
{
    /// <summary>The audit, where the subject is a bundle.</summary>
    public AuditReport? Audit { get; init; }

    /// <summary>What differs from a lock; null where none was given.</summary>
    public IReadOnlyList<Finding>? Drift { get; init; }

    /// <summary>Name of the lock.</summary>
    public string? Lock { get; init; }
}
