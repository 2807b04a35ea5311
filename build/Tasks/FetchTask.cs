using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Stages;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Build.Tasks;

[TaskName("Fetch")]
[TaskDescription("Brings the source into an immutable snapshot and holds it against the lock")]
public sealed class FetchTask : AsyncFrostingTask<BuildContext>
{
    public override async Task RunAsync(BuildContext context)
    {
        var cache = ContentCache.DefaultRoot(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"), Environment.GetEnvironmentVariable("HOME"));
        var request = new FetchRequest(
            Source(context),
            context.Ref,
            context.Lock == "none" ? null : context.Lock is { } named ? BuildContext.ResolvePath(named) : Path.Combine(BuildContext.Checkout, LockFile.FileName),
            Path.Combine(Pipeline.Output(context), "snapshot"),
            new ContentCache(cache),
            context.Offline,
            SilentProgress.Instance);
        var fetched = await FetchStage.RunAsync(request, CancellationToken.None);
        context.Pipeline.Fetched = fetched;
        foreach (var difference in fetched.Drift)
        {
            context.Log.Warning($"differs from {LockFile.FileName}: {difference}");
        }

        context.Log.Information($"{fetched.Snapshot.Files.Count} files from {fetched.Snapshot.Origin.Url ?? fetched.Snapshot.Origin.Kind}{(fetched.Snapshot.Origin.Commit is { } commit ? $" at {commit}" : "")}");
    }

    // A path is relative to where the caller stood; a URL and "sample" are taken as they are.
    private static string? Source(BuildContext context) =>
        context.Source is { } source && source != FetchStage.SampleSource && Path.Exists(BuildContext.ResolvePath(source)) ? BuildContext.ResolvePath(source) : context.Source;
}
