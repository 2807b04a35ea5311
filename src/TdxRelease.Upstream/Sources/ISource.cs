using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Sources;

/// <summary>Where upstream's data can be had.</summary>
public interface ISource
{
    /// <summary>URL or path for messages, without credentials.</summary>
    string Name { get; }

    /// <summary>Whether it can be asked without a network.</summary>
    bool IsLocal { get; }

    /// <summary>Writes a snapshot folder under <see cref="FetchContext.Target"/>, complete or not at all.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 6 (fetching), 3 (a bad local source).</exception>
    Task<Snapshot> FetchAsync(FetchContext context, CancellationToken cancellation);
}

/// <summary>What every fetch needs besides its source.</summary>
/// <param name="Target">Folder of the snapshot; what stands there is replaced at the end.</param>
/// <param name="Cache">Where contents are kept; null for none.</param>
/// <param name="Progress">Who is told.</param>
/// <param name="Limits">How much is taken at most.</param>
public sealed record FetchContext(string Target, ContentCache? Cache, IProgressSink Progress, FetchLimits Limits)
{
    /// <summary>Silent, with the usual limits.</summary>
    public FetchContext(string target, ContentCache? cache = null)
        : this(target, cache, SilentProgress.Instance, new FetchLimits())
    {
    }
}

/// <summary>Bounds that turn a hostile or broken server into an error instead of a full disk or an endless wait.</summary>
public sealed record FetchLimits
{
    /// <summary>Most bytes of one download or git fetch: 1 GiB (upstream with its whole history is under 100 MiB).</summary>
    public long MaxDownload { get; init; } = 1L << 30;

    /// <summary>Most bytes that an archive may unpack to, scripts and documents included: 2 GiB.</summary>
    public long MaxUnpacked { get; init; } = 2L << 30;

    /// <summary>A transfer without a byte for so long has failed.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time for a whole transfer.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often a broken download is tried, the first time included.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Wait before the second attempt; doubled for each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Who is told how far a fetch is. The library never writes to a console itself.</summary>
public interface IProgressSink
{
    /// <summary>Something has begun or moved on.</summary>
    /// <param name="activity">What, in a few words; the same words until it is done.</param>
    /// <param name="done">Bytes or objects so far.</param>
    /// <param name="total">Of how many, or null where nobody knows.</param>
    void Report(string activity, long done, long? total);

    /// <summary>A line worth keeping: a mirror that failed, a cache that was used.</summary>
    void Note(string line);
}

/// <summary>Tells nobody.</summary>
public sealed class SilentProgress : IProgressSink
{
    /// <summary>The only one.</summary>
    public static SilentProgress Instance { get; } = new();

    /// <inheritdoc/>
    public void Report(string activity, long done, long? total)
    {
    }

    /// <inheritdoc/>
    public void Note(string line)
    {
    }
}
