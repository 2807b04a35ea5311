using System.Text.RegularExpressions;

namespace TdxRelease.Packages.Arch;

/// <summary>Version strings as PKGBUILD(5) allows them, without an epoch.</summary>
internal static partial class ArchVersion
{
    /// <summary><c>PKGVER-PKGREL</c>.</summary>
    public static string Of(PackageSpec spec)
    {
        SpecRules.Match(VersionPattern(), "Arch version", spec.Version,
            "letters, digits, \".\", \"_\", \"+\" and \"~\", no hyphen or colon");
        SpecRules.Match(ReleasePattern(), "Arch release", spec.Revision, "a number such as 1 or 1.2");
        return $"{spec.Version}-{spec.Revision}";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._+~]*\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\A[0-9]+(\.[0-9]+)?\z")]
    private static partial Regex ReleasePattern();
}
