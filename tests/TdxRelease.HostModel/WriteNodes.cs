using System.Text;

namespace TdxRelease.HostModel;

/// <summary>
/// <c>loading</c> and <c>data</c> as FIFOs. A FIFO takes a write before anyone looks at it, so the order between the two is rebuilt:
/// what is in <c>data</c> belongs before any 0 or -1, and after a 1. It holds because a 1 is always followed by a read of <c>status</c>.
/// </summary>
internal sealed class WriteNodes : IDisposable
{
    private readonly UploadCore core;
    private readonly int loading;
    private readonly int data;
    private readonly StringBuilder line = new();
    private readonly byte[] buffer = new byte[65536];
    private readonly Thread reader;
    private volatile bool disposed;

    public WriteNodes(string folder, UploadCore core)
    {
        this.core = core;
        loading = Create(Path.Combine(folder, "loading"));
        data = Create(Path.Combine(folder, "data"));
        reader = new Thread(Run) { IsBackground = true };
        reader.Start();
    }

    /// <summary>Takes in everything written so far. The gate is held.</summary>
    public void Drain()
    {
        while (ReadLine() is { } value)
        {
            if (value != "1")
            {
                DrainData();
            }

            core.WriteLoading(value);
        }

        DrainData();
    }

    public void Dispose()
    {
        disposed = true;
        reader.Join();
        _ = Libc.Close(loading);
        _ = Libc.Close(data);
    }

    private static int Create(string path)
    {
        File.Delete(path);
        Libc.MakeFifo(path, 0x1A4);
        var descriptor = Libc.Open(path, Libc.ReadWriteNonBlocking);
        return descriptor >= 0 ? descriptor : throw new IOException($"cannot open \"{path}\"");
    }

    private void Run()
    {
        Span<Libc.PollEntry> entries = [new() { Descriptor = loading, Events = 1 }, new() { Descriptor = data, Events = 1 }];
        while (!disposed)
        {
            if (Libc.Poll(entries, 2, 50) > 0)
            {
                lock (core.Gate)
                {
                    Drain();
                }
            }
        }
    }

    private string? ReadLine()
    {
        Span<byte> one = stackalloc byte[1];
        while (Libc.Read(loading, one, 1) == 1)
        {
            if (one[0] == (byte)'\n')
            {
                var text = line.ToString();
                line.Clear();
                return text;
            }

            line.Append((char)one[0]);
        }

        return null;
    }

    private void DrainData()
    {
        for (nint got; (got = Libc.Read(data, buffer, buffer.Length)) > 0;)
        {
            core.WriteData(buffer.AsSpan(0, (int)got));
        }
    }
}
