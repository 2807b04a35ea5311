using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Snapshots;

/// <summary>Where a snapshot came from.</summary>
/// <param name="Kind"><c>folder</c>, <c>git</c>, <c>archive</c> or <c>sample</c>.</param>
/// <param name="Url">
/// URL or path that the bytes came from, or of the repository that the lock names for them; null where only the bytes are known.
/// </param>
/// <param name="Commit">Commit id, 40 or 64 lower-case hex digits, where git or the lock proved it; null elsewhere.</param>
/// <param name="Tree">
/// Id of the commit's whole tree, scripts included; null where unknown (the data files alone do not determine it).
/// </param>
/// <param name="Date">Committer date, UTC; null where unknown.</param>
public sealed record Origin(string Kind, string? Url = null, string? Commit = null, string? Tree = null, DateOnly? Date = null)
{
    /// <summary>URL or path, without credentials.</summary>
    public string? Url { get; init => field = Credentials.Strip(value); } = Credentials.Strip(Url);

    /// <summary>
    /// What an archive says of itself, or whoever named it: the bytes may
    /// be any. Null where it says nothing, and where the commit is proven.
    /// </summary>
    public string? ClaimedCommit { get; init; }

    /// <summary>The commit of a git working tree that is dirty: its data files are not those of the commit.</summary>
    public string? ModifiedFrom { get; init; }

    /// <summary>The origin with what the lock proves: all bytes are those that it pins.</summary>
    internal Origin ProvenBy(TdxRelease.Upstream.Locks.LockFile wanted) =>
        this with
        {
            Commit = wanted.Commit,
            Tree = Tree ?? wanted.Tree,
            Date = Date ?? wanted.Date,
            ClaimedCommit = null,
            ModifiedFrom = null
        };

    /// <summary>A folder of unknown history.</summary>
    public const string Folder = "folder";

    /// <summary>A git repository or bundle.</summary>
    public const string Git = "git";

    /// <summary>A tar or zip archive.</summary>
    public const string Archive = "archive";
}

/// <summary>One data file of a snapshot.</summary>
/// <param name="Path">Relative to the root, forward slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex; null in a plain folder that no record describes.</param>
/// <param name="GitBlob">Git object id of the content; null where no record says it.</param>
/// <param name="Source">Where the bytes came from, in words; null where no record says it.</param>
public sealed record SnapshotFile(string Path, long Length, string? Sha256 = null, string? GitBlob = null, string? Source = null);
