using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.Fetching;

/// <summary>The newest state of upstream, of which only what is new is transferred.</summary>
public static class NewestState
{
    /// <summary>How https is spoken, from the usual variables.</summary>
    public static DownloadOptions Download => new() { AuthoritiesFile = Environment.GetEnvironmentVariable("SSL_CERT_FILE") };

    /// <summary>Fetches a source, or the tip of the locked branch from the first mirror that answers.</summary>
    /// <param name="locked">The lock, or null where there is none yet.</param>
    /// <param name="source">Instead of the lock's mirrors; null for them.</param>
    /// <param name="reference">Branch, tag or commit; null for the locked branch, or the source's default.</param>
    /// <param name="context">Target, cache, progress.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="TdxException">Exit 2 (nothing to fetch from), 3, 6, 7.</exception>
    public static async Task<Snapshot> FetchAsync(LockFile? locked, string? source, string? reference, FetchContext context,
        CancellationToken cancellation) =>
        (await FetchAsync(locked, source, reference, context, () => false, cancellation)).Snapshot!;

    /// <summary>
    /// As above, but fetches nothing where upstream is at the locked commit and <paramref name="known"/> says that all about it is known.
    /// </summary>
    /// <returns>The snapshot, or null in that case; and where it came from.</returns>
    public static async Task<(Snapshot? Snapshot, Origin Origin)> FetchAsync(
        LockFile? locked, string? source, string? reference, FetchContext context, Func<bool> known, CancellationToken cancellation)
    {
        var factory = new SourceFactory(Download);
        if (source is not null)
        {
            var opened = factory.Open(source, reference);
            return opened is GitSource git ? await TipAsync(git, source, locked, context, known, cancellation)
                : Fetched(await opened.FetchAsync(context, cancellation));
        }

        if (locked is null)
        {
            throw new TdxException(ExitCode.Usage, "neither a source nor a lock is given", "--source GIT-URL");
        }

        TdxException? failure = null;
        foreach (var mirror in locked.Sources.Where(m => m.Kind == Origin.Git))
        {
            try
            {
                return await TipAsync(new GitSource(mirror.Url, reference ?? locked.Branch), mirror.Url, locked, context, known,
                    cancellation);
            }
            catch (TdxException e) when (e.Code == ExitCode.Io)
            {
                context.Progress.Note($"{mirror.Url}: {e.Summary}");
                failure ??= e;
            }
        }

        throw failure ?? new TdxException(ExitCode.Usage, "the lock names no git repository, so the newest commit is unknown",
            "--source GIT-URL or --source ARCHIVE");
    }

    private static async Task<(Snapshot? Snapshot, Origin Origin)> TipAsync(
        GitSource git, string url, LockFile? locked, FetchContext context, Func<bool> known, CancellationToken cancellation)
    {
        var commit = await git.ResolveAsync(context, cancellation);
        if (commit == locked?.Commit)
        {
            var origin = new Origin(Origin.Git, git.Name, locked.Commit, locked.Tree, locked.Date);
            return known() ? (null, origin)
                : Fetched((await new LockedFetch(locked, new SourceFactory(Download)).RunAsync(context, offline: false, cancellation))
                .WithOrigin(origin));
        }

        return Fetched(context.Cache?.TryReadCommit(commit) is { } record
            && await new CacheSource(context.Cache, record).TryFetchAsync(context, cancellation) is { } cached
            ? cached
            : await new GitSource(url, git.Reference).FetchAsync(context, cancellation));
    }

    private static (Snapshot Snapshot, Origin Origin) Fetched(Snapshot snapshot) => (snapshot, snapshot.Origin);
}
