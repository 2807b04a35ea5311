using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// A folder in upstream's layout: an unpacked archive, a clone's work tree, a snapshot of an earlier run (whose origin is kept).
/// </summary>
/// <param name="folder">The folder.</param>
public sealed class FolderSource(string folder) : ISource
{
    /// <inheritdoc/>
    public string Name => folder;

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <summary>
    /// Copies the data files. The folder must not change meanwhile: each file's
    /// state is compared before and after it is read, and at the end the
    /// folder is listed, and every file read and hashed, once more.
    /// </summary>
    public Task<Snapshot> FetchAsync(FetchContext context, CancellationToken cancellation)
    {
        var same = Path.GetFullPath(folder).TrimEnd('/') == Path.GetFullPath(context.Target).TrimEnd('/');
        if (same)
        {
            throw new TdxException(ExitCode.Usage, $"\"{folder}\" is both source and target of the fetch");
        }

        // Opened as a snapshot first: a record in it must hold, and its origin goes on.
        var origin = Snapshot.Open(folder).Origin;
        var selection = new Selection(folder, ExitCode.BadInput);
        var found = FolderWalk.DataFilesOf(folder, selection);
        using var writer = new SnapshotWriter(context.Target, context.Cache);
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, stat) in found)
        {
            cancellation.ThrowIfCancellationRequested();
            var bytes = ReadUnchanged(path, stat);
            selection.CheckContent(path, bytes);
            hashes.Add(path, Hex.Sha256(bytes));
            writer.Add(path, bytes, origin.Url ?? folder);
            context.Progress.Report($"copying {folder}", writer.Count, found.Count);
        }

        Reread(found, hashes);
        return Task.FromResult(writer.Commit(origin with { Url = origin.Url ?? folder }, selection.Ignored));
    }

    private byte[] ReadUnchanged(string path, FileStat before)
    {
        var full = Path.Combine(folder, path);
        var bytes = InputFile.Read(full, DataFiles.MaxLength, $"{folder}: {path}");
        return FileStat.Of(full) == before && bytes.Length == before.Length ? bytes : throw Changed(path);
    }

    private void Reread(SortedList<string, FileStat> found, Dictionary<string, string> hashes)
    {
        var again = FolderWalk.DataFilesOf(folder, new Selection(folder, ExitCode.BadInput));
        foreach (var path in found.Keys.Union(again.Keys))
        {
            if (!found.TryGetValue(path, out var before) || !again.TryGetValue(path, out var after) || before != after
                || Hex.Sha256(InputFile.Read(Path.Combine(folder, path), DataFiles.MaxLength)) != hashes[path])
            {
                throw Changed(path);
            }
        }
    }

    private TdxException Changed(string path) =>
        new(ExitCode.Io, $"{folder}: \"{path}\" changed while the directory was read",
            "wait until no other program writes there, then try again");
}
