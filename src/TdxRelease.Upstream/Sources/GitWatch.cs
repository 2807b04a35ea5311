using System.Diagnostics;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Sources;

/// <summary>Ends a git that says nothing for too long, takes too long, or fills the disk. Git itself bounds none of these.</summary>
internal sealed class GitWatch : IDisposable
{
    private readonly Process process;
    private readonly string repository;
    private readonly FetchLimits limits;
    private readonly CancellationTokenSource source;
    private readonly Timer timer;
    private readonly long started = Stopwatch.GetTimestamp();
    private long alive = Stopwatch.GetTimestamp();
    private volatile bool paused;
    private string? ended;

    public GitWatch(Process process, string repository, FetchLimits limits, CancellationToken cancellation)
    {
        (this.process, this.repository, this.limits) = (process, repository, limits);
        source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer = new Timer(_ => Poll(), null, 100, 100);
        source.Token.Register(Kill);
    }

    public CancellationToken Token => source.Token;

    public void Alive() => Volatile.Write(ref alive, Stopwatch.GetTimestamp());

    /// <summary>What git gave is being worked on: the time that a slow disk takes is not git's.</summary>
    public void Pause() => paused = true;

    /// <summary>Git is waited for again.</summary>
    public void Resume()
    {
        Alive();
        paused = false;
    }

    public void Kill()
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself in the meantime.
        }
    }

    /// <summary>Ends it if a bound is passed. Also called once at the end: a fetch may be over before the timer's first look.</summary>
    public void Poll()
    {
        if (!paused && Stopwatch.GetElapsedTime(Volatile.Read(ref alive)) > limits.Stall)
        {
            End($"no progress for {limits.Stall.TotalSeconds:0.#} seconds");
        }
        else if (Stopwatch.GetElapsedTime(started) > limits.Total)
        {
            End($"not done after {limits.Total.TotalSeconds:0.#} seconds");
        }
        else if (Size() is var size && size > limits.MaxDownload)
        {
            End($"more than {limits.MaxDownload} bytes");
        }
    }

    public void ThrowIfEnded(string name)
    {
        if (ended is not null)
        {
            throw new TdxException(ExitCode.Io, $"{name}: {ended}", "try again, or name a mirror");
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        source.Dispose();
    }

    private void End(string why)
    {
        if (Interlocked.CompareExchange(ref ended, why, null) is null)
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The run ended at the same moment.
            }
        }
    }

    private long Size()
    {
        try
        {
            return new DirectoryInfo(repository).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            return 0; // git moves its files about; the next look sees them
        }
    }
}
