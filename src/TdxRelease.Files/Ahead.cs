using System.Runtime.ExceptionServices;

namespace TdxRelease.Files;

/// <summary>A piece of work that runs ahead, and its result until that is taken.</summary>
/// <typeparam name="T">Its result.</typeparam>
public sealed class Piece<T>
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ExceptionDispatchInfo? failure;
    private T? result;
    private bool taken;

    internal Piece()
    {
    }

    internal long Weight { get; private set; }

    internal void Run(Func<T> work, Func<T, long>? weigh)
    {
        try
        {
            result = work();
            Weight = weigh?.Invoke(result) ?? 0;
        }
#pragma warning disable CA1031 // thrown again for the one who takes the result
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
        }
#pragma warning restore CA1031
    }

    internal void Done() => done.SetResult();

    internal T Take()
    {
        if (taken)
        {
            throw new InvalidOperationException("the result was taken before");
        }

        taken = true;
        done.Task.GetAwaiter().GetResult();
        failure?.Throw();
        var value = result!;
        result = default;
        return value;
    }
}

/// <summary>
/// Work that runs ahead of the one who waits for it: so many pieces at a time, as long as the results that wait to be taken weigh no more than a limit. A result that
/// was taken is let go of. Adding and taking is for one thread.
/// </summary>
/// <param name="workers">How many pieces run at a time.</param>
/// <param name="limit">No piece begins while the results that wait weigh more than this.</param>
public sealed class Ahead(int workers, long limit)
{
    private readonly Lock gate = new();
    private readonly Queue<Action> waiting = new();
    private int running;
    private long held;

    /// <summary>Adds a piece of work behind all others.</summary>
    /// <param name="work">Must not depend on pieces that were added later.</param>
    /// <param name="weigh">What the result weighs until it is taken; nothing where null.</param>
    public Piece<T> Add<T>(Func<T> work, Func<T, long>? weigh = null)
    {
        var piece = new Piece<T>();
        lock (gate)
        {
            waiting.Enqueue(() => Run(piece, work, weigh));
            Begin();
        }

        return piece;
    }

    /// <summary>
    /// The result of a piece. Each is taken once and in the order in which they were added, but for those that weigh nothing: what is waited for begins, because
    /// nothing behind it has begun that could weigh too much.
    /// </summary>
    /// <exception cref="Exception">What the work threw, as it was thrown.</exception>
    public T Take<T>(Piece<T> piece)
    {
        try
        {
            return piece.Take();
        }
        finally
        {
            lock (gate)
            {
                held -= piece.Weight;
                Begin();
            }
        }
    }

    private void Run<T>(Piece<T> piece, Func<T> work, Func<T, long>? weigh)
    {
        piece.Run(work, weigh);
        lock (gate)
        {
            running--;
            held += piece.Weight;
            Begin();
        }

        piece.Done();
    }

    private void Begin()
    {
        while (running < workers && held <= limit && waiting.TryDequeue(out var next))
        {
            running++;
            _ = Task.Run(next);
        }
    }
}
