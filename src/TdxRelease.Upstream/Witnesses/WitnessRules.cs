using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Upstream.Witnesses;

/// <summary>
/// What the release notes of Intel's module source repository and the verified modules must agree
/// on. The notes are free text written by people: only what they say by a known label counts.
/// </summary>
public static class WitnessRules
{
    private const string Notes = "release notes of the module source repository (docs/ci.md)";

    private static readonly RuleSet Own = new("Release notes as a witness");

    public static readonly Rule MrSeam = Own.Add("WIT-001", Severity.Critical,
        "the measurement in a release's notes is the module's", Notes);
    public static readonly Rule Svn = Own.Add("WIT-002", Severity.Error, "the SVN in a release's notes is the sigstruct's", Notes);
    public static readonly Rule BuildNumber = Own.Add("WIT-003", Severity.Warning,
        "the build number in a release's notes is the one of a 2.0.x sigstruct", Notes);
    public static readonly Rule BuildDate = Own.Add("WIT-004", Severity.Note,
        "the build date in a release's notes is the sigstruct's date (published builds are known to differ by days)", Notes);
    public static readonly Rule Silent = Own.Add("WIT-005", Severity.Note, "every module has release notes", Notes);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;
}
