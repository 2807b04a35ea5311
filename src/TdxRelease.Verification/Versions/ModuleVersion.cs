using System.Diagnostics.CodeAnalysis;
using NuGet.Versioning;

namespace TdxRelease.Verification.Versions;

/// <summary>
/// A version of a TDX module or of the P-SEAMLDR: <c>major.minor.update</c>, ordered numerically, so 1.5.5 equals 1.5.05.
/// Linux prints it as <c>%u.%u.%02u</c> (Documentation/ABI/testing/sysfs-devices-faux-tdx-host), and so does <see cref="ToString"/>.
/// </summary>
/// <param name="Major">0 to 65535.</param>
/// <param name="Minor">0 to 65535.</param>
/// <param name="Update">0 to 65535.</param>
public readonly record struct ModuleVersion(ushort Major, ushort Minor, ushort Update) : IComparable<ModuleVersion>
{
    /// <summary>The line that a TD-preserving update cannot leave: major and minor.</summary>
    public (ushort Major, ushort Minor) Line => (Major, Minor);

    /// <summary>The line as upstream names its folders: <c>1.5</c>.</summary>
    public string LineName => $"{Major}.{Minor}";

    /// <summary>The highest version there is.</summary>
    internal static ModuleVersion Last => new(ushort.MaxValue, ushort.MaxValue, ushort.MaxValue);

    /// <summary>All versions as consecutive numbers, in their order.</summary>
    internal ulong Key => ((ulong)Major << 32) | ((ulong)Minor << 16) | Update;

    /// <summary>Whether both are on the same major.minor line.</summary>
    public bool SameLine(ModuleVersion other) => Line == other.Line;

    /// <summary>The same version for NuGet's ranges. The order of the two types is the same (held by a property test).</summary>
    public NuGetVersion ToNuGet() => new(Major, Minor, Update);

    /// <summary>Strict SemVer for consumers that refuse leading zeros: <c>1.5.5</c>.</summary>
    public string ToSemVer() => $"{Major}.{Minor}.{Update}";

    /// <inheritdoc/>
    public int CompareTo(ModuleVersion other) => Key.CompareTo(other.Key);

    /// <summary>Numeric order.</summary>
    public static bool operator <(ModuleVersion left, ModuleVersion right) => left.Key < right.Key;

    /// <summary>Numeric order.</summary>
    public static bool operator >(ModuleVersion left, ModuleVersion right) => left.Key > right.Key;

    /// <summary>Numeric order.</summary>
    public static bool operator <=(ModuleVersion left, ModuleVersion right) => left.Key <= right.Key;

    /// <summary>Numeric order.</summary>
    public static bool operator >=(ModuleVersion left, ModuleVersion right) => left.Key >= right.Key;

    /// <summary>Upstream's and Linux's spelling: <c>1.5.05</c>.</summary>
    public override string ToString() => $"{Major}.{Minor}.{Update:00}";

    /// <summary>Parses exactly three dotted decimal numbers; signs, blanks and anything else are refused.</summary>
    /// <exception cref="FormatException">The text is not a version; the message quotes it.</exception>
    public static ModuleVersion Parse(string text) =>
        TryParse(text, out var version) ? version
        : throw new FormatException($"\"{text}\" is not a version of the form major.minor.update, such as 1.5.05");

    /// <summary>Parses exactly three dotted decimal numbers of at most five digits each.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ModuleVersion version) => TryParse(text.AsSpan(), out version);

    /// <summary>Parses exactly three dotted decimal numbers of at most five digits each.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ModuleVersion version)
    {
        version = default;
        if (!Number(ref text, dot: true, out var major) || !Number(ref text, dot: true, out var minor)
            || !Number(ref text, dot: false, out var update) || !text.IsEmpty)
        {
            return false;
        }

        version = new ModuleVersion(major, minor, update);
        return true;
    }

    private static bool Number(ref ReadOnlySpan<char> text, bool dot, out ushort value)
    {
        value = 0;
        var length = 0;
        var number = 0;
        while (length < Math.Min(5, text.Length) && char.IsAsciiDigit(text[length]))
        {
            number = (number * 10) + (text[length++] - '0');
        }

        if (length == 0 || number > ushort.MaxValue || (dot && (length == text.Length || text[length] != '.')))
        {
            return false;
        }

        value = (ushort)number;
        text = text[(dot ? length + 1 : length)..];
        return true;
    }
}
