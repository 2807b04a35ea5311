using System.Runtime.ExceptionServices;

namespace TdxRelease.Core.Files;

/// <summary>Work on many things at once, by all processors, with the results in the order of the things.</summary>
public static class ParallelMap
{
    /// <summary>Applies a function to each item.</summary>
    /// <param name="items">The items.</param>
    /// <param name="function">Must not depend on the order of its calls.</param>
    /// <param name="workers">How many at a time; null for one a processor.</param>
    /// <returns>The results, in the order of the items.</returns>
    /// <exception cref="Exception">What the function threw, for the first item in order of those that failed, as it was thrown.</exception>
    public static TResult[] Select<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> function, int? workers = null) =>
        Select(items, () => 0, (item, _) => function(item), workers);

    /// <summary>As above, with something that each worker keeps from one item to the next.</summary>
    /// <param name="items">The items.</param>
    /// <param name="keep">Makes what a worker keeps.</param>
    /// <param name="function">Must not depend on the order of its calls.</param>
    /// <param name="workers">As above.</param>
    /// <exception cref="Exception">As above.</exception>
    public static TResult[] Select<T, TKept, TResult>(IReadOnlyList<T> items, Func<TKept> keep, Func<T, TKept, TResult> function,
        int? workers = null)
    {
        var results = new TResult[items.Count];
        var failures = new Exception?[items.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers ?? Environment.ProcessorCount };
        Parallel.For(0, items.Count, options, keep, (i, state, kept) =>
        {
            try
            {
                results[i] = function(items[i], kept);
            }
#pragma warning disable CA1031 // thrown again below, without the wrapper that Parallel puts around it
            catch (Exception e)
            {
                failures[i] = e;
                state.Break();
            }
#pragma warning restore CA1031

            return kept;
        }, _ => { });
        if (Array.Find(failures, f => f is not null) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return results;
    }
}
