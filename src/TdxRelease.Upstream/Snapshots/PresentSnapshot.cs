using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.Snapshots;

/// <summary>The snapshot that an earlier run left where this one is to put its own.</summary>
public static class PresentSnapshot
{
    /// <summary>The snapshot at the target, every byte of it hashed now and held to its record; null where there is none, it is damaged, or nothing is to be reused.</summary>
    public static Snapshot? Of(FetchContext context)
    {
        if (!context.Reuse || FileStat.Of(Path.Combine(context.Target, SnapshotRecord.Path)) is null)
        {
            return null;
        }

        try
        {
            var snapshot = Snapshot.Open(context.Target);
            _ = SideBySide.Select(snapshot.Files, file => snapshot.Read(file.Path).Length);
            return snapshot;
        }
        catch (TdxException e)
        {
            context.Progress.Note($"fetching again: {e.Summary}");
            return null;
        }
    }
}
