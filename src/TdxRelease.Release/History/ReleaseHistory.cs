using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Release.Audit;
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
    /// <summary>Its package version.</summary>
    public string Version => Time.ToUniversalTime().ToString("yyyyMMdd");

    /// <summary>Opens a snapshot folder or a bundle (folder, tar or package). Nothing in it is verified: a changelog describes.</summary>
    /// <exception cref="TdxException">Exit 3: neither, or without a date; exit 6.</exception>
    public static EarlierRelease Open(string path)
    {
        var state = DriftState.Open(path);
        var time = state.Kind switch
        {
            DriftKind.Bundle => ManifestOf(path).Created,
            DriftKind.Snapshot => Midnight(Snapshot.Open(path).Origin.Date ?? state.Facts.Values.Max(f => f.Date)),
            _ => throw new TdxException(ExitCode.BadInput, $"\"{SafePath.Printable(path)}\": a {state.Kind.ToString().ToLowerInvariant()} alone has no modules and no date", "--history takes a snapshot directory or a bundle"),
        };
        return new EarlierRelease(state, time ?? throw new TdxException(ExitCode.BadInput, $"\"{SafePath.Printable(path)}\": no module carries a date"));
    }

    private static DateTimeOffset? Midnight(DateOnly? date) => date is { } day ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) : null;

    private static Manifest ManifestOf(string path)
    {
        var files = Directory.Exists(path)
            ? Containers.Folder(path).Files
            : Containers.Open(Path.GetFileName(path), InputFile.Read(path, Containers.MaxArchive), null, null, []).Files;
        return Manifest.Parse(files.First(f => f.Path == Manifest.FileName).Content.Span);
    }
}

/// <summary>Makes the packages' changelog: what changed between the states of upstream, as <c>tdxrel diff</c> finds it.</summary>
internal static class ReleaseChangelog
{
    private const string Revision = "1";

    /// <summary>The entries, newest first. Without a history it is one, which lists the modules.</summary>
    /// <exception cref="TdxException">Exit 3: two states of one day, or one that is not earlier than the release.</exception>
    public static IReadOnlyList<ChangelogEntry> Of(PackageRequest request)
    {
        var bundle = request.Bundle;
        var source = bundle.Manifest.Source;
        var origin = source.Commit is { } commit ? $"Upstream commit {commit}."
            : source.ClaimedCommit is { } claimed ? $"From an archive that claims to be of upstream commit {claimed}."
            : source.ModifiedFrom is { } modified ? $"Upstream commit {modified} with changed files."
            : request.Sample ? "The synthetic sample, signed with the public TEST key." : "From a local copy of the upstream repository.";
        if (request.History.Count == 0)
        {
            return [new($"{bundle.Version}-{Revision}", bundle.Time, [origin, .. bundle.Manifest.Modules.Select(m => Line(m.Version.ToString(), m.Date, m.Svn.ToString(), m.Cpus.Select(c => c.ToString())))])];
        }

        var states = request.History.OrderBy(r => r.Time).Append(new EarlierRelease(DriftState.Of(request.Verified.Snapshot), bundle.Time)).ToList();
        for (var i = 1; i < states.Count; i++)
        {
            if (string.CompareOrdinal(states[i - 1].Version, states[i].Version) >= 0)
            {
                throw new TdxException(ExitCode.BadInput, $"--history: \"{SafePath.Printable(states[i - 1].State.Side.Name)}\" is of {states[i - 1].Version}, want one state a day, all before {bundle.Version}");
            }
        }

        var entries = new List<ChangelogEntry> { new($"{states[0].Version}-{Revision}", states[0].Time, First(states[0].State)) };
        for (var i = 1; i < states.Count; i++)
        {
            var lines = Changes(states[i - 1], states[i].State);
            entries.Insert(0, new ChangelogEntry($"{states[i].Version}-{Revision}", states[i].Time, i == states.Count - 1 ? [origin, .. lines] : lines));
        }

        return entries;
    }

    private static List<string> First(DriftState state) => [.. state.Side.Mapping!.Releases.OrderBy(r => r.Version).Select(r => Describe(state, r))];

    private static List<string> Changes(EarlierRelease before, DriftState after)
    {
        List<string> lines = [];
        foreach (var finding in DriftStage.Run(before.State, after))
        {
            var added = finding.Rule == DriftRules.ReleaseAdded ? after.Side.Mapping!.Releases.FirstOrDefault(r => r.Spelling == finding.Version) : null;
            lines.Add(added is not null ? $"New: {Describe(after, added)}" : Sentence(finding));
        }

        return lines.Count > 0 ? lines : [$"Upstream's files are those of {before.Version}."];
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
