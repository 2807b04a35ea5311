using TdxRelease.Core.Findings;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Manifests;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Release.Audit;

/// <summary>What a bundle's files say, wherever they lay. Compared by reference: the forms of a release share one.</summary>
/// <param name="manifest">The manifest where its signature holds, or null.</param>
/// <param name="findings">Everything found.</param>
internal sealed class Verdict(Manifest? manifest, IReadOnlyList<Finding> findings)
{
    public Manifest? Manifest => manifest;

    public IReadOnlyList<Finding> Findings => findings;

    /// <summary>How many modules verify down to the pinned key.</summary>
    public int Modules { get; init; }

    /// <summary>What the sigstructs say that could be read.</summary>
    public IReadOnlyList<ModuleFacts> Facts { get; init; } = [];

    public ReleaseSet? Releases { get; init; }

    public string ManifestSha256 { get; init; } = "";

    /// <summary>The licence text.</summary>
    public byte[] License { get; init; } = [];
}

/// <summary>One thing that holds a bundle: a tar, a package, an image layout.</summary>
public sealed record AuditedPart
{
    internal AuditedPart(string name, string kind, Verdict verdict)
    {
        Name = name;
        Kind = kind;
        Verdict = verdict;
    }

    /// <summary>Its path below what was audited, or its name.</summary>
    public string Name { get; init; }

    /// <summary>folder, tar, deb, rpm, arch or oci.</summary>
    public string Kind { get; }

    /// <summary>Its manifest where the signature holds, or null.</summary>
    public Manifest? Manifest => Verdict.Manifest;

    /// <summary>How many modules verify down to the pinned key.</summary>
    public int Modules => Verdict.Modules;

    /// <summary>Who signed them.</summary>
    public IReadOnlyList<string> Signers =>
        [.. Verdict.Facts.Select(f => f.Signer).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>CPU families they run on, by name.</summary>
    public IReadOnlyList<string> Cpus => [.. Verdict.Facts.SelectMany(f => f.Cpus).Distinct().Order().Select(c => CpuFamily.Of(c).Name)];

    /// <summary>The questions whose checks ran to the end.</summary>
    public IReadOnlySet<AuditQuestion> Checked { get; init; } = new HashSet<AuditQuestion>();

    /// <summary>Everything found in the bundle.</summary>
    public IReadOnlyList<Finding> Findings => Verdict.Findings;

    /// <summary>Files in it outside the bundle that no signature covers.</summary>
    public int Uncovered { get; init; }

    /// <summary>
    /// The releases in it with what their sigstructs say, for planning; null where mapping file or modules could not be read.
    /// </summary>
    public ReleaseSet? Releases => Verdict.Releases;

    /// <summary>What vouches for all of it, in words; null where nothing does beyond the manifest.</summary>
    public string? CoveredBy { get; init; }

    /// <summary>No finding fails.</summary>
    public bool Passed => Manifest is not null && !Findings.Any(f => f.Fails);

    internal Verdict Verdict { get; }

    /// <summary>What was found around the bundle: why the container could not be opened, its signatures, what refers to it.</summary>
    internal IReadOnlyList<Finding> Around { get; init; } = [];

    /// <summary>The first of the uncovered files.</summary>
    internal string FirstOutside { get; init; } = "";

    /// <summary>SHA-256 of the container; null for a directory.</summary>
    internal string? Sha256 { get; init; }
}
