using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Sources;

/// <summary>Files whose hashes are known, out of the cache. Every content is hashed on the way.</summary>
/// <param name="cache">Where they are looked for.</param>
/// <param name="record">What is wanted.</param>
public sealed class CacheSource(ContentCache cache, SnapshotRecord record) : ISource
{
    private const int Shown = 10;

    /// <summary>What a lock pins, from where it was fetched: the lock may name another place by now.</summary>
    public CacheSource(ContentCache cache, LockFile wanted)
        : this(cache, RecordOf(cache, wanted))
    {
    }

    /// <inheritdoc/>
    public string Name => $"cache of {record.Origin.Url ?? $"commit {record.Origin.Commit}"}";

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <summary>Paths that the cache does not have, or has damaged.</summary>
    public IReadOnlyList<string> Missing() =>
        [.. ParallelMap.Select(record.Files, file => cache.TryRead(file.Sha256!, file.Length) is null ? file.Path : null).OfType<string>()];

    /// <inheritdoc/>
    public async Task<Snapshot> FetchAsync(FetchContext context, CancellationToken cancellation) =>
        await TryFetchAsync(context, cancellation).ConfigureAwait(false) ?? throw Incomplete(Missing());

    /// <summary>As <see cref="FetchAsync"/>, but null where something is missing.</summary>
    public Task<Snapshot?> TryFetchAsync(FetchContext context, CancellationToken cancellation)
    {
        using var writer = new SnapshotWriter(context.Target, cache: null);
        foreach (var file in record.Files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (cache.TryRead(file.Sha256!, file.Length) is not { } bytes)
            {
                return Task.FromResult<Snapshot?>(null);
            }

            writer.Add(file.Path, bytes, file.Source ?? record.Origin.Url ?? "cache");
        }

        context.Progress.Note($"reused {record.Files.Count} files of commit {record.Origin.Commit} from the cache");
        return Task.FromResult<Snapshot?>(writer.Commit(record.Origin, record.Ignored));
    }

    private TdxException Incomplete(IReadOnlyList<string> missing)
    {
        return new TdxException(
            ExitCode.Io,
            $"offline: {missing.Count} of {record.Files.Count} files of commit {record.Origin.Commit} "
            + $"are not in the cache \"{cache.Root}\"",
            "run once without --offline, or name a directory with --source=FOLDER",
            lines: [.. missing.Take(Shown), .. missing.Count > Shown ? [$"and {missing.Count - Shown} more"] : (string[])[]]);
    }

    private static SnapshotRecord RecordOf(ContentCache cache, LockFile wanted)
    {
        var fetched = cache.Commits(wanted.Commit).FirstOrDefault(record => LockDifference.Between(wanted, record).Count == 0);
        return fetched is not null
            ? fetched with { Origin = fetched.Origin.ProvenBy(wanted) }
            : new SnapshotRecord(
                new Origin(Origin.Folder).ProvenBy(wanted),
                0,
                [.. wanted.Files.Select(file => new SnapshotFile(file.Path, file.Length, file.Sha256))]);
    }
}
