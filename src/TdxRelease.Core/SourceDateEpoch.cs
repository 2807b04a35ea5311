using System.Globalization;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core;

/// <summary>The one time of a run. Output carries no other.</summary>
public static class SourceDateEpoch
{
    /// <summary>The variable of https://reproducible-builds.org/specs/source-date-epoch/.</summary>
    public const string Variable = "SOURCE_DATE_EPOCH";

    private static readonly DateTimeOffset Latest = new(2099, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads the variable; a malformed value is an error, never "now".</summary>
    /// <returns>Null where it is not set.</returns>
    /// <exception cref="TdxException">Exit 2.</exception>
    public static DateTimeOffset? FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { } text ? Parse(text) : null;

    /// <summary>Parses seconds since 1970, decimal digits only, at most the year 2099.</summary>
    /// <exception cref="TdxException">Exit 2.</exception>
    public static DateTimeOffset Parse(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Latest.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new TdxException(ExitCode.Usage, $"{Variable} is \"{text}\", want seconds since 1970 in decimal digits",
                "unset it, or: export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)");
}
