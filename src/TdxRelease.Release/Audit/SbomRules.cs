using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Release.Audit;

/// <summary>The rules of the bills of materials.</summary>
public static class SbomRules
{
    private static readonly RuleSet Own = new("SBOM");

    public static readonly Rule CycloneDxDiffers = Own.Add("SBM-001", Severity.Error,
        "the CycloneDX bill of materials is the one that the manifest gives", "CycloneDX 1.6, docs/formats.md");
    public static readonly Rule SpdxDiffers = Own.Add("SBM-002", Severity.Error,
        "the SPDX bill of materials is the one that the manifest and the licence give", "SPDX 2.3, docs/formats.md");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;
}
