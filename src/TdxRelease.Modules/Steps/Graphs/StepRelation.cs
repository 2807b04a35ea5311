namespace TdxRelease.Modules.Steps;

/// <summary>
/// Which release may replace which, by the update rules alone: one row of bits a target, one bit a source. Processor, loader and debug are properties of the target and
/// only mask rows, so that all graphs of a snapshot share one relation (10,000 releases: 12.5 MB), and edges are made only when somebody looks at them.
/// </summary>
internal sealed class StepRelation
{
    private readonly ulong[] bits;
    private readonly int words;

    /// <param name="releases">Sorted by version.</param>
    public StepRelation(IReadOnlyList<ReleaseFacts> releases)
    {
        words = (releases.Count + 63) / 64;
        bits = new ulong[checked(words * releases.Count)];
        var svns = new int[releases.Count];
        for (var i = 0; i < releases.Count; i++)
        {
            // A source that cannot be updated gets an SVN major that nothing has.
            svns[i] = (releases[i].Features0 & TdxFeatures0.TdPreserving) != 0 ? releases[i].Svn.Value : -1;
        }

        for (var to = 0; to < releases.Count; to++)
        {
            Fill(releases, svns, to);
        }
    }

    /// <summary>Whether the release may replace the older one at runtime.</summary>
    public bool Allows(int from, int to) => (bits[(to * words) + (from >> 6)] & (1UL << (from & 63))) != 0;

    /// <summary>The sources of a target, one bit each.</summary>
    public ReadOnlySpan<ulong> Sources(int to) => bits.AsSpan(to * words, words);

    /// <summary>The releases below a target are its line's, backwards to min_module_version: sorted input makes three of the rules one loop bound.</summary>
    private void Fill(IReadOnlyList<ReleaseFacts> releases, int[] svns, int to)
    {
        var target = releases[to];
        var svn = (int)target.Svn.Value;
        var row = bits.AsSpan(to * words, words);
        for (var from = to - 1; from >= 0 && releases[from].Version.SameLine(target.Version) && releases[from].Version >= target.MinModule; from--)
        {
            var source = svns[from];
            if (source >> 8 == svn >> 8 && source <= svn)
            {
                row[from >> 6] |= 1UL << (from & 63);
            }
        }
    }
}
