using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Upstream.Drift;

/// <summary>Compares two states of upstream, fact by fact and byte by byte.</summary>
public static class DriftComparison
{
    /// <summary>Every difference, releases in ascending order, then files; empty where the sides agree in all they both know.</summary>
    /// <param name="before">The older side: the lock, the last release.</param>
    /// <param name="after">The newer side.</param>
    /// <param name="consequences">
    /// Asked for what the changed facts mean (the planner's graphs), where both mappings are known; may be null.
    /// </param>
    public static IReadOnlyList<Finding> Between(DriftSide before, DriftSide after,
        Func<MappingFile, MappingFile, IEnumerable<Finding>>? consequences = null)
    {
        var findings = new List<Finding>();
        var facts = before.Mapping is not null && after.Mapping is not null;
        if (facts)
        {
            MappingDrift.Compare(before.Mapping!, after, findings);
        }

        if (before.Hashes is { } want && after.Hashes is { } got)
        {
            Files(before, after, want, got, reportReleases: !facts, findings);
            if (want.TryGetValue(UpstreamLayout.Mapping, out var old) && got.TryGetValue(UpstreamLayout.Mapping, out var now) && old != now
                && facts && !findings.Exists(IsFact))
            {
                findings.Add(new Finding(DriftRules.MappingBytes, $"sha256 {old} became {now}", new Location(UpstreamLayout.Mapping)));
            }
        }

        if (facts && consequences is not null && findings.Count > 0)
        {
            findings.AddRange(consequences(before.Mapping!, after.Mapping!));
        }

        return findings;
    }

    private static bool IsFact(Finding finding) =>
        finding.Rule != DriftRules.Format && finding.Location.File.EndsWith(UpstreamLayout.Mapping, StringComparison.Ordinal);

    private static void Files(
        DriftSide before, DriftSide after, IReadOnlyDictionary<string, string> want, IReadOnlyDictionary<string, string> got,
        bool reportReleases, List<Finding> findings)
    {
        foreach (var path in want.Keys.Union(got.Keys).Order(StringComparer.Ordinal))
        {
            var (old, now) = (want.GetValueOrDefault(path), got.GetValueOrDefault(path));
            if (old == now)
            {
                continue;
            }

            switch (DataFiles.KindOf(path))
            {
                case DataFileKind.BinariesLicense:
                    findings.Add(new Finding(DriftRules.License, Became(old, now), new Location(path)));
                    break;
                case DataFileKind.License:
                    findings.Add(new Finding(DriftRules.ScriptLicense, Became(old, now), new Location(path)));
                    break;
                case DataFileKind.Blob or DataFileKind.Bin or DataFileKind.Sigstruct:
                    Module(before, after, path, old, now, reportReleases, findings);
                    break;
                case DataFileKind.Mapping when reportReleases:
                    findings.Add(new Finding(
                        DriftRules.MappingBytes with { Title = "the mapping file changed; its facts are not known here" }, Became(old, now),
                        new Location(path)));
                    break;
            }
        }
    }

    private static void Module(DriftSide before, DriftSide after, string path, string? old, string? now, bool reportReleases,
        List<Finding> findings)
    {
        var version = DataFiles.VersionOf(path);
        var place = new Location(path);
        if (now is null)
        {
            findings.Add(new Finding(DriftRules.ReleaseGone, $"file is gone, sha256 was {old}", place, version));
        }
        else if (old is null)
        {
            // With both mappings known, new releases were named already.
            if (reportReleases && DataFiles.KindOf(path) == DataFileKind.Sigstruct)
            {
                findings.Add(new Finding(DriftRules.ReleaseAdded, $"release {version} was added", place, version));
            }
        }
        else if (before.Formats.TryGetValue(path, out var from) && after.Formats.TryGetValue(path, out var to) && from != to)
        {
            findings.Add(new Finding(DriftRules.Format,
                $"image format {from.ToString().ToLowerInvariant()} became {to.ToString().ToLowerInvariant()}", place, version));
        }
        else
        {
            findings.Add(new Finding(DriftRules.BytesChanged, Became(old, now), place, version));
        }
    }

    private static string Became(string? old, string? now) => $"sha256 {old ?? "nothing"} became {now ?? "nothing"}";
}
