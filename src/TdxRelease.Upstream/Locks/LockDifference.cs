using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Locks;

/// <summary>How a snapshot differs from its lock.</summary>
public enum LockDifferenceKind
{
    /// <summary>The lock has the file, the snapshot does not.</summary>
    Missing,

    /// <summary>The snapshot has a data file that the lock does not.</summary>
    Extra,

    /// <summary>Both have it, with other bytes.</summary>
    Changed,

    /// <summary>The commit is another one.</summary>
    Commit,

    /// <summary>The commit's tree is another one.</summary>
    Tree,
}

/// <summary>One difference between a lock and a snapshot.</summary>
/// <param name="Kind">What differs.</param>
/// <param name="Path">The data file; null for commit and tree.</param>
/// <param name="Want">SHA-256 or git id of the lock; null for an extra file.</param>
/// <param name="Got">SHA-256 or git id of the snapshot; null for a missing file.</param>
public sealed record LockDifference(LockDifferenceKind Kind, string? Path, string? Want, string? Got)
{
    /// <summary><c>changed joined_files/…: want …, got …</c>.</summary>
    public override string ToString()
    {
        var what = Kind.ToString().ToLowerInvariant();
        var subject = Path is null ? what : $"{what} {Path}";
        return $"{subject}: want {Want ?? "nothing"}, got {Got ?? "nothing"}";
    }

    /// <summary>
    /// Compares a lock with a record, files first, in ordinal order of their paths. Commit and tree count only where both sides know them.
    /// </summary>
    public static IReadOnlyList<LockDifference> Between(LockFile wanted, SnapshotRecord got)
    {
        var want = wanted.Files.ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal);
        var have = got.Files.ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal);
        var differences = new List<LockDifference>();
        foreach (var path in want.Keys.Union(have.Keys).Order(StringComparer.Ordinal))
        {
            var (w, g) = (want.GetValueOrDefault(path), have.GetValueOrDefault(path));
            if (w != g)
            {
                differences.Add(new LockDifference(w is null ? LockDifferenceKind.Extra : g is null ? LockDifferenceKind.Missing
                    : LockDifferenceKind.Changed, path, w, g));
            }
        }

        Id(differences, LockDifferenceKind.Commit, wanted.Commit, got.Origin.Commit);
        Id(differences, LockDifferenceKind.Tree, wanted.Tree, got.Origin.Tree);
        return differences;
    }

    /// <summary>Exit 7: a first line that says how many, then one line each.</summary>
    public static TdxException Error(string source, IReadOnlyList<LockDifference> differences) => new(
        ExitCode.Drift,
        $"{source}: {differences.Count} {(differences.Count == 1 ? "difference" : "differences")} from {LockFile.FileName}",
        "if the change is wanted, look at it with tdxrel diff and move the lock with tdxrel fetch --update-lock",
        lines: [.. differences.Select(difference => difference.ToString())]);

    private static void Id(List<LockDifference> differences, LockDifferenceKind kind, string? want, string? got)
    {
        if (want is not null && got is not null && want != got)
        {
            differences.Add(new LockDifference(kind, null, want, got));
        }
    }
}
