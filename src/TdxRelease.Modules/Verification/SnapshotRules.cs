using TdxRelease.Modules.Findings;
using TdxRelease.Modules.Mapping;

namespace TdxRelease.Modules.Verification;

/// <summary>Mapping file and files of a snapshot belong together: every release has its files, every module file its release.</summary>
public static class SnapshotRules
{
    private const string Upstream = "layout of the upstream repository";

    /// <summary>Module missing.</summary>
    public static readonly Rule ModuleMissing = new("SNAP-001", Severity.Error, "every release has its .bin", Upstream);

    /// <summary>Sigstruct missing.</summary>
    public static readonly Rule SigstructMissing = new("SNAP-002", Severity.Error, "every release has its .sigstruct", Upstream);

    /// <summary>Image missing.</summary>
    public static readonly Rule ImageMissing = new("SNAP-003", Severity.Error, "every release has its .blob", Upstream);

    /// <summary>Not released.</summary>
    public static readonly Rule NotReleased = new("SNAP-004", Severity.Error, "every module file belongs to a release", Upstream);

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } = [ModuleMissing, SigstructMissing, ImageMissing, NotReleased];

    /// <summary>Holds the two against each other.</summary>
    /// <param name="paths">Data files of the snapshot, relative, forward slashes.</param>
    /// <param name="mapping">The mapping file.</param>
    /// <returns>Findings: missing files by release, then files nobody released by path.</returns>
    public static IReadOnlyList<Finding> Check(IEnumerable<string> paths, MappingFile mapping)
    {
        var findings = new List<Finding>();
        var present = new SortedSet<string>(paths.Where(p => p.StartsWith("joined_files/", StringComparison.Ordinal) || p.StartsWith("separate_files/", StringComparison.Ordinal)), StringComparer.Ordinal);
        foreach (var release in mapping.Releases)
        {
            foreach (var (rule, path) in new[] { (ModuleMissing, release.BinPath), (SigstructMissing, release.SigstructPath), (ImageMissing, release.BlobPath) })
            {
                if (!present.Remove(path))
                {
                    findings.Add(new(rule, $"release \"{release.Spelling}\" has no such file", new Place(path), release.Spelling));
                }
            }
        }

        findings.AddRange(present.Select(path => new Finding(NotReleased, "no release of mapping_file.json has this file", new Place(path))));
        return findings;
    }
}
