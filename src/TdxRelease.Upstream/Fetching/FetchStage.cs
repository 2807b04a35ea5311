using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.Fetching;

/// <summary>What to fetch and where to put it.</summary>
/// <param name="Source">Folder, git repository, archive, <c>sample</c>; null takes what the lock pins.</param>
/// <param name="Reference">Branch, tag or commit of a git source.</param>
/// <param name="Lock">The lock file; null where none is to be looked at.</param>
/// <param name="Target">Folder of the snapshot; replaced as a whole.</param>
/// <param name="Cache">Content cache, or null.</param>
/// <param name="Offline">Never touch the network.</param>
/// <param name="Progress">Who is told.</param>
public sealed record FetchRequest(string? Source, string? Reference, string? Lock, string Target, ContentCache? Cache, bool Offline,
    IProgressSink Progress)
{
    /// <summary>Takes a git working tree whose data files differ from its commit, and marks it.</summary>
    public bool AllowDirty { get; init; }

    /// <summary>URL of a git working tree's repository; null takes the lock's, else that of its remote.</summary>
    public string? UpstreamUrl { get; init; }
}

/// <summary>A fetched snapshot.</summary>
/// <param name="Snapshot">Immutable from here on.</param>
/// <param name="Drift">Differences from the lock, where the source was named by the user; empty where it matches or has no lock.</param>
/// <param name="Sample">It is the synthetic sample.</param>
public sealed record Fetched(Snapshot Snapshot, IReadOnlyList<LockDifference> Drift, bool Sample)
{
    /// <summary>Ends the run where a valid source is not the locked one.</summary>
    /// <exception cref="TdxException">Exit 7 with a list.</exception>
    public void RequireLocked()
    {
        if (Drift.Count > 0)
        {
            throw LockDifference.Error(Snapshot.Folder, Drift);
        }
    }
}

/// <summary>Brings a source into a snapshot folder and compares it with the lock (docs/decisions/0006-lock.md).</summary>
public static class FetchStage
{
    /// <summary>The name of the built-in source.</summary>
    public const string SampleSource = "sample";

    /// <summary>Fetches.</summary>
    /// <exception cref="TdxException">Exit 3, 6 or 7.</exception>
    public static async Task<Fetched> RunAsync(FetchRequest request, CancellationToken cancellation)
    {
        // Before anything is fetched; the writer asks again.
        OutputPath.RequireApart(request.Target, request.Source, request.Lock);
        OutputGuard.Require(request.Target);
        if (request.Source == SampleSource)
        {
            return new Fetched(SampleStage.Create(request.Target), [], Sample: true);
        }

        var locked = request.Lock is null ? null : LockFile.Read(request.Lock);
        var context = new FetchContext(request.Target, request.Cache) { Progress = request.Progress };
        if (request.Source is null)
        {
            if (locked is null)
            {
                throw new TdxException(ExitCode.Usage, "neither a source nor a lock is given", "--source=FOLDER, or --source=sample");
            }

            return await FromLockAsync(locked, context, request.Offline, cancellation);
        }

        var source = Open(request);
        if (request.Offline && !source.IsLocal)
        {
            throw new TdxException(ExitCode.Io, $"offline, and \"{source.Name}\" is not local");
        }

        var snapshot = await source.FetchAsync(context, cancellation);
        IReadOnlyList<LockDifference> drift = locked?.Compare(snapshot) ?? [];
        return new Fetched(locked is not null && drift.Count == 0 ? snapshot.RecordOrigin(OriginOf(locked, request.UpstreamUrl)) : snapshot,
            drift, Sample: false);
    }

    // What is checked out is what the user sees in the folder; a reference asks for something else.
    private static ISource Open(FetchRequest request)
    {
        if (request.Reference is null && WorkingTree.Is(request.Source!))
        {
            return new WorkingTree(request.Source!, LocalSnapshot.Options(request.AllowDirty, request.UpstreamUrl, request.Lock));
        }

        return request.UpstreamUrl is null
            ? new SourceFactory(NewestState.Download).Open(request.Source!, request.Reference)
            : throw new TdxException(ExitCode.Usage, "--upstream-url is for a git working tree as --source, without --ref");
    }

    private static async Task<Fetched> FromLockAsync(LockFile locked, FetchContext context, bool offline, CancellationToken cancellation)
    {
        try
        {
            var snapshot = await new LockedFetch(locked, new SourceFactory(NewestState.Download)).RunAsync(context, offline, cancellation);
            return new Fetched(snapshot, [], Sample: false);
        }
        catch (TdxException e) when (e.Code == ExitCode.Io && !offline)
        {
            throw new TdxException(e.Code, e.Summary,
                "without network: --source=sample for the built-in sample, or --source=FOLDER for a copy of Intel's repository", e,
                e.Lines);
        }
    }

    // The user named a copy, all bytes of which match the lock: the repository is the lock's.
    private static Origin OriginOf(LockFile locked, string? url)
    {
        var named = locked.Sources.FirstOrDefault(source => source.Kind == Origin.Git) ?? locked.Sources[0];
        return new Origin(named.Kind, url ?? named.Url.Replace("{commit}", locked.Commit, StringComparison.Ordinal), locked.Commit,
            locked.Tree, locked.Date);
    }
}
