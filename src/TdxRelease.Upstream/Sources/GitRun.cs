using System.Diagnostics;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// One started git with its three streams. The first thing that fails ends
/// the process, so that nothing waits for a pipe that nobody empties.
/// </summary>
internal sealed class GitRun : IDisposable
{
    private const int KeptErrors = 100_000;

    private readonly Process process;
    private readonly GitWatch watch;
    private readonly string name;
    private readonly CancellationToken cancellation;

    public GitRun(Process process, string repository, FetchLimits limits, string name, CancellationToken cancellation)
    {
        (this.process, this.name, this.cancellation) = (process, name, cancellation);
        watch = new GitWatch(process, repository, limits, cancellation);
    }

    public async Task<(int Exit, string Output, string Errors)> ToEndAsync(Action<string>? progress, Func<Stream, Task>? input,
        Func<Stream, Task>? output)
    {
        var text = new StringBuilder();
        var errors = new StringBuilder();
        Task[] tasks =
        [
            KillOnFailure(() => ReadErrorsAsync(errors, progress)),
            KillOnFailure(() => FeedAsync(input)),
            KillOnFailure(() => TakeAsync(output ?? (stream => ReadTextAsync(stream, text)))),
        ];
        try
        {
            await Task.WhenAll(tasks).ConfigureAwait(false);
            await process.WaitForExitAsync(watch.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or TdxException)
        {
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            watch.ThrowIfEnded(name);
            cancellation.ThrowIfCancellationRequested();

            // What our own code found wrong says more than the broken pipe that followed; git's own failure more than either pipe.
            var ours = tasks.Select(task => task.Exception?.InnerException).OfType<TdxException>().FirstOrDefault();
            if (ours is not null || process.ExitCode == 0)
            {
                throw ours ?? new TdxException(ExitCode.Io, $"{name}: git ended early", inner: e);
            }
        }

        watch.Poll();
        watch.ThrowIfEnded(name);
        return (process.ExitCode, text.ToString(), errors.ToString());
    }

    public void Dispose()
    {
        watch.Kill();
        watch.Dispose();
        process.Dispose();
    }

    private async Task KillOnFailure(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch
        {
            watch.Kill();
            throw;
        }
    }

    private async Task TakeAsync(Func<Stream, Task> output)
    {
        using var stream = new WatchedStream(process.StandardOutput.BaseStream, watch);
        await output(stream).ConfigureAwait(false);
        watch.Resume();
    }

    private async Task ReadErrorsAsync(StringBuilder text, Action<string>? progress)
    {
        var line = new StringBuilder();
        var buffer = new char[4096];
        int n;
        while ((n = await process.StandardError.ReadAsync(buffer, watch.Token).ConfigureAwait(false)) > 0)
        {
            watch.Alive();
            foreach (var c in buffer.AsSpan(0, n))
            {
                if (c is '\r' or '\n')
                {
                    progress?.Invoke(line.ToString());
                    line.Clear();
                }
                else if (line.Length < 1000)
                {
                    line.Append(c);
                }

                // A server may talk for ever; the end holds the reason.
                text.Append(c == '\r' ? '\n' : c);
                if (text.Length > 2 * KeptErrors)
                {
                    text.Remove(0, KeptErrors);
                }
            }
        }
    }

    private async Task ReadTextAsync(Stream stream, StringBuilder text)
    {
        using var reader = new StreamReader(stream);
        var buffer = new char[4096];
        int n;
        while ((n = await reader.ReadAsync(buffer, watch.Token).ConfigureAwait(false)) > 0)
        {
            text.Append(buffer, 0, n);
            if (text.Length > 1 << 24)
            {
                throw new TdxException(ExitCode.Io, $"{name}: git prints more than {1 << 24} characters");
            }
        }
    }

    private async Task FeedAsync(Func<Stream, Task>? input)
    {
        try
        {
            if (input is not null)
            {
                await input(process.StandardInput.BaseStream).ConfigureAwait(false);
            }
        }
        finally
        {
            try
            {
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading everything; its exit code says why.
            }
        }
    }

    /// <summary>Git's output. Whoever holds what was read and does not ask for more is not waiting for git.</summary>
    private sealed class WatchedStream(Stream inner, GitWatch watch) : ForwardStream
    {
        public override int Read(Span<byte> buffer)
        {
            watch.Resume();
            var n = inner.Read(buffer);
            watch.Pause();
            return n;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            watch.Resume();
            var n = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            watch.Pause();
            return n;
        }
    }
}
