using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Release.History;

/// <summary>The locked state with all its facts where its files can still be had, else with its hashes alone.</summary>
public static class LockedState
{
    /// <summary>The state; fetches files only where the cache or a mirror has them.</summary>
    public static async Task<DriftState> OfAsync(LockFile locked, string name, FetchContext context, CancellationToken cancellation)
    {
        try
        {
            var snapshot = await new LockedFetch(locked, new SourceFactory(NewestState.Download))
                .RunAsync(context, offline: false, cancellation);
            var state = DriftState.Of(snapshot);
            return state with { Side = state.Side with { Name = name } };
        }
        catch (TdxException)
        {
            // A commit that vanished, or a mapping file that a newer tool refuses: what is known is compared.
            return DriftState.Of(locked, name);
        }
    }
}
