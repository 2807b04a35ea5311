using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Snapshots;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Upstream.Drift;

/// <summary>
/// What may differ between two states of upstream. <see cref="Severity.Error"/>
/// is what the issue of 2026 calls major: a fact that plans were made on.
/// </summary>
public static class DriftRules
{
    private const string History = "upstream's history: the mapping file was rewritten without a new Header.Version";

    private static readonly RuleSet Own = new("Drift between two states of upstream", exitCode: ExitCode.Drift);

    public static readonly Rule ReleaseAdded = Own.Add("DRIFT-001", Severity.Note, "a release was added", "mapping_file.json");
    public static readonly Rule ReleaseGone = Own.Add("DRIFT-002", Severity.Error,
        "no release and no file of a release goes away", "hosts may still run it");
    public static readonly Rule BytesChanged = Own.Add("DRIFT-003", Severity.Critical,
        "the bytes of a released version never change", "a version names one module; anything else is tampering or a broken promise");
    public static readonly Rule Features = Own.Add("DRIFT-004", Severity.Error, "tdx_feature0 of a release does not change", History);
    public static readonly Rule MinLoader = Own.Add("DRIFT-005", Severity.Error,
        "min_seamldr_versions of a release does not change", History);
    public static readonly Rule MinModule = Own.Add("DRIFT-006", Severity.Error,
        "min_module_version_for_td_preserving of a release does not change", History);
    public static readonly Rule StrictSet = Own.Add("DRIFT-007", Severity.Error,
        "strict_compat_versions of a release does not change", History);
    public static readonly Rule StrictAdded = Own.Add("DRIFT-008", Severity.Note,
        "strict_compat_versions is given for releases that had none", "upstream commit 14c28ce0");
    public static readonly Rule License = Own.Add("DRIFT-009", Severity.Error,
        "the licence of the binaries does not change", "it must be accepted anew by its hash");
    public static readonly Rule Format = Own.Add("DRIFT-010", Severity.Warning,
        "the format of the joined images does not change", "v1: Intel's UEFI loader; v2: Linux 7.2");
    public static readonly Rule HeaderVersion = Own.Add("DRIFT-011", Severity.Warning,
        "Header.Version does not change", "mapping_file.json");
    public static readonly Rule ScriptLicense = Own.Add("DRIFT-012", Severity.Note, "the licence of upstream's scripts changed", "LICENSE");
    public static readonly Rule MappingBytes = Own.Add("DRIFT-013", Severity.Note,
        "the mapping file changed, but no fact in it", "mapping_file.json");
    public static readonly Rule StepGone = Own.Add("DRIFT-014", Severity.Warning,
        "a step between two releases does not go away", "computed from the rewritten facts");
    public static readonly Rule StepWeaker = Own.Add("DRIFT-015", Severity.Warning,
        "a step does not fall to a lower tier", "computed from the rewritten facts");
    public static readonly Rule StepBetter = Own.Add("DRIFT-016", Severity.Note,
        "a step appears or rises to a better tier", "computed from the rewritten facts");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;

    /// <summary>
    /// Whether a finding is about the bytes of a file, which its message then does not name; all others are about facts of a release.
    /// </summary>
    public static bool IsOfFile(Finding finding) => finding.Rule.Id == MappingBytes.Id
        || (finding.Rule != ReleaseAdded && DataFiles.KindOf(finding.Location.File) is not null and not DataFileKind.Mapping);
}
