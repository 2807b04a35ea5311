using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Verification.Mapping;

/// <summary>The rules of mapping_file.json.</summary>
public static class MappingRules
{
    private const string Upstream = "mapping_file.json as published";
    private const string Selection = "version_select_and_load.py, kernel Documentation/arch/x86/tdx.rst";

    /// <summary>Not JSON.</summary>
    public static readonly Rule Syntax = new("MAP-001", Severity.Error, "the mapping file is strict JSON", "RFC 8259");

    /// <summary>A key twice.</summary>
    public static readonly Rule DuplicateKey = new("MAP-002", Severity.Error, "no object names a key twice: readers would disagree on which one counts", "RFC 8259, section 4");

    /// <summary>A key missing.</summary>
    public static readonly Rule MissingKey = new("MAP-003", Severity.Error, "required keys are present", Upstream);

    /// <summary>A value of another type.</summary>
    public static readonly Rule WrongType = new("MAP-004", Severity.Error, "values have the type that upstream gives them", Upstream);

    /// <summary>A key nobody knows.</summary>
    public static readonly Rule UnknownKey = new("MAP-005", Severity.Error, "no key is unknown (a warning when lenient): a new key may change which update is safe", Upstream);

    /// <summary>Header.Version.</summary>
    public static readonly Rule HeaderVersion = new("MAP-006", Severity.Error, "Header.Version is \"1.0\" (a warning when lenient)", Upstream);

    /// <summary>Not a version.</summary>
    public static readonly Rule VersionSyntax = new("MAP-007", Severity.Error, "versions are major.minor.update", Upstream);

    /// <summary>1.5.5 for 1.5.05.</summary>
    public static readonly Rule VersionSpelling = new("MAP-008", Severity.Error, "versions are spelled as Linux prints them, the update number with at least two digits: a name has one spelling", "kernel drivers/virt/coco/tdx-host");

    /// <summary>min_module_version on another line.</summary>
    public static readonly Rule MinModuleLine = new("MAP-009", Severity.Error, "min_module_version_for_td_preserving is on the release's own line", Selection);

    /// <summary>min_module_version above.</summary>
    public static readonly Rule MinModuleOrder = new("MAP-010", Severity.Error, "min_module_version_for_td_preserving is not above the release", Selection);

    /// <summary>No loader.</summary>
    public static readonly Rule LoadersEmpty = new("MAP-011", Severity.Error, "min_seamldr_versions is not empty", Selection);

    /// <summary>Two entries for a loader line.</summary>
    public static readonly Rule LoaderTwice = new("MAP-012", Severity.Error, "min_seamldr_versions has one entry a loader line", Selection);

    /// <summary>tdx_feature0 malformed.</summary>
    public static readonly Rule FeaturesSyntax = new("MAP-013", Severity.Error, "tdx_feature0 is 0x and 1 to 16 hexadecimal digits", Upstream);

    /// <summary>A release twice.</summary>
    public static readonly Rule ReleaseTwice = new("MAP-014", Severity.Error, "no version is released twice", Upstream);

    /// <summary>Releases out of order.</summary>
    public static readonly Rule ReleaseOrder = new("MAP-015", Severity.Warning, "releases ascend", Upstream);

    /// <summary>strict on another line.</summary>
    public static readonly Rule StrictLine = new("MAP-016", Severity.Error, "strict_compat_versions are on the release's own line", Upstream);

    /// <summary>strict not older.</summary>
    public static readonly Rule StrictOrder = new("MAP-017", Severity.Error, "strict_compat_versions are older than the release", Upstream);

    /// <summary>strict unlisted.</summary>
    public static readonly Rule StrictUnlisted = new("MAP-018", Severity.Warning, "strict_compat_versions are releases of this file", Upstream);

    /// <summary>strict below the minimum.</summary>
    public static readonly Rule StrictBelowMinimum = new("MAP-019", Severity.Error, "strict_compat_versions are not below min_module_version_for_td_preserving: strict implies TD-preserving", "facts: meaning inferred");

    /// <summary>strict twice.</summary>
    public static readonly Rule StrictTwice = new("MAP-020", Severity.Warning, "strict_compat_versions has no entry twice", Upstream);

    /// <summary>No release.</summary>
    public static readonly Rule NoReleases = new("MAP-021", Severity.Error, "at least one module is released", Upstream);

    /// <summary>TD_PRESERVING bit.</summary>
    public static readonly Rule NotPreserving = new("MAP-022", Severity.Warning, "tdx_feature0 has bit 1 (TD_PRESERVING), without which the kernel offers no update", "TDX module base specification, TDX_FEATURES0");

    /// <summary>Some with, some without strict_compat_versions.</summary>
    public static readonly Rule StrictMixed = new("MAP-023", Severity.Warning, "strict_compat_versions is given for all releases or for none", Upstream);

    /// <summary>Characters that a terminal or a reader does not show as they are.</summary>
    public static readonly Rule ControlCharacter = new("MAP-024", Severity.Error, "no key and no string holds a control character or an invisible formatting character (Unicode Cc, Cf, Zl, Zp)", "the display of hostile text; none is in any published file");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        Syntax, DuplicateKey, MissingKey, WrongType, UnknownKey, HeaderVersion, VersionSyntax, VersionSpelling, MinModuleLine, MinModuleOrder, LoadersEmpty, LoaderTwice,
        FeaturesSyntax, ReleaseTwice, ReleaseOrder, StrictLine, StrictOrder, StrictUnlisted, StrictBelowMinimum, StrictTwice, NoReleases, NotPreserving, StrictMixed, ControlCharacter,
    ];

    internal static JsonRules Json { get; } = new(Syntax, DuplicateKey, MissingKey, WrongType, UnknownKey, ControlCharacter);
}
