using System.Runtime.ExceptionServices;

namespace TdxRelease.Release.Packaging;

/// <summary>Pieces of work that need nothing of each other.</summary>
internal static class Jobs
{
    /// <summary>Runs all of them, a thread each: a job that waits for another's compressed block must not keep a third one from starting.</summary>
    /// <exception cref="Exception">What the first of those that failed threw, when all have ended.</exception>
    public static void Run(IEnumerable<Action> jobs)
    {
        var tasks = jobs.Select(job => Task.Factory.StartNew(job, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        try
        {
            Task.WaitAll(tasks);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
