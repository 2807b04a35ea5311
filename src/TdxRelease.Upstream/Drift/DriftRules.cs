using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Drift;

/// <summary>
/// What may differ between two states of upstream. <see cref="Severity.Error"/>
/// is what the issue of 2026 calls major: a fact that plans were made on.
/// </summary>
public static class DriftRules
{
    private const string History = "upstream's history: the mapping file was rewritten without a new Header.Version";

    /// <summary>A new release.</summary>
    public static readonly Rule ReleaseAdded = new("DRIFT-001", Severity.Note, "a release was added", "mapping_file.json");

    /// <summary>A release or one of its files went away.</summary>
    public static readonly Rule ReleaseGone = new("DRIFT-002", Severity.Error, "no release and no file of a release goes away", "hosts may still run it");

    /// <summary>The bytes of a released version changed.</summary>
    public static readonly Rule BytesChanged = new("DRIFT-003", Severity.Critical, "the bytes of a released version never change", "a version names one module; anything else is tampering or a broken promise");

    /// <summary>tdx_feature0 was rewritten.</summary>
    public static readonly Rule Features = new("DRIFT-004", Severity.Error, "tdx_feature0 of a release does not change", History);

    /// <summary>min_seamldr_versions was rewritten.</summary>
    public static readonly Rule MinLoader = new("DRIFT-005", Severity.Error, "min_seamldr_versions of a release does not change", History);

    /// <summary>min_module_version_for_td_preserving was rewritten.</summary>
    public static readonly Rule MinModule = new("DRIFT-006", Severity.Error, "min_module_version_for_td_preserving of a release does not change", History);

    /// <summary>strict_compat_versions was rewritten or withdrawn.</summary>
    public static readonly Rule StrictSet = new("DRIFT-007", Severity.Error, "strict_compat_versions of a release does not change", History);

    /// <summary>strict_compat_versions is given where it was not.</summary>
    public static readonly Rule StrictAdded = new("DRIFT-008", Severity.Note, "strict_compat_versions is given for releases that had none", "upstream commit 14c28ce0");

    /// <summary>BINARIES_LICENSE changed.</summary>
    public static readonly Rule License = new("DRIFT-009", Severity.Error, "the licence of the binaries does not change", "it must be accepted anew by its hash");

    /// <summary>Images changed between v1 and v2, the modules in them did not.</summary>
    public static readonly Rule Format = new("DRIFT-010", Severity.Warning, "the format of the joined images does not change", "v1: Intel's UEFI loader; v2: Linux 7.2");

    /// <summary>Header.Version changed.</summary>
    public static readonly Rule HeaderVersion = new("DRIFT-011", Severity.Warning, "Header.Version does not change", "mapping_file.json");

    /// <summary>LICENSE, which covers the scripts that are not taken, changed.</summary>
    public static readonly Rule ScriptLicense = new("DRIFT-012", Severity.Note, "the licence of upstream's scripts changed", "LICENSE");

    /// <summary>The mapping file changed in bytes but in no fact read here.</summary>
    public static readonly Rule MappingBytes = new("DRIFT-013", Severity.Note, "the mapping file changed, but no fact in it", "mapping_file.json");

    /// <summary>Consequence: a step between two releases that both states have is none any more.</summary>
    public static readonly Rule StepGone = new("DRIFT-014", Severity.Warning, "a step between two releases does not go away", "computed from the rewritten facts");

    /// <summary>Consequence: a step is no longer strict, or no longer taken by default.</summary>
    public static readonly Rule StepWeaker = new("DRIFT-015", Severity.Warning, "a step does not fall to a lower tier", "computed from the rewritten facts");

    /// <summary>Consequence: a new step, or one of a better tier.</summary>
    public static readonly Rule StepBetter = new("DRIFT-016", Severity.Note, "a step appears or rises to a better tier", "computed from the rewritten facts");

    /// <summary>Every rule, by id.</summary>
    public static IReadOnlyList<Rule> All { get; } =
        [ReleaseAdded, ReleaseGone, BytesChanged, Features, MinLoader, MinModule, StrictSet, StrictAdded, License, Format, HeaderVersion, ScriptLicense, MappingBytes,
         StepGone, StepWeaker, StepBetter];
}
