using System.Globalization;
using System.Text.RegularExpressions;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Release.Composition;

/// <summary>
/// Version of a release's packages: the state of upstream that they hold, and which packaging of it they are (docs/packaging.md).
/// </summary>
/// <param name="Upstream">The date of upstream's commit, <c>20260210</c>, or what the user says.</param>
/// <param name="Revision">Debian revision, rpm release and pkgrel.</param>
public sealed partial record PackageVersion(string Upstream, string Revision)
{
    /// <summary>The revision where nobody says another.</summary>
    public const string FirstRevision = "1";

    /// <summary>The version of packages whose upstream state has a date.</summary>
    public PackageVersion(DateOnly date, string revision = FirstRevision)
        : this(date.ToString("yyyyMMdd", CultureInfo.InvariantCulture), revision)
    {
    }

    /// <summary>
    /// The date of upstream's commit, else of the newest sigstruct: never the time inside the files, which is when the release was made.
    /// </summary>
    /// <exception cref="TdxException">Exit 3: no module has a date.</exception>
    public static PackageVersion Of(VerifiedSnapshot verified) => new(DateOf(verified));

    /// <summary>The day of upstream's state.</summary>
    /// <inheritdoc cref="Of"/>
    internal static DateOnly DateOf(VerifiedSnapshot verified) =>
        verified.Snapshot.Origin.Date
        ?? verified.Modules.Max(m => m.Facts?.Date)
        ?? throw new TdxException(ExitCode.BadInput, "no module carries a date", "--package-version=VERSION");

    /// <summary>The same with what the user says instead; null leaves a part as it is.</summary>
    /// <param name="version">All of the upstream part.</param>
    /// <param name="date">The upstream part as a date, <c>2026-02-10</c>.</param>
    /// <param name="revision">The revision.</param>
    /// <exception cref="TdxException">Exit 2: one of them is malformed, or both of the first two are given.</exception>
    public PackageVersion With(string? version, string? date, string? revision)
    {
        if (version is not null && date is not null)
        {
            throw new TdxException(ExitCode.Usage, "both --package-version and --version-date are given");
        }

        Require("--package-version", version, "a digit, then letters, digits, \".\", \"+\" and \"~\"");
        Require("--revision", revision, "a number such as 2; for Debian and rpm also 0ubuntu1 or 1~bpo12+1");
        return this with { Upstream = date is null ? version ?? Upstream : DateOf(date), Revision = revision ?? Revision };
    }

    /// <summary><c>20260210-1</c>.</summary>
    public override string ToString() => $"{Upstream}-{Revision}";

    private static string DateOf(string date) =>
        DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        ? new PackageVersion(day).Upstream
        : throw new TdxException(ExitCode.Usage, $"--version-date: \"{SafePath.Printable(date)}\", want YYYY-MM-DD");

    private static void Require(string option, string? value, string want)
    {
        if (value is not null && !Pattern().IsMatch(value))
        {
            throw new TdxException(ExitCode.Usage, $"{option}: \"{SafePath.Printable(value)}\", want {want}");
        }
    }

    /// <summary>What each of both parts may be.</summary>
    [GeneratedRegex(@"\A[0-9][A-Za-z0-9.+~]{0,63}\z")]
    internal static partial Regex Pattern();
}
