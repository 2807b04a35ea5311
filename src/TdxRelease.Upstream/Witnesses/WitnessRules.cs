using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Witnesses;

/// <summary>
/// What the release notes of Intel's module source repository and the verified modules must agree
/// on. The notes are free text written by people: only what they say by a known label counts.
/// </summary>
public static class WitnessRules
{
    private const string Notes = "release notes of the module source repository (docs/ci.md)";

    /// <summary>Measurement.</summary>
    public static readonly Rule MrSeam = new("WIT-001", Severity.Critical, "the measurement in a release's notes is the module's", Notes);

    /// <summary>SVN.</summary>
    public static readonly Rule Svn = new("WIT-002", Severity.Error, "the SVN in a release's notes is the sigstruct's", Notes);

    /// <summary>Build number.</summary>
    public static readonly Rule BuildNumber = new("WIT-003", Severity.Warning, "the build number in a release's notes is the one of a 2.0.x sigstruct", Notes);

    /// <summary>Build date.</summary>
    public static readonly Rule BuildDate = new("WIT-004", Severity.Note, "the build date in a release's notes is the sigstruct's date (published builds are known to differ by days)", Notes);

    /// <summary>Nothing said.</summary>
    public static readonly Rule Silent = new("WIT-005", Severity.Note, "every module has release notes", Notes);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } = [MrSeam, Svn, BuildNumber, BuildDate, Silent];
}
