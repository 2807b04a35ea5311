using System.Text.RegularExpressions;

namespace TdxRelease.Packages.Deb;

/// <summary>Version strings as deb-version(7) and Policy 5.6.12 allow them, without an epoch.</summary>
public static partial class DebianVersion
{
    /// <summary><c>VERSION-REVISION</c>.</summary>
    internal static string Of(PackageSpec spec)
    {
        SpecRules.Match(UpstreamPattern(), "deb version", spec.Version, "a digit, then letters, digits, \".\", \"+\" and \"~\"");
        SpecRules.Match(RevisionPattern(), "deb revision", spec.Revision, "letters, digits, \".\", \"+\" and \"~\"");
        return $"{spec.Version}-{spec.Revision}";
    }

    /// <summary>The order in which dpkg sorts versions with or without a revision (deb-version(7)): negative, zero or positive.</summary>
    public static int Compare(string a, string b)
    {
        var (versionA, revisionA) = Split(a);
        var (versionB, revisionB) = Split(b);
        return Parts(versionA, versionB) is var order and not 0 ? order : Parts(revisionA, revisionB);
    }

    private static (string Version, string Revision) Split(string text) =>
        text.LastIndexOf('-') is var dash and >= 0 ? (text[..dash], text[(dash + 1)..]) : (text, "");

    // Text and numbers take turns, beginning with text; "~" sorts before the end, letters before everything else.
    private static int Parts(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (!a.IsEmpty || !b.IsEmpty)
        {
            for (; IsText(a) || IsText(b); a = Next(a), b = Next(b))
            {
                if (Weight(a) != Weight(b))
                {
                    return Weight(a) - Weight(b);
                }
            }

            var runA = Digits(ref a);
            var runB = Digits(ref b);
            if ((runA.Length != runB.Length ? runA.Length - runB.Length : runA.SequenceCompareTo(runB)) is var order and not 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static bool IsText(ReadOnlySpan<char> text) => !text.IsEmpty && !char.IsAsciiDigit(text[0]);

    private static ReadOnlySpan<char> Next(ReadOnlySpan<char> text) => IsText(text) ? text[1..] : text;

    private static int Weight(ReadOnlySpan<char> text) =>
        !IsText(text) ? 0 : text[0] == '~' ? -1 : char.IsAsciiLetter(text[0]) ? text[0] : text[0] + 256;

    private static ReadOnlySpan<char> Digits(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var run = end < 0 ? text : text[..end];
        text = text[run.Length..];
        return run.TrimStart('0');
    }

    [GeneratedRegex(@"\A[0-9][A-Za-z0-9.+~]*\z")]
    private static partial Regex UpstreamPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9.+~]+\z")]
    private static partial Regex RevisionPattern();
}
