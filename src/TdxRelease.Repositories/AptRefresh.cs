using System.Globalization;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>How long an index counts.</summary>
/// <param name="Date">From when.</param>
/// <param name="ValidUntil">Until when clients take it.</param>
public sealed record AptDates(DateTimeOffset Date, DateTimeOffset ValidUntil);

/// <summary>
/// An apt repository signed again with new dates and nothing else changed, so that a year without releases does not lock its users out.
/// </summary>
public static class AptRefresh
{
    /// <summary>Replaces the repository in a folder by the refreshed one.</summary>
    /// <inheritdoc cref="Build"/>
    public static AptDates Run(string folder, DateTimeOffset time, TimeSpan? validFor, IOpenPgpSigner signer)
    {
        AptDates? dates = null;
        RepositoryFolder.Replace(folder, existing =>
        {
            var (files, made) = Build(existing, time, validFor, signer);
            dates = made;
            return files;
        });
        return dates!;
    }

    /// <summary>All files of the new state; pure.</summary>
    /// <param name="existing">The old state.</param>
    /// <param name="time">The new date.</param>
    /// <param name="validFor">How long it counts; null for as long as before.</param>
    /// <param name="signer">Must have signed what exists.</param>
    /// <exception cref="TdxException">Exit 3: no apt repository; exit 4: it is damaged or has no signed list; exit 5: the date is not after
    /// the one that stands there.</exception>
    public static (IReadOnlyDictionary<string, byte[]> Files, AptDates Dates) Build(
        IReadOnlyDictionary<string, byte[]> existing, DateTimeOffset time, TimeSpan? validFor, IOpenPgpSigner signer)
    {
        var (name, suite) = (One(existing, "", ".sources"), One(existing, "dists/", "/InRelease"));
        var verifier = OpenPgpVerifier.Of(signer, time);
        _ = AptState.Verify(RepositoryChecksums.Without(existing), name, suite, verifier);
        RepositoryChecksums.RequireIntact(existing, verifier, listRequired: true);
        var text = verifier.VerifyClearSigned(existing[$"dists/{suite}/InRelease"]).Text!;
        var fields = Deb822.Parse(text, $"dists/{suite}/InRelease")[0];
        var (date, until) = (Date(fields, "Date"), Date(fields, "Valid-Until"));
        if (time <= date)
        {
            throw new TdxException(ExitCode.Refused,
                $"the index is of {AptRepository.Utc(date)}, and {AptRepository.Utc(time)} is not after it");
        }

        var dates = new AptDates(time, time + (validFor ?? until - date));
        var release = text.TrimEnd('\n').Split('\n')
            .Select(line => line.StartsWith("Date: ", StringComparison.Ordinal) ? $"Date: {AptRepository.Utc(dates.Date)}"
            : line.StartsWith("Valid-Until: ", StringComparison.Ordinal) ? $"Valid-Until: {AptRepository.Utc(dates.ValidUntil)}" : line);
        var files = new SortedDictionary<string, byte[]>(RepositoryChecksums.Without(existing).ToDictionary(StringComparer.Ordinal),
            StringComparer.Ordinal);
        AptRepository.Sign(files, $"dists/{suite}", string.Concat(release.Select(line => $"{line}\n")), signer, time);
        RepositoryChecksums.Add(files, signer, time);
        return (files, dates);
    }

    private static string One(IReadOnlyDictionary<string, byte[]> files, string before, string after)
    {
        var found = files.Keys.Where(p => p.StartsWith(before, StringComparison.Ordinal) && p.EndsWith(after, StringComparison.Ordinal))
            .Select(p => p[before.Length..^after.Length]).Where(p => !p.Contains('/', StringComparison.Ordinal)).ToList();
        return found.Count == 1 ? found[0]
            : throw new TdxException(ExitCode.BadInput, $"{found.Count} files {before}*{after}, want the one of an apt repository");
    }

    private static DateTimeOffset Date(IReadOnlyDictionary<string, string> fields, string field) =>
        DateTimeOffset.TryParseExact(
            Deb822.Require(fields, field, "InRelease"), AptRepository.DateForm, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw RepositoryFolder.Damaged("InRelease", $"has no date in the field \"{field}\"");
}
