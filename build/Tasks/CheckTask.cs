using Cake.Core.Diagnostics;
using Cake.Frosting;
using TdxRelease.Core;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;

namespace TdxRelease.Build.Tasks;

[TaskName("Check")]
[TaskDescription("Compares the newest state of upstream with the lock; writes check.md, reports and the patch of the lock")]
public sealed class CheckTask : AsyncFrostingTask<BuildContext>
{
    public override async Task RunAsync(BuildContext context)
    {
        var target = Path.Combine(Pipeline.Output(context), "check");
        OutputPath.RequireApart(target, FetchTask.Source(context));
        OutputGuard.Require(target);
        var cache = ContentCache.DefaultRoot(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"),
            Environment.GetEnvironmentVariable("HOME"));
        var result = await CheckStage.RunAsync(
            new CheckRequest(
                FetchTask.Source(context),
                context.Ref,
                context.Lock is { } named ? BuildContext.ResolvePath(named) : Path.Combine(BuildContext.Checkout, LockFile.FileName),
                new ContentCache(cache),
                Pipeline.Policy(context),
                Pipeline.Strictness(context),
                SourceDateEpoch.FromEnvironment() ?? TimeProvider.System.GetUtcNow(),
                new LogProgress(context.Log)),
            CancellationToken.None);
        using var folder = new AtomicFolder(target);
        CheckStage.Write(result, folder);
        folder.Commit();
        var shown = Path.GetRelativePath(BuildContext.Checkout, target);
        if (result.ExitCode != ExitCode.Success)
        {
            throw Pipeline.Failed(result.ExitCode, result.Report.Findings.Where(f => f.Fails),
                $"{shown}/check.md is the whole page");
        }

        context.Log.Information(result.Changed
            ? $"changed and safe: git apply {shown}/lock.patch moves the lock to {result.Newest}"
            : $"unchanged: upstream is at the locked commit {result.Locked}");
    }
}
