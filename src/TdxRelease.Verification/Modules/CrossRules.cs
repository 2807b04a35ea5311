using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Verification.Modules;

/// <summary>
/// The rules between witnesses: what file names, mapping, sigstructs and Intel's published list say about the same module.
/// </summary>
public static class CrossRules
{
    private const string Loader = "tdx-loader: an update keeps SEAMSVN's major and does not lower its minor part";
    private const string Seen = "all published files";
    private const string List = "Intel's published list of measurements";

    /// <summary>File names.</summary>
    public static readonly Rule FileName = new("XCK-001", Severity.Error, "the names of a module's files carry the version that the mapping releases", Seen);

    /// <summary>Build fields.</summary>
    public static readonly Rule BuildVersion = new("XCK-002", Severity.Error, "update and major in reserved3 of a 2.0.x sigstruct are those of the version (inferred from four published files)", Seen);

    /// <summary>No build fields.</summary>
    public static readonly Rule BuildMissing = new("XCK-003", Severity.Warning, "a 2.0.x sigstruct carries its build fields", Seen);

    /// <summary>SVN minor.</summary>
    public static readonly Rule SvnFalls = new("XCK-004", Severity.Error, "SEAMSVN does not fall along a line: hardware refuses the newer module", Loader);

    /// <summary>SVN major.</summary>
    public static readonly Rule SvnMajor = new("XCK-005", Severity.Error, "all modules of a line share the major part of SEAMSVN", Loader);

    /// <summary>Dates.</summary>
    public static readonly Rule DateOrder = new("XCK-006", Severity.Warning, "sigstruct dates do not go back along a line", Seen);

    /// <summary>CPU tables.</summary>
    public static readonly Rule CpuDropped = new("XCK-007", Severity.Note, "a processor that a line supports is in its last releases too", Seen);

    /// <summary>Features.</summary>
    public static readonly Rule FeaturesLost = new("XCK-008", Severity.Warning, "tdx_feature0 loses no bit along a line", "TDX module base specification, TDX_FEATURES0");

    /// <summary>Build numbers.</summary>
    public static readonly Rule BuildOrder = new("XCK-009", Severity.Warning, "build numbers ascend along a line", Seen);

    /// <summary>One binary, two versions.</summary>
    public static readonly Rule SameMeasurement = new("XCK-010", Severity.Error, "no two versions are the same binary", Seen);

    /// <summary>Signer.</summary>
    public static readonly Rule SignerChanges = new("XCK-011", Severity.Warning, "one key signs all modules of a line", Seen);

    /// <summary>Measurement differs.</summary>
    public static readonly Rule PublishedDiffers = new("PUB-001", Severity.Critical, "the measurement is the published one", List);

    /// <summary>Absent.</summary>
    public static readonly Rule NotPublished = new("PUB-002", Severity.Warning, "a module of the list's signer is in the list", List);

    /// <summary>Under another version.</summary>
    public static readonly Rule PublishedAsOther = new("PUB-003", Severity.Critical, "no module has the measurement that is published for another version", List);

    /// <summary>Not here.</summary>
    public static readonly Rule NotHere = new("PUB-004", Severity.Note, "every published module is upstream", List);

    /// <summary>List syntax.</summary>
    public static readonly Rule ListSyntax = new("PUB-005", Severity.Error, "the published list is strict JSON", "RFC 8259");

    /// <summary>List duplicate.</summary>
    public static readonly Rule ListDuplicateKey = new("PUB-006", Severity.Error, "no object of the published list names a key twice", "RFC 8259, section 4");

    /// <summary>List missing.</summary>
    public static readonly Rule ListMissingKey = new("PUB-007", Severity.Error, "required keys of the published list are present", "docs/published.md");

    /// <summary>List type.</summary>
    public static readonly Rule ListWrongType = new("PUB-008", Severity.Error, "values of the published list have their type", "docs/published.md");

    /// <summary>List unknown.</summary>
    public static readonly Rule ListUnknownKey = new("PUB-009", Severity.Error, "no key of the published list is unknown", "docs/published.md");

    /// <summary>List value.</summary>
    public static readonly Rule ListValue = new("PUB-010", Severity.Error, "values of the published list have their form, and no version is there twice", "docs/published.md");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        FileName, BuildVersion, BuildMissing, SvnFalls, SvnMajor, DateOrder, CpuDropped, FeaturesLost, BuildOrder, SameMeasurement, SignerChanges,
        PublishedDiffers, NotPublished, PublishedAsOther, NotHere, ListSyntax, ListDuplicateKey, ListMissingKey, ListWrongType, ListUnknownKey, ListValue,
    ];

    internal static JsonRules ListJson { get; } = new(ListSyntax, ListDuplicateKey, ListMissingKey, ListWrongType, ListUnknownKey);
}
