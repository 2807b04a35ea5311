using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Verification.Modules;

/// <summary>The rules of a snapshot as a set of files: what is released is there, what is there is released.</summary>
public static class SnapshotRules
{
    private const string Upstream = "layout of the upstream repository";

    private static readonly RuleSet Own = new("Snapshot", exitCode: ExitCode.BadInput);

    public static readonly Rule ModuleMissing = Own.Add("SNP-001", Severity.Error, "every released version has its .bin", Upstream);
    public static readonly Rule SigstructMissing = Own.Add("SNP-002", Severity.Error,
        "every released version has its .sigstruct", Upstream);
    public static readonly Rule ImageMissing = Own.Add("SNP-003", Severity.Error, "every released version has its .blob", Upstream);
    public static readonly Rule NotReleased = Own.Add("SNP-004", Severity.Error,
        "every module file belongs to a release of the mapping file", Upstream);
    public static readonly Rule UnknownFile = Own.Add("SNP-005", Severity.Warning,
        "the data directories contain only module files", Upstream);
    public static readonly Rule TextMissing = Own.Add("SNP-006", Severity.Error,
        "mapping_file.json, BINARIES_LICENSE and LICENSE are there", Upstream);
    public static readonly Rule WrongFolder = Own.Add("SNP-007", Severity.Error,
        "a module file is in the directory of its line and version", Upstream);
    public static readonly Rule TwoSpellings = Own.Add("SNP-008", Severity.Error,
        "no two files are the same version, spelled differently", Upstream);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;
}
