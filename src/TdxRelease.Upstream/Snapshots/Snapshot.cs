using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Upstream.Snapshots;

/// <summary>
/// A folder in upstream's layout, read-only for everyone after the fetch.
/// A folder with a record (<see cref="SnapshotRecord"/>) is held to it
/// byte by byte; a plain folder opens as it is.
/// </summary>
public sealed class Snapshot
{
    private readonly Dictionary<string, SnapshotFile> byPath;

    private Snapshot(string folder, Origin origin, int ignored, IReadOnlyList<SnapshotFile> files)
    {
        (Folder, Origin, Ignored, Files) = (folder, origin, ignored, files);
        byPath = files.ToDictionary(file => file.Path, StringComparer.Ordinal);
    }

    /// <summary>The folder as it was named.</summary>
    public string Folder { get; }

    /// <summary>Where it came from.</summary>
    public Origin Origin { get; }

    /// <summary>Regular files of the source that are not data (scripts, documents).</summary>
    public int Ignored { get; }

    /// <summary>The data files, sorted by ordinal path.</summary>
    public IReadOnlyList<SnapshotFile> Files { get; }

    /// <summary>
    /// Opens a folder: lists it, refuses what no upstream has, and compares it with its record if there is one. Contents are read later.
    /// </summary>
    /// <exception cref="TdxException">
    /// Exit 6 (unreadable), 3 (links, unsafe names, bad record), 4 (files do not match the record).
    /// </exception>
    public static Snapshot Open(string folder)
    {
        var selection = new Selection(folder, ExitCode.BadInput);
        var found = FolderWalk.DataFilesOf(folder, selection);
        var recordPath = Path.Combine(folder, SnapshotRecord.Path);
        if (FileStat.Of(recordPath) is null)
        {
            return new Snapshot(folder, new Origin(Origin.Folder), selection.Ignored,
                [.. found.Select(f => new SnapshotFile(f.Key, f.Value.Length))]);
        }

        var record = SnapshotRecord.Parse(InputFile.Read(recordPath, SnapshotRecord.MaxLength), recordPath);
        Match(folder, record, found);
        return new Snapshot(folder, record.Origin, record.Ignored, record.Files);
    }

    /// <summary>A folder that is held to a record made just now.</summary>
    internal static Snapshot Of(string folder, SnapshotRecord record) => new(folder, record.Origin, record.Ignored, record.Files);

    /// <summary>The same bytes with a better known origin.</summary>
    public Snapshot WithOrigin(Origin origin) => new(Folder, origin, Ignored, Files);

    /// <summary>As <see cref="WithOrigin"/>, and the record says so too.</summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public Snapshot RecordOrigin(Origin origin)
    {
        AtomicFile.Write(Path.Combine(Folder, SnapshotRecord.Path), (ToRecord() with { Origin = origin }).ToJson());
        OutputMarker.Renew(Folder, SnapshotRecord.Path);
        return WithOrigin(origin);
    }

    /// <summary>Whether the data file is there.</summary>
    public bool Contains(string path) => byPath.ContainsKey(path);

    /// <summary>Reads a data file of at most <see cref="DataFiles.MaxLength"/> bytes.</summary>
    /// <exception cref="TdxException">
    /// Exit 3 (no such data file, link, too long, a git LFS pointer), 4 (differs from the record), 6 (unreadable).
    /// </exception>
    public byte[] Read(string path)
    {
        var file = Find(path);
        var bytes = InputFile.Read(Path.Combine(Folder, path), DataFiles.MaxLength, path);
        Check(file, bytes);
        return bytes;
    }

    /// <summary>
    /// As <see cref="Read(string)"/>, into a buffer that is kept for the next
    /// file: thousands of large arrays would be the collector's whole work.
    /// </summary>
    /// <returns>The file's bytes, in the buffer.</returns>
    /// <exception cref="TdxException">As above.</exception>
    public ReadOnlyMemory<byte> ReadInto(string path, ref byte[] buffer)
    {
        var file = Find(path);
        var bytes = InputFile.ReadInto(Path.Combine(Folder, path), DataFiles.MaxLength, path, ref buffer);
        Check(file, bytes.Span);
        return bytes;
    }

    private SnapshotFile Find(string path) => byPath.TryGetValue(path, out var file)
        ? file
        : throw new TdxException(ExitCode.BadInput, $"{Folder}: \"{path}\" is missing");

    private void Check(SnapshotFile file, ReadOnlySpan<byte> bytes)
    {
        if (file.Sha256 is not null && Hex.Sha256(bytes) is var got && got != file.Sha256)
        {
            throw new TdxException(ExitCode.VerificationFailed, $"{file.Path}: sha256 {got}, the snapshot's record says {file.Sha256}",
                "fetch the snapshot again");
        }

        new Selection(Folder, ExitCode.BadInput).CheckContent(file.Path, bytes);
    }

    /// <summary>The record: what was fetched, or, for a plain folder, what is computed from its bytes now.</summary>
    public SnapshotRecord ToRecord() => new(Origin, Ignored, [.. Files.Select(Hashed)]);

    private SnapshotFile Hashed(SnapshotFile file)
    {
        if (file.Sha256 is not null)
        {
            return file;
        }

        var bytes = Read(file.Path);
        return file with { Length = bytes.Length, Sha256 = Hex.Sha256(bytes), GitBlob = Hex.GitBlob(bytes) };
    }

    private static void Match(string folder, SnapshotRecord record, SortedList<string, FileStat> found)
    {
        foreach (var file in record.Files)
        {
            if (!found.TryGetValue(file.Path, out var stat) || stat.Length != file.Length)
            {
                var got = found.ContainsKey(file.Path) ? $"has {stat.Length} bytes, the snapshot's record says {file.Length}"
                    : "is missing";
                throw new TdxException(ExitCode.VerificationFailed, $"{folder}: \"{file.Path}\" {got}", "fetch the snapshot again");
            }
        }

        if (found.Count != record.Files.Count)
        {
            var extra = found.Keys.Except(record.Files.Select(file => file.Path)).First();
            throw new TdxException(ExitCode.VerificationFailed, $"{folder}: \"{extra}\" is not in the snapshot's record",
                "fetch the snapshot again");
        }
    }
}
