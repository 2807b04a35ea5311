using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Caching;

namespace TdxRelease.Upstream.Snapshots;

/// <summary>
/// Builds a snapshot folder aside and gives it its name, with its record, in
/// one rename. Every file goes through the cache on the way, if there is one.
/// </summary>
/// <param name="target">Folder of the snapshot; what stands there is replaced at the end.</param>
/// <param name="cache">Where contents are kept as well; null for none.</param>
public sealed class SnapshotWriter(string target, ContentCache? cache) : IDisposable
{
    private readonly AtomicFolder folder = new(target);
    private readonly SortedList<string, SnapshotFile> files = new(StringComparer.Ordinal);

    /// <summary>Number of files so far.</summary>
    public int Count => files.Count;

    /// <summary>Adds a data file.</summary>
    /// <param name="path">A data file's path, not yet added.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="source">Where they came from, in words.</param>
    public void Add(string path, ReadOnlySpan<byte> content, string source)
    {
        var sha256 = Hex.Sha256(content);
        files.Add(path, new SnapshotFile(path, content.Length, sha256, Hex.GitBlob(content), source));
        folder.Write(path, content);
        cache?.Store(content, sha256);
    }

    /// <summary>Writes the record and gives the folder its name, unless a snapshot equal to the last byte has it already.</summary>
    public Snapshot Commit(Origin origin, int ignored)
    {
        var record = new SnapshotRecord(origin, ignored, [.. files.Values]);
        folder.Write(SnapshotRecord.Path, record.ToJson());

        // Two runs at once: whoever comes second leaves an equal snapshot alone, because the first may be reading it already.
        using var turn = FolderLock.Acquire(Path.GetDirectoryName(Path.GetFullPath(target).TrimEnd('/'))!);
        if (!IsSame(record))
        {
            folder.Commit();
        }

        return Snapshot.Open(target);
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    private bool IsSame(SnapshotRecord record)
    {
        try
        {
            var standing = Snapshot.Open(target);
            return standing.ToRecord().ToJson().AsSpan().SequenceEqual(record.ToJson())
                && record.Files.All(f => standing.Read(f.Path).Length == f.Length);
        }
        catch (TdxException)
        {
            return false;
        }
    }
}
