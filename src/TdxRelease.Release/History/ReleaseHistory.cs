using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Release.Manifests;
using TdxRelease.Release.Packaging;
using TdxRelease.Upstream.Drift;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Release.History;

/// <summary>An earlier state of upstream, as the changelog tells of it.</summary>
/// <param name="State">What it held.</param>
/// <param name="Time">When: the commit's date or the bundle's time, else the newest sigstruct date.</param>
public sealed record EarlierRelease(DriftState State, DateTimeOffset Time)
{
    /// <summary>
    /// Version and revision under which it was published; null for a state that no package had: changes count from there, and no changelog
    /// names it.
    /// </summary>
    public string? Version => State.Version;

    /// <summary>What provenance calls it: its version, else its date.</summary>
    public string Label => Version ?? Time.ToUniversalTime().ToString("yyyy-MM-dd");

    /// <summary>
    /// Opens a snapshot folder, a bundle (folder, tar or package), or all packages of a folder with repositories. Nothing in it is
    /// verified: a changelog
    /// describes.
    /// </summary>
    /// <exception cref="TdxException">Exit 3: neither, or without a date; exit 6.</exception>
    public static IReadOnlyList<EarlierRelease> Open(string path)
    {
        if (Directory.Exists(path) && PublishedPackages.In(path) is { Count: > 0 } packages)
        {
            return [.. packages.Select(One).DistinctBy(r => r.Version)];
        }

        return [One(path)];
    }

    private static EarlierRelease One(string path)
    {
        var state = DriftState.Open(path);
        var time = state.Kind switch
        {
            DriftKind.Bundle => state.Made,
            DriftKind.Snapshot => Midnight(Snapshot.Open(path).Origin.Date ?? state.Facts.Values.Max(f => f.Date)),
            _ => throw new TdxException(
                ExitCode.BadInput,
                $"\"{SafePath.Printable(path)}\": a {state.Kind.ToString().ToLowerInvariant()} alone has no modules and no date",
                "--history takes a snapshot directory, a bundle or a directory with repositories"),
        };
        return new EarlierRelease(state,
            time ?? throw new TdxException(ExitCode.BadInput, $"\"{SafePath.Printable(path)}\": no module carries a date"));
    }

    private static DateTimeOffset? Midnight(DateOnly? date) =>
        date is { } day ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) : null;
}

/// <summary>Makes the packages' changelog: what changed between the states of upstream, as <c>tdxrel diff</c> finds it.</summary>
internal static class ReleaseChangelog
{
    /// <summary>
    /// The entries, newest first: one for each published version and one for the release. Without a history the release lists its modules;
    /// a state that was
    /// not published, such as a snapshot, is what the oldest entry's changes count from.
    /// </summary>
    /// <exception cref="TdxException">Exit 3: a published version that is not before the release's.</exception>
    public static IReadOnlyList<ChangelogEntry> Of(PackageRequest request)
    {
        var (bundle, version) = (request.Bundle, request.Bundle.Package.ToString());
        var published = request.History.Where(r => r.Version is not null).OrderBy(r => r.Version, VersionOrder).ToList();
        if (published.Find(r => DebianVersion.Compare(r.Version!, version) >= 0) is { } notBefore)
        {
            throw new TdxException(
                ExitCode.BadInput,
                $"--history: {notBefore.Version} is published already, and {version} does not sort after it",
                "--revision for another packaging of the same upstream; --package-version for a version that sorts after it");
        }

        var first = published.FirstOrDefault()?.Time ?? DateTimeOffset.MaxValue;
        var before = request.History.Where(r => r.Version is null && r.Time < first).MaxBy(r => r.Time);
        var entries = new List<ChangelogEntry>();
        foreach (var state in published)
        {
            entries.Insert(0, new ChangelogEntry(state.Version!, state.Time, Lines(before, state.State)));
            before = state;
        }

        var lines = before is null ? Modules(bundle.Manifest) : Lines(before, DriftState.Of(request.Verified.Snapshot));
        return [new ChangelogEntry(version, bundle.Time, [Origin(request), .. lines]), .. entries];
    }

    private static Comparer<string?> VersionOrder { get; } = Comparer<string?>.Create((a, b) => DebianVersion.Compare(a!, b!));

    private static string Origin(PackageRequest request)
    {
        var source = request.Bundle.Manifest.Source;
        return source.Commit is { } commit ? $"Upstream commit {commit}."
            : source.ClaimedCommit is { } claimed ? $"From an archive that claims to be of upstream commit {claimed}."
            : source.ModifiedFrom is { } modified ? $"Upstream commit {modified} with changed files."
            : request.Sample ? "The synthetic sample, signed with the public TEST key." : "From a local copy of the upstream repository.";
    }

    private static IEnumerable<string> Modules(Manifest manifest) =>
        manifest.Modules.Select(m => Line(m.Version.ToString(), m.Date, m.Svn.ToString(), m.Cpus.Select(c => c.ToString())));

    private static List<string> Lines(EarlierRelease? before, DriftState state) => before is null ? First(state) : Changes(before, state);

    private static List<string> First(DriftState state) =>
        [.. state.Side.Mapping!.Releases.OrderBy(r => r.Version).Select(r => Describe(state, r))];

    private static List<string> Changes(EarlierRelease before, DriftState after)
    {
        List<string> lines = [];
        foreach (var finding in DriftStage.Run(before.State, after))
        {
            var added = finding.Rule == DriftRules.ReleaseAdded
                ? after.Side.Mapping!.Releases.FirstOrDefault(r => r.Spelling == finding.Version) : null;
            lines.Add(added is not null ? $"New: {Describe(after, added)}" : Sentence(finding));
        }

        return lines.Count > 0 ? lines : [$"Upstream's files are those of {before.Label}."];
    }

    private static string Describe(DriftState state, ModuleRelease release) => state.Facts.TryGetValue(release.Version, out var facts)
        ? Line(release.Spelling, facts.Date, facts.Svn.ToString(), facts.Cpus.Select(c => c.ToString()))
        : $"Module {release.Spelling}.";

    private static string Line(string version, DateOnly? date, string svn, IEnumerable<string> cpus) =>
        $"Module {version}{(date is { } day ? $" of {day:yyyy-MM-dd}" : "")}: SVN {svn}, for {string.Join(", ", cpus)}.";

    // Facts name their release; hashes need the file's path.
    private static string Sentence(Finding finding)
    {
        var text = UntrustedText.Visible(DriftRules.IsOfFile(finding) ? $"{finding.Location.File}: {finding.Message}" : finding.Message);
        return $"{char.ToUpperInvariant(text[0])}{text[1..]}.";
    }
}
