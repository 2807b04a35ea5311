using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Locks;

namespace TdxRelease.Build.Tasks;

[TaskName("Fetch")]
[TaskDescription("Brings the source into an immutable snapshot and compares it with the lock")]
public sealed class FetchTask : AsyncFrostingTask<BuildContext>
{
    public override async Task RunAsync(BuildContext context)
    {
        var target = Path.Combine(Pipeline.Output(context), "snapshot");
        if (Pipeline.IsSample(context))
        {
            context.Pipeline.Fetched = new Fetched(SampleStage.Create(target), [], Sample: true);
        }
        else
        {
            context.Pipeline.Fetched = await FetchStage.RunAsync(Request(context, target), CancellationToken.None);
        }

        var fetched = context.Pipeline.Fetched;
        foreach (var difference in fetched.Drift)
        {
            context.Log.Warning($"differs from {LockFile.FileName}: {difference}");
        }

        var origin = fetched.Snapshot.Origin;
        var at = origin.Commit is { } commit ? $" at {commit}" : "";
        context.Log.Information($"{fetched.Snapshot.Files.Count} files from {origin.Url ?? origin.Kind}{at}");
    }

    private static FetchRequest Request(BuildContext context, string target) => new(
        Source(context),
        context.Ref,
        context.Lock == "none" ? null : context.Lock is { } named ? BuildContext.ResolvePath(named)
            : Path.Combine(BuildContext.Checkout, LockFile.FileName),
        target,
        new ContentCache(ContentCache.DefaultRoot(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"),
            Environment.GetEnvironmentVariable("HOME"))),
        context.Offline,
        new LogProgress(context.Log))
    {
        AllowDirty = context.AllowDirty,
        UpstreamUrl = context.UpstreamUrl,
    };

    /// <summary>The source: a path is relative to where the caller stood, a URL is taken as it is.</summary>
    internal static string? Source(BuildContext context) =>
        context.Source is { } source && Path.Exists(BuildContext.ResolvePath(source)) ? BuildContext.ResolvePath(source) : context.Source;
}
