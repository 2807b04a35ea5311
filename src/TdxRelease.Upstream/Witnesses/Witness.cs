using System.Globalization;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.GitHub;
using TdxRelease.Upstream.Sources;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Upstream.Witnesses;

/// <summary>
/// Intel's release notes on GitHub as a further witness: they never bring a byte, they only may contradict the ones that are here.
/// </summary>
/// <param name="gitHub">Who is asked.</param>
/// <param name="repository"><c>owner/name</c> of the module source repository.</param>
public sealed class Witness(IGitHub gitHub, string repository)
{
    /// <summary>Intel's module source repository.</summary>
    public const string DefaultRepository = "intel/confidential-computing.tdx.tdx-module";

    /// <summary>
    /// The witness on GitHub: token from GITHUB_TOKEN, another server from GITHUB_API_URL, as GitHub's own runners set them.
    /// </summary>
    /// <param name="repository"><c>owner/name</c>.</param>
    /// <param name="cache">
    /// Root of the cache: keeps answers with their entity tags, so that an unchanged one costs nothing of the rate limit.
    /// </param>
    /// <param name="record">Folder that gets every answer; null for none.</param>
    /// <param name="replay">Folder that answers instead of the network; null for none.</param>
    public static Witness OnGitHub(string repository, string cache, string? record, string? replay)
    {
        var options = new GitHubOptions(NewestState.Download)
        {
            Token = Environment.GetEnvironmentVariable("GITHUB_TOKEN"),
            CacheFolder = Path.Combine(cache, "http"),
            RecordFolder = record,
            ReplayFolder = replay,
        };
        return new Witness(
            new GitHubClient(Environment.GetEnvironmentVariable("GITHUB_API_URL") is { Length: > 0 } url
                ? options with { Url = url.TrimEnd('/') } : options, new FetchLimits()),
            repository);
    }

    /// <summary>Asks, and compares what the notes say with the verified modules.</summary>
    /// <exception cref="TdxException">Exit 2 (not a repository's name), 6 (cannot be asked).</exception>
    public async Task<IReadOnlyList<Finding>> RunAsync(IReadOnlyList<ModuleFacts> modules, CancellationToken cancellation)
    {
        var notes = await gitHub.ReleasesAsync(repository, cancellation);
        var byVersion = notes.Where(n => n.Version is not null && ModuleVersion.TryParse(n.Version, out _))
            .ToLookup(n => Parse(n.Version!));
        var findings = new List<Finding>();
        foreach (var module in modules)
        {
            findings.AddRange(byVersion[module.Version].SelectMany(note => Compare(note, module)));
        }

        var silent = modules.Where(m => !byVersion.Contains(m.Version)).Select(m => m.Spelling).ToList();
        if (silent.Count > 0)
        {
            findings.Add(new Finding(WitnessRules.Silent, $"no release notes for {string.Join(", ", silent)}", new Location(repository)));
        }

        return findings;
    }

    private static ModuleVersion Parse(string text) =>
        ModuleVersion.TryParse(text, out var version) ? version : throw new ArgumentException("not a version", nameof(text));

    private IEnumerable<Finding> Compare(ReleaseNote note, ModuleFacts module)
    {
        Finding Differs(Rule rule, string what, string said, string want) =>
            new(rule, $"{what} {want}, the notes of release \"{TdxRelease.Core.Files.SafePath.Printable(note.Tag)}\" say {said}",
                new Location(repository), module.Spelling);

        if (note.MrSeam is { } mrSeam && mrSeam != module.MrSeam)
        {
            yield return Differs(WitnessRules.MrSeam, "measurement", mrSeam, module.MrSeam);
        }

        if (note.Svn is { } svn && !Means(svn, module.Svn))
        {
            yield return Differs(WitnessRules.Svn, "SVN", svn, module.Svn.ToString());
        }

        if (note.BuildNumber is { } number && module.BuildNumber != 0
            && number.TrimStart('0') != module.BuildNumber.ToString(CultureInfo.InvariantCulture))
        {
            yield return Differs(WitnessRules.BuildNumber, "build number", number, $"{module.BuildNumber}");
        }

        if (note.BuildDate is { } date && module.Date is { } day
            && date.Replace("-", "", StringComparison.Ordinal) != day.ToString("yyyyMMdd", CultureInfo.InvariantCulture))
        {
            yield return Differs(WitnessRules.BuildDate, "sigstruct date", date, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }
    }

    // "1.11" is major and minor; a lone number is written for the minor part or for the stored 16 bits.
    private static bool Means(string text, SeamSvn svn) =>
        text == svn.ToString()
        || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && (number == svn.Minor || number == svn.Value));
}
