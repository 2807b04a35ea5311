using TdxRelease.Core;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Release.Composition;

/// <summary>The time of a release, from the input alone (docs/decisions/0007-time.md).</summary>
public static class ReleaseTime
{
    /// <summary>SOURCE_DATE_EPOCH; else the upstream commit's date; else the newest sigstruct date.</summary>
    /// <exception cref="TdxException">Exit 2: malformed variable. Exit 3: no module has a date.</exception>
    public static DateTimeOffset Of(VerifiedSnapshot verified) =>
        SourceDateEpoch.FromEnvironment()
        ?? Midnight(verified.Snapshot.Origin.Date)
        ?? Midnight(verified.Modules.Max(m => m.Facts?.Date))
        ?? throw new TdxException(ExitCode.BadInput, "no module carries a date", "set SOURCE_DATE_EPOCH");

    private static DateTimeOffset? Midnight(DateOnly? date) =>
        date is { } day ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) : null;
}
