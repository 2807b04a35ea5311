namespace TdxRelease.Files;

/// <summary>A piece of work that runs ahead, and its result until that is taken.</summary>
/// <typeparam name="T">Its result.</typeparam>
public sealed class Piece<T>
{
    internal Piece(Func<T> work) => Task = new Task<T>(work);

    internal Task<T>? Task { get; set; }
}

/// <summary>
/// Work that runs ahead of the one who waits for it. So many pieces at a time are under way or wait to be taken, and what was taken is let go of: what they hold
/// stays bounded. Adding and taking is for one thread.
/// </summary>
/// <param name="width">How many pieces run ahead; with 0, each runs when it is taken.</param>
public sealed class Ahead(int width)
{
    private readonly Queue<Task> waiting = new();
    private int begun;

    /// <summary>Adds a piece of work behind all others.</summary>
    /// <param name="work">Must not depend on pieces that were added later.</param>
    public Piece<T> Add<T>(Func<T> work)
    {
        var piece = new Piece<T>(work);
        if (width > 0)
        {
            waiting.Enqueue(piece.Task!);
            Begin();
        }

        return piece;
    }

    /// <summary>The result of a piece. Each is taken once, in the order in which they were added.</summary>
    /// <exception cref="Exception">What the work threw, as it was thrown.</exception>
    public T Take<T>(Piece<T> piece)
    {
        var task = piece.Task ?? throw new InvalidOperationException("the result was taken before");
        piece.Task = null;
        if (width == 0)
        {
            task.RunSynchronously(TaskScheduler.Default);
            return task.GetAwaiter().GetResult();
        }

        try
        {
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            begun--;
            Begin();
        }
    }

    private void Begin()
    {
        while (begun < width && waiting.TryDequeue(out var next))
        {
            begun++;
            next.Start(TaskScheduler.Default);
        }
    }
}
