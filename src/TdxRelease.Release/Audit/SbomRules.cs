using TdxRelease.Core.Findings;

namespace TdxRelease.Release.Audit;

/// <summary>The rules of the bills of materials.</summary>
public static class SbomRules
{
    /// <summary>CycloneDX follows from the manifest.</summary>
    public static readonly Rule CycloneDxDiffers = new("SBM-001", Severity.Error, "the CycloneDX bill of materials is the one that the manifest gives", "CycloneDX 1.6, docs/formats.md");

    /// <summary>SPDX follows from the manifest and the licence.</summary>
    public static readonly Rule SpdxDiffers = new("SBM-002", Severity.Error, "the SPDX bill of materials is the one that the manifest and the licence give", "SPDX 2.3, docs/formats.md");

    /// <summary>All of them, by id.</summary>
    public static IReadOnlyList<Rule> All { get; } = [CycloneDxDiffers, SpdxDiffers];
}
