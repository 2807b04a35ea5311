namespace TdxRelease.HostModel;

/// <summary>
/// A file that is answered at the moment it is read, as sysfs does: a FIFO, replaced by a new one for each reader,
/// or a socket node (whose open is ENXIO) while the value is null.
/// </summary>
internal sealed class ReadAttribute : IDisposable
{
    private readonly string path;
    private readonly uint mode;
    private readonly object gate;
    private readonly Action sync;
    private readonly Func<string?> value;
    private readonly Thread server;
    private bool fails;
    private bool disposed;
    private int generation;

    /// <param name="path">The file.</param>
    /// <param name="mode">Its mode.</param>
    /// <param name="gate">Held while the value is read.</param>
    /// <param name="sync">Takes in all writes that came before the read.</param>
    /// <param name="value">The text without its line feed; null = reading fails.</param>
    public ReadAttribute(string path, uint mode, object gate, Action sync, Func<string?> value)
    {
        (this.path, this.mode, this.gate, this.sync, this.value) = (path, mode, gate, sync, value);
        fails = value() is null;
        Replace();
        server = new Thread(Serve) { IsBackground = true };
        server.Start();
    }

    /// <summary>The value changed between null and a text, perhaps. The gate is held.</summary>
    public void Refresh()
    {
        if (fails != value() is null && !disposed)
        {
            fails = !fails;
            Replace();
            Monitor.PulseAll(gate);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            Replace();
            Monitor.PulseAll(gate);
        }

        server.Join();
    }

    private void Serve()
    {
        while (true)
        {
            int mine;
            lock (gate)
            {
                while (fails && !disposed)
                {
                    Monitor.Wait(gate);
                }

                if (disposed)
                {
                    return;
                }

                mine = generation;
            }

            Answer(Libc.Open(path, Libc.WriteOnly), mine); // blocks until someone reads
        }
    }

    private void Answer(int descriptor, int mine)
    {
        if (descriptor < 0)
        {
            return;
        }

        string? text = null;
        lock (gate)
        {
            if (mine == generation && !disposed)
            {
                Replace(); // the next reader gets a FIFO of its own
                sync();
                text = value();
            }
        }

        if (text is not null)
        {
            var bytes = System.Text.Encoding.ASCII.GetBytes(text + "\n");
            _ = Libc.Write(descriptor, bytes, bytes.Length);
        }

        _ = Libc.Close(descriptor);
    }

    private void Replace()
    {
        generation++;
        var old = Libc.Open(path, Libc.ReadWriteNonBlocking); // wakes the server where it waits for a reader
        var next = path + ".new";
        if (fails)
        {
            Libc.MakeUnopenable(next, mode);
        }
        else
        {
            Libc.MakeFifo(next, mode);
        }

        File.Move(next, path, overwrite: true);
        if (old >= 0)
        {
            _ = Libc.Close(old);
        }
    }
}
