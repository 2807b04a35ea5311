using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Upstream.Locks;

/// <summary>A place that upstream can be fetched from.</summary>
/// <param name="Kind"><c>git</c> or <c>archive</c>.</param>
/// <param name="Url">For an archive, <c>{commit}</c> stands for the commit id.</param>
public sealed record LockSource(string Kind, string Url);

/// <summary>One data file that the lock pins.</summary>
/// <param name="Path">Relative to upstream's root.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record LockedFile(string Path, long Length, string Sha256);

/// <summary>
/// <c>upstream.lock.json</c>: the state of upstream that this build stands on,
/// byte by byte. schemas/lock.schema.json; written by <see cref="ToJson"/>,
/// which is the only accepted spelling of the same content.
/// </summary>
/// <param name="Sources">Mirrors in order of preference.</param>
/// <param name="Branch">The branch that updates come from.</param>
/// <param name="Commit">Commit id.</param>
/// <param name="Tree">
/// Id of the commit's tree, or null: the data files alone do not determine it, because scripts are part of the tree.
/// </param>
/// <param name="Date">Committer date of the commit, UTC, or null.</param>
/// <param name="MappingVersion"><c>Header.Version</c> of the mapping file.</param>
/// <param name="LicenseSha256">SHA-256 of BINARIES_LICENSE: what <c>--accept-license</c> must name.</param>
/// <param name="Updated">When the lock was written.</param>
/// <param name="Tool">Name and version of the tool that wrote it.</param>
/// <param name="Files">Sorted by ordinal path.</param>
public sealed record LockFile(
    IReadOnlyList<LockSource> Sources,
    string Branch,
    string Commit,
    string? Tree,
    DateOnly? Date,
    string MappingVersion,
    string LicenseSha256,
    DateTimeOffset Updated,
    string Tool,
    IReadOnlyList<LockedFile> Files)
{
    /// <summary>The usual file name, at the root of the repository that builds.</summary>
    public const string FileName = "upstream.lock.json";

    /// <summary>Largest lock read, in bytes.</summary>
    public const int MaxLength = 64 << 20;

    /// <summary>Reads a lock.</summary>
    /// <exception cref="TdxException">Exit 6 (unreadable), exit 3 with line and column.</exception>
    public static LockFile Read(string path) => LockJson.Parse(InputFile.Read(path, MaxLength), path);

    /// <summary>Parses a lock strictly.</summary>
    /// <exception cref="TdxException">Exit 3 with line and column.</exception>
    public static LockFile Parse(ReadOnlySpan<byte> utf8, string name) => LockJson.Parse(utf8, name);

    /// <summary>The lock of a snapshot whose commit is known.</summary>
    /// <param name="snapshot">Fetched from git or an archive, or a folder of which the caller knows the origin.</param>
    /// <param name="sources">Mirrors in order of preference.</param>
    /// <param name="branch">The branch that updates come from.</param>
    /// <param name="updated">Now, given by the caller.</param>
    /// <param name="tool">Name and version.</param>
    /// <param name="origin">What the caller knows; the snapshot's own origin where null.</param>
    /// <exception cref="TdxException">Exit 3: no commit, no mapping file or no licence in the snapshot.</exception>
    public static LockFile Of(Snapshot snapshot, IReadOnlyList<LockSource> sources, string branch, DateTimeOffset updated, string tool,
        Origin? origin = null)
    {
        origin ??= snapshot.Origin;
        if (origin.Commit is null)
        {
            throw new TdxException(ExitCode.BadInput, $"{snapshot.Folder}: commit of the snapshot is unknown",
                "a lock is made from a git source, or from an archive whose commit you name yourself: --ref COMMIT");
        }

        var files = snapshot.ToRecord().Files;
        return new LockFile(
            sources,
            branch,
            origin.Commit,
            origin.Tree,
            origin.Date,
            MappingHeader.Version(snapshot.Read(UpstreamLayout.Mapping)),
            Hex.Sha256(snapshot.Read(UpstreamLayout.BinariesLicense)),
            updated,
            tool,
            [.. files.Select(file => new LockedFile(file.Path, file.Length, file.Sha256!))]);
    }

    /// <summary>The canonical bytes.</summary>
    public byte[] ToJson() => LockJson.Write(this);

    /// <summary>
    /// Every difference between what the lock wants and what the snapshot has; empty where they agree. All bytes are read.
    /// </summary>
    public IReadOnlyList<LockDifference> Compare(Snapshot snapshot) => LockDifference.Between(this, snapshot.ToRecord());

    /// <summary>Throws unless the snapshot is what the lock pins.</summary>
    /// <exception cref="TdxException">Exit 7, with one line a difference.</exception>
    public void Require(Snapshot snapshot)
    {
        var differences = Compare(snapshot);
        if (differences.Count > 0)
        {
            throw LockDifference.Error(snapshot.Origin.Url ?? snapshot.Folder, differences);
        }
    }
}
