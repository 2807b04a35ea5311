namespace TdxRelease.Core.Files;

/// <summary>A piece of work that runs ahead, and its result until that is taken.</summary>
/// <typeparam name="T">Its result.</typeparam>
public sealed class Piece<T>
{
    internal Piece()
    {
    }

    /// <summary>Null once the result is taken.</summary>
    internal Task<T>? Task { get; set; }

    internal long Weight { get; set; }
}

/// <summary>
/// Work that runs ahead of the one who waits for it: so many pieces at a time, as long
/// as the results that wait to be taken weigh no more than a limit. A result that
/// was taken is let go of. Adding and taking is for one thread.
/// </summary>
/// <param name="workers">How many pieces run at a time.</param>
/// <param name="limit">No piece begins while the results that wait weigh more than this.</param>
public sealed class Ahead(int workers, long limit)
{
    private readonly Lock gate = new();
    private readonly Queue<Task> waiting = new();
    private int running;
    private long held;

    /// <summary>Adds a piece of work behind all others.</summary>
    /// <param name="work">Must not depend on pieces that were added later.</param>
    /// <param name="weigh">What the result weighs until it is taken; nothing where null.</param>
    public Piece<T> Add<T>(Func<T> work, Func<T, long>? weigh = null)
    {
        var piece = new Piece<T>();
        var task = new Task<T>(() =>
        {
            try
            {
                var result = work();
                piece.Weight = weigh?.Invoke(result) ?? 0;
                return result;
            }
            finally
            {
                Change(-1, piece.Weight);
            }
        });
        piece.Task = task;
        lock (gate)
        {
            waiting.Enqueue(task);
        }

        Change(0, 0);
        return piece;
    }

    /// <summary>
    /// The result of a piece. Each is taken once and in the order in which they were
    /// added, but for those that weigh nothing: what is waited for begins, because
    /// nothing behind it has begun that could weigh too much.
    /// </summary>
    /// <exception cref="Exception">What the work threw, as it was thrown.</exception>
    public T Take<T>(Piece<T> piece)
    {
        var task = piece.Task ?? throw new InvalidOperationException("the result was taken before");
        piece.Task = null;
        try
        {
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            Change(0, -piece.Weight);
        }
    }

    // And begins what may begin now.
    private void Change(int run, long weight)
    {
        lock (gate)
        {
            running += run;
            held += weight;
            while (running < workers && held <= limit && waiting.TryDequeue(out var next))
            {
                running++;
                next.Start(TaskScheduler.Default);
            }
        }
    }
}
