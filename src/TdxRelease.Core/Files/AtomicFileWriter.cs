using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>A file that gets its name only on <see cref="Commit"/>; disposed before that, it leaves nothing.</summary>
public sealed class AtomicFileWriter : IDisposable
{
    private readonly string path;
    private readonly string aside;
    private readonly bool overwrite;
    private readonly FileStream stream;

    /// <summary>Opens the file aside, in the same folder, so that the rename stays on one file system.</summary>
    /// <param name="path">The final name; its folder must exist.</param>
    /// <param name="mode">Permissions of the file, independent of the umask.</param>
    /// <param name="overwrite">False refuses an existing name (exit 6).</param>
    public AtomicFileWriter(string path, UnixFileMode mode = AtomicFile.DefaultMode, bool overwrite = true)
    {
        this.path = Path.GetFullPath(path);
        this.overwrite = overwrite;
        if (!overwrite && FileStat.Of(this.path) is not null)
        {
            throw IoErrors.Exists(path);
        }

        aside = Path.Combine(Path.GetDirectoryName(this.path)!,
            $".{Path.GetFileName(this.path)}.{Environment.ProcessId}.{Guid.NewGuid():N}.part");
        try
        {
            stream = new FileStream(aside, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = AtomicFile.PrivateMode,
            });
            File.SetUnixFileMode(stream.SafeFileHandle, mode);
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            stream?.Dispose();
            throw IoErrors.Writing(path, e);
        }
    }

    /// <summary>Where the content goes. Seekable.</summary>
    public Stream Stream => stream;

    /// <summary>Brings the content to disk and gives it its name.</summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public void Commit()
    {
        try
        {
            stream.Flush(flushToDisk: true);
            stream.Dispose();
            File.Move(aside, path, overwrite);
            FolderSync.Flush(Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw IoErrors.Writing(path, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            // A full disk reports again on the flush of close; the file is thrown away below either way.
        }

        File.Delete(aside); // nothing is there after Commit
    }
}
