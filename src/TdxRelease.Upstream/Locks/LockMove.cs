using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Upstream.Locks;

/// <summary>
/// A lock moves forward only: an attacker who can serve an old state of upstream must not be able to bring back an old module (rollback).
/// </summary>
public static class LockMove
{
    /// <summary>Throws unless <paramref name="next"/> is a later state than <paramref name="current"/>.</summary>
    /// <param name="current">The lock as it is.</param>
    /// <param name="next">The lock as it would become.</param>
    /// <param name="descends">Whether the new commit descends from the old one; null where the source has no history (archives).</param>
    /// <exception cref="TdxException">
    /// Exit 7: not a descendant (a force-pushed branch), an older date, or an older newest release of a line.
    /// </exception>
    public static void RequireForward(LockFile current, LockFile next, bool? descends)
    {
        if (current.Commit == next.Commit || descends == true)
        {
            return;
        }

        if (descends == false)
        {
            throw Backward($"commit {next.Commit} does not descend from the locked commit {current.Commit}: "
                + "the branch was force-pushed or rolled back");
        }

        if (next.Date < current.Date)
        {
            throw Backward($"commit {next.Commit} is of {next.Date:yyyy-MM-dd}, the locked commit of {current.Date:yyyy-MM-dd}");
        }

        var newest = Newest(next);
        foreach (var (line, version) in Newest(current))
        {
            if (!newest.TryGetValue(line, out var now) || now < version)
            {
                var after = newest.ContainsKey(line) ? now.ToString() : "nothing";
                throw Backward($"the newest release of line {version.LineName} would go from {version} to {after}");
            }
        }
    }

    /// <summary>
    /// Finds out whether the commit of <paramref name="next"/> descends from the
    /// locked one, where one of the next lock's mirrors is a git repository.
    /// </summary>
    /// <returns>Null where no mirror has a history.</returns>
    /// <exception cref="TdxException">Exit 6: none of the repositories can be reached.</exception>
    public static async Task<bool?> DescendsAsync(LockFile current, LockFile next, FetchContext context, CancellationToken cancellation)
    {
        if (current.Commit == next.Commit)
        {
            return true;
        }

        TdxException? failure = null;
        foreach (var mirror in next.Sources.Where(source => source.Kind == Origin.Git))
        {
            try
            {
                return await new GitSource(mirror.Url, next.Commit).DescendsFromAsync(current.Commit, context, cancellation)
                    .ConfigureAwait(false);
            }
            catch (TdxException e) when (e.Code == ExitCode.Io)
            {
                failure ??= e;
            }
        }

        return failure is null ? null : throw failure;
    }

    private static Dictionary<(ushort, ushort), ModuleVersion> Newest(LockFile state) => state.Files
        .Select(file => DataFiles.VersionOf(file.Path))
        .Where(text => text is not null)
        .Select(text => ModuleVersion.TryParse(text, out var version) ? version : default)
        .GroupBy(version => version.Line)
        .ToDictionary(group => group.Key, group => group.Max());

    private static TdxException Backward(string what) => new(ExitCode.Drift, what, "--allow-backward moves the lock all the same");
}
