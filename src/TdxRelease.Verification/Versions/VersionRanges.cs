using NuGet.Versioning;

namespace TdxRelease.Verification.Versions;

/// <summary>Why a text is not a version range.</summary>
public enum RangeProblem
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>It has another form than <see cref="VersionRanges.Parse"/> takes.</summary>
    Form,

    /// <summary>No version can be in it.</summary>
    Empty,
}

/// <summary>
/// Version ranges as the command line, site policies and trust policies write them: NuGet's
/// interval notation over <see cref="ModuleVersion"/>. NuGet's own parser is not used,
/// because to it a bare version is a lower bound ("allow 1.5.08" must not allow what
/// comes after), and because it takes prereleases, floating versions and blanks.
/// </summary>
public static class VersionRanges
{
    /// <summary>
    /// Parses <c>1.5.08</c> and <c>[1.5.08]</c> (exactly that version), <c>[1.5.13,1.6.0)</c>
    /// with square brackets for ends inside and round ones for ends outside the range,
    /// <c>[1.5.13,)</c> and <c>(,1.6.0)</c> with an open end, and <c>(,)</c>
    /// or <c>*</c> (all). Versions have three numbers; 1.5.5 is 1.5.05.
    /// </summary>
    /// <returns>The range, or null with the problem.</returns>
    public static VersionRange? Parse(string text, out RangeProblem problem)
    {
        problem = RangeProblem.None;
        if (text == "*")
        {
            return new VersionRange(null, false, null, false, null, text);
        }

        if (ModuleVersion.TryParse(text, out var only) || (text is ['[', .. var inner, ']'] && ModuleVersion.TryParse(inner, out only)))
        {
            return new VersionRange(only.ToNuGet(), true, only.ToNuGet(), true, null, text);
        }

        if (text is not ['[' or '(', .. var ends, ']' or ')'] || ends.Split(',') is not [var low, var high] || !End(low, out var least)
            || !End(high, out var most))
        {
            problem = RangeProblem.Form;
            return null;
        }

        var (withLeast, withMost) = (text[0] == '[', text[^1] == ']');
        if (IsEmpty(least, withLeast, most, withMost))
        {
            problem = RangeProblem.Empty;
            return null;
        }

        return new VersionRange(least?.ToNuGet(), withLeast && least is not null, most?.ToNuGet(), withMost && most is not null, null,
            text);
    }

    /// <summary>The problem in words that follow the quoted text.</summary>
    public static string Words(this RangeProblem problem) =>
        problem == RangeProblem.Empty ? "is an empty version range" : "is neither a version nor a NuGet range such as [1.5.13,1.6.0)";

    /// <summary>The end of an interval: a version, or nothing.</summary>
    private static bool End(string text, out ModuleVersion? end)
    {
        var good = ModuleVersion.TryParse(text, out var version);
        end = good ? version : null;
        return good || text.Length == 0;
    }

    private static bool IsEmpty(ModuleVersion? least, bool withLeast, ModuleVersion? most, bool withMost)
    {
        var first = least is { } low ? (long)low.Key + (withLeast ? 0 : 1) : 0;
        var last = most is { } high ? (long)high.Key - (withMost ? 0 : 1) : (long)ModuleVersion.Last.Key;
        return first > last;
    }
}
