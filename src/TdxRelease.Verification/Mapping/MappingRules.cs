using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Verification.Mapping;

/// <summary>The rules of mapping_file.json.</summary>
public static class MappingRules
{
    private const string Upstream = "mapping_file.json as published";
    private const string Selection = "version_select_and_load.py, kernel Documentation/arch/x86/tdx.rst";

    private static readonly RuleSet Own = new("Mapping file", exitCode: ExitCode.BadInput);

    public static readonly Rule Syntax = Own.Add("MAP-001", Severity.Error, "the mapping file is strict JSON", "RFC 8259");
    public static readonly Rule DuplicateKey = Own.Add("MAP-002", Severity.Error,
        "no object names a key twice: readers would disagree on which one counts", "RFC 8259, section 4");
    public static readonly Rule MissingKey = Own.Add("MAP-003", Severity.Error, "required keys are present", Upstream);
    public static readonly Rule WrongType = Own.Add("MAP-004", Severity.Error, "values have the type that upstream gives them", Upstream);
    public static readonly Rule UnknownKey = Own.Add("MAP-005", Severity.Error,
        "no key is unknown (a warning when lenient): a new key may change which update is safe", Upstream);
    public static readonly Rule HeaderVersion = Own.Add("MAP-006", Severity.Error,
        "Header.Version is \"1.0\" (a warning when lenient)", Upstream);
    public static readonly Rule VersionSyntax = Own.Add("MAP-007", Severity.Error, "versions are major.minor.update", Upstream);
    public static readonly Rule VersionSpelling = Own.Add("MAP-008", Severity.Error,
        "versions are spelled as Linux prints them, the update number with at least two digits: a name has one spelling",
        "kernel drivers/virt/coco/tdx-host");
    public static readonly Rule MinModuleLine = Own.Add("MAP-009", Severity.Error,
        "min_module_version_for_td_preserving is on the release's own line", Selection);
    public static readonly Rule MinModuleOrder = Own.Add("MAP-010", Severity.Error,
        "min_module_version_for_td_preserving is not above the release", Selection);
    public static readonly Rule LoadersEmpty = Own.Add("MAP-011", Severity.Error, "min_seamldr_versions is not empty", Selection);
    public static readonly Rule LoaderTwice = Own.Add("MAP-012", Severity.Error,
        "min_seamldr_versions has one entry a loader line", Selection);
    public static readonly Rule FeaturesSyntax = Own.Add("MAP-013", Severity.Error,
        "tdx_feature0 is 0x and 1 to 16 hexadecimal digits", Upstream);
    public static readonly Rule ReleaseTwice = Own.Add("MAP-014", Severity.Error, "no version is released twice", Upstream);
    public static readonly Rule ReleaseOrder = Own.Add("MAP-015", Severity.Warning, "releases ascend", Upstream);
    public static readonly Rule StrictLine = Own.Add("MAP-016", Severity.Error,
        "strict_compat_versions are on the release's own line", Upstream);
    public static readonly Rule StrictOrder = Own.Add("MAP-017", Severity.Error,
        "strict_compat_versions are older than the release", Upstream);
    public static readonly Rule StrictUnlisted = Own.Add("MAP-018", Severity.Warning,
        "strict_compat_versions are releases of this file", Upstream);
    public static readonly Rule StrictBelowMinimum = Own.Add("MAP-019", Severity.Error,
        "strict_compat_versions are not below min_module_version_for_td_preserving: strict implies TD-preserving",
        "facts: meaning inferred");
    public static readonly Rule StrictTwice = Own.Add("MAP-020", Severity.Warning, "strict_compat_versions has no entry twice", Upstream);
    public static readonly Rule NoReleases = Own.Add("MAP-021", Severity.Error, "at least one module is released", Upstream);
    public static readonly Rule NotPreserving = Own.Add("MAP-022", Severity.Warning,
        "tdx_feature0 has bit 1 (TD_PRESERVING), without which the kernel offers no update",
        "TDX module base specification, TDX_FEATURES0");
    public static readonly Rule StrictMixed = Own.Add("MAP-023", Severity.Warning,
        "strict_compat_versions is given for all releases or for none", Upstream);
    public static readonly Rule ControlCharacter = Own.Add("MAP-024", Severity.Error,
        "no key and no string contains a control character or an invisible formatting character (Unicode Cc, Cf, Zl, Zp)",
        "the display of hostile text; none is in any published file");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;

    internal static JsonRules Json { get; } = new(Syntax, DuplicateKey, MissingKey, WrongType, UnknownKey, ControlCharacter);
}
