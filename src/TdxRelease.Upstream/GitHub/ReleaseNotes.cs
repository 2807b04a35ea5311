using System.Text.RegularExpressions;

namespace TdxRelease.Upstream.GitHub;

/// <summary>
/// Reads what Intel writes into release notes. Their form is free text and
/// has changed, so every fact is looked for by its label and may be missing.
/// </summary>
internal static partial class ReleaseNotes
{
    public static ReleaseNote Of(Octokit.Release release)
    {
        var body = release.Body ?? "";
        return new ReleaseNote(
            release.TagName ?? "",
            First(VersionForm(), $"{release.TagName} {release.Name}"),
            First(BuildDateForm(), body),
            First(BuildNumberForm(), body),
            First(SvnForm(), body),
            First(MrSeamForm(), body)?.ToLowerInvariant());
    }

    private static string? First(Regex form, string text) => form.Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"(?<![0-9.])([0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5})(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex VersionForm();

    [GeneratedRegex(@"build[ _-]?date[^0-9\n]{0,20}([0-9]{4}-?[0-9]{2}-?[0-9]{2})",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BuildDateForm();

    [GeneratedRegex(@"build[ _-]?num(?:ber)?[^0-9\n]{0,20}([0-9]{1,10})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BuildNumberForm();

    [GeneratedRegex(@"\b(?:SEAM|TCB)?[ _-]?SVN[^0-9\n]{0,20}([0-9]+(?:\.[0-9]+)?)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SvnForm();

    [GeneratedRegex(@"MR[ _-]?SEAM[^0-9a-f]{0,40}?(?<![0-9a-f])([0-9a-f]{96})(?![0-9a-f])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MrSeamForm();
}
