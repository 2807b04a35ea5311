using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Verification.Modules;

/// <summary>
/// The rules between witnesses: what file names, mapping, sigstructs and Intel's published list say about the same module.
/// </summary>
public static class CrossRules
{
    private const string Loader = "tdx-loader: an update keeps SEAMSVN's major and does not lower its minor part";
    private const string Seen = "all published files";
    private const string List = "Intel's published list of measurements";

    private static readonly RuleSet Own = new("Cross-checks between witnesses", AuditQuestion.Origin);

    public static readonly Rule FileName = Own.Add("XCK-001", Severity.Error,
        "the names of a module's files carry the version that the mapping releases", Seen);
    public static readonly Rule BuildVersion = Own.Add("XCK-002", Severity.Error,
        "update and major in reserved3 of a 2.0.x sigstruct are those of the version (inferred from four published files)", Seen);
    public static readonly Rule BuildMissing = Own.Add("XCK-003", Severity.Warning, "a 2.0.x sigstruct carries its build fields", Seen);
    public static readonly Rule SvnFalls = Own.Add("XCK-004", Severity.Error,
        "SEAMSVN does not fall along a line: hardware refuses the newer module", Loader);
    public static readonly Rule SvnMajor = Own.Add("XCK-005", Severity.Error,
        "all modules of a line share the major part of SEAMSVN", Loader);
    public static readonly Rule DateOrder = Own.Add("XCK-006", Severity.Warning, "sigstruct dates do not go back along a line", Seen);
    public static readonly Rule CpuDropped = Own.Add("XCK-007", Severity.Note,
        "a processor that a line supports is in its last releases too", Seen);
    public static readonly Rule FeaturesLost = Own.Add("XCK-008", Severity.Warning,
        "tdx_feature0 loses no bit along a line", "TDX module base specification, TDX_FEATURES0");
    public static readonly Rule BuildOrder = Own.Add("XCK-009", Severity.Warning, "build numbers ascend along a line", Seen);
    public static readonly Rule SameMeasurement = Own.Add("XCK-010", Severity.Error, "no two versions are the same binary", Seen);
    public static readonly Rule SignerChanges = Own.Add("XCK-011", Severity.Warning, "one key signs all modules of a line", Seen);
    public static readonly Rule PublishedDiffers = Own.Add("PUB-001", Severity.Critical, "the measurement is the published one", List);
    public static readonly Rule NotPublished = Own.Add("PUB-002", Severity.Warning, "a module of the list's signer is in the list", List);
    public static readonly Rule PublishedAsOther = Own.Add("PUB-003", Severity.Critical,
        "no module has the measurement that is published for another version", List);
    public static readonly Rule NotHere = Own.Add("PUB-004", Severity.Note, "every published module is upstream", List);
    public static readonly Rule ListSyntax = Own.Add("PUB-005", Severity.Error, "the published list is strict JSON", "RFC 8259");
    public static readonly Rule ListDuplicateKey = Own.Add("PUB-006", Severity.Error,
        "no object of the published list names a key twice", "RFC 8259, section 4");
    public static readonly Rule ListMissingKey = Own.Add("PUB-007", Severity.Error,
        "required keys of the published list are present", "docs/published.md");
    public static readonly Rule ListWrongType = Own.Add("PUB-008", Severity.Error,
        "values of the published list have their type", "docs/published.md");
    public static readonly Rule ListUnknownKey = Own.Add("PUB-009", Severity.Error,
        "no key of the published list is unknown", "docs/published.md");
    public static readonly Rule ListValue = Own.Add("PUB-010", Severity.Error,
        "values of the published list have their form, and no version is there twice", "docs/published.md");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;

    internal static JsonRules ListJson { get; } = new(ListSyntax, ListDuplicateKey, ListMissingKey, ListWrongType, ListUnknownKey);
}
