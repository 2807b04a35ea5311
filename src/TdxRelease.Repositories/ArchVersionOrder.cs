namespace TdxRelease.Repositories;

/// <summary>
/// The order of Arch versions without epoch, as vercmp(8) describes it: runs of digits by number, runs of letters by code, the rest only
/// separates.
/// </summary>
internal static class ArchVersionOrder
{
    /// <summary>Negative, zero or positive.</summary>
    public static int Compare(string a, string b)
    {
        var (versionA, releaseA) = Split(a);
        var (versionB, releaseB) = Split(b);
        var order = Runs(versionA, versionB);
        return order != 0 || releaseA.Length == 0 || releaseB.Length == 0 ? order : Runs(releaseA, releaseB);
    }

    private static (string Version, string Release) Split(string text)
    {
        var dash = text.LastIndexOf('-');
        return dash < 0 ? (text, "") : (text[..dash], text[(dash + 1)..]);
    }

    private static int Runs(string a, string b)
    {
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            var (fromA, fromB) = (i, j);
            i = Skip(a, i);
            j = Skip(b, j);
            if (i == a.Length || j == b.Length)
            {
                break;
            }

            // A longer separator is newer, as in pacman since 5.0.
            if (i - fromA != j - fromB)
            {
                return (i - fromA).CompareTo(j - fromB);
            }

            var digits = char.IsAsciiDigit(a[i]);
            var runA = Run(a, i, digits);
            var runB = Run(b, j, digits);
            if (runB == 0)
            {
                return digits ? 1 : -1;
            }

            var order = digits
                ? Numbers(a.AsSpan(i, runA), b.AsSpan(j, runB))
                : a.AsSpan(i, runA).SequenceCompareTo(b.AsSpan(j, runB));
            if (order != 0)
            {
                return Math.Sign(order);
            }

            i += runA;
            j += runB;
        }

        return Remainder(a.AsSpan(i), b.AsSpan(j));
    }

    // Letters are older than nothing (1.0rc < 1.0), anything else is newer.
    private static int Remainder(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => (a.IsEmpty, b.IsEmpty) switch
    {
        (true, true) => 0,
        (true, false) => char.IsAsciiLetter(b[0]) ? 1 : -1,
        _ => char.IsAsciiLetter(a[0]) ? -1 : 1,
    };

    private static int Numbers(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a.TrimStart('0');
        b = b.TrimStart('0');
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
    }

    private static int Skip(string text, int at)
    {
        while (at < text.Length && !char.IsAsciiLetterOrDigit(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int Run(string text, int at, bool digits)
    {
        var end = at;
        while (end < text.Length && (digits ? char.IsAsciiDigit(text[end]) : char.IsAsciiLetter(text[end])))
        {
            end++;
        }

        return end - at;
    }
}
