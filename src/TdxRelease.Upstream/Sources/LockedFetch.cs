using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// Gets what a lock pins: from the cache, from the mirrors in order. Whatever comes is compared with the lock byte by byte.
/// </summary>
/// <param name="wanted">The lock.</param>
/// <param name="open">Makes the source of a mirror.</param>
public sealed class LockedFetch(LockFile wanted, Func<LockSource, ISource> open)
{
    /// <summary>With the sources of <see cref="SourceFactory"/>.</summary>
    public LockedFetch(LockFile wanted, SourceFactory factory)
        : this(wanted, mirror => factory.Mirror(mirror, wanted.Commit))
    {
    }

    /// <summary>Gets the snapshot.</summary>
    /// <param name="context">Target, cache, limits.</param>
    /// <param name="offline">Never touch a network; say what is missing instead.</param>
    /// <param name="cancellation">Ends it without a trace.</param>
    /// <exception cref="TdxException">
    /// Exit 7: a mirror has other bytes; exit 6: none can be reached, or offline and not in the cache.
    /// </exception>
    public async Task<Snapshot> RunAsync(FetchContext context, bool offline, CancellationToken cancellation)
    {
        if (context.Cache is { } cache)
        {
            var cached = new CacheSource(cache, wanted);
            if (await cached.TryFetchAsync(context, cancellation).ConfigureAwait(false) is { } snapshot)
            {
                return snapshot;
            }

            if (offline)
            {
                return await cached.FetchAsync(context, cancellation).ConfigureAwait(false);
            }
        }
        else if (offline)
        {
            throw new TdxException(ExitCode.Io, "offline without a cache: nothing to take the snapshot from",
                "name a directory with --source=FOLDER");
        }

        return await FromMirrorsAsync(context, cancellation).ConfigureAwait(false);
    }

    private async Task<Snapshot> FromMirrorsAsync(FetchContext context, CancellationToken cancellation)
    {
        // Beside the target first: a mirror with other bytes must not replace a good snapshot.
        TdxException? failure = null;
        foreach (var mirror in wanted.Sources)
        {
            try
            {
                return await FromMirrorAsync(open(mirror), context, cancellation).ConfigureAwait(false);
            }
            catch (TdxException e) when (e.Code is ExitCode.Io or ExitCode.Drift or ExitCode.BadInput)
            {
                context.Progress.Note($"{mirror.Url}: {e.Summary}");

                // Other bytes weigh more than a server that is down.
                failure = failure is { Code: ExitCode.Drift } ? failure : e.Code == ExitCode.Drift ? e : failure ?? e;
            }
        }

        throw failure ?? new TdxException(ExitCode.BadInput, $"{LockFile.FileName} names no source");
    }

    private async Task<Snapshot> FromMirrorAsync(ISource source, FetchContext context, CancellationToken cancellation)
    {
        var target = Path.GetFullPath(context.Target).TrimEnd('/');
        var aside = Path.Combine(Path.GetDirectoryName(target)!,
            $".{Path.GetFileName(target)}.{Environment.ProcessId}.{Guid.NewGuid():N}.fetch");
        try
        {
            var fetched = await source.FetchAsync(context with { Target = aside }, cancellation).ConfigureAwait(false);
            wanted.Require(fetched);
            using var writer = new SnapshotWriter(target, cache: null);
            foreach (var file in fetched.Files)
            {
                writer.Add(file.Path, fetched.Read(file.Path), file.Source ?? source.Name);
            }

            var snapshot = writer.Commit(fetched.Origin.ProvenBy(wanted), fetched.Ignored);
            context.Cache?.StoreCommit(snapshot.ToRecord());
            return snapshot;
        }
        finally
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }
        }
    }
}
