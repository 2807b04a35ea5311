using TdxRelease.Samples;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Fetching;

/// <summary>Writes the synthetic upstream: labelled TEST, the same bytes each time, refused by every policy but its own.</summary>
public static class SampleStage
{
    /// <summary>Writes the sample as a snapshot folder.</summary>
    /// <param name="target">The folder; replaced as a whole.</param>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 6.</exception>
    public static Snapshot Create(string target)
    {
        using var writer = new SnapshotWriter(target, cache: null);
        foreach (var (path, bytes) in SampleUpstream.Create())
        {
            writer.Add(path, bytes, FetchStage.SampleSource);
        }

        // The made-up sigstruct dates lie in the future; a release of the sample has a day of its own.
        return writer.Commit(new Origin(FetchStage.SampleSource, Date: new DateOnly(2026, 1, 1)), ignored: 0);
    }
}
