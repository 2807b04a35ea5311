using System.Text.RegularExpressions;

namespace TdxRelease.Packages.Deb;

/// <summary>Version strings as deb-version(7) and Policy 5.6.12 allow them, without an epoch.</summary>
internal static partial class DebianVersion
{
    /// <summary><c>VERSION-REVISION</c>.</summary>
    public static string Of(PackageSpec spec)
    {
        SpecRules.Match(UpstreamPattern(), "deb version", spec.Version, "a digit, then letters, digits, \".\", \"+\" and \"~\"");
        SpecRules.Match(RevisionPattern(), "deb revision", spec.Revision, "letters, digits, \".\", \"+\" and \"~\"");
        return $"{spec.Version}-{spec.Revision}";
    }

    [GeneratedRegex(@"\A[0-9][A-Za-z0-9.+~]*\z")]
    private static partial Regex UpstreamPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9.+~]+\z")]
    private static partial Regex RevisionPattern();
}
