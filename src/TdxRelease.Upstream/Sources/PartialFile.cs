using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Json;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// A download that is not complete yet. Its name depends on the URL, so that
/// a later run goes on where this one ended; a second run at the same time
/// finds it locked and uses a name of its own.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const int MaxTag = 1000;

    private readonly FileStream stream;
    private readonly bool keep;
    private bool discarded;

    private PartialFile(string path, FileStream stream, bool keep) => (Path, this.stream, this.keep) = (path, stream, keep);

    public string Path { get; }

    public Stream Stream => stream;

    private string TagPath => $"{Path}.etag";

    /// <summary>The strong entity tag of what is here, or null where it cannot be resumed.</summary>
    public string? Tag
    {
        get
        {
            var stat = FileStat.Of(TagPath);
            return stream.Length > 0 && stat is { Kind: FileKind.Regular, Length: > 2 and < MaxTag }
                && Encoding.ASCII.GetString(InputFile.Read(TagPath, MaxTag)) is var tag && tag[0] == '"' && tag[^1] == '"'
                    && !tag.Any(char.IsControl) ? tag : null;
        }
    }

    /// <param name="folder">Where it lies.</param>
    /// <param name="url">What is downloaded.</param>
    /// <param name="keep">Whether an incomplete file stays for the next run.</param>
    public static PartialFile Open(string folder, string url, bool keep)
    {
        var name = System.IO.Path.Combine(folder, $"{Hex.Sha256(Encoding.UTF8.GetBytes(url))[..32]}.part");
        try
        {
#pragma warning disable CA2000 // the new object disposes its stream
            if (keep && TryOpen(name) is { } shared)
            {
                return new PartialFile(name, shared, keep: true);
            }

            var own = System.IO.Path.Combine(folder, $".{Environment.ProcessId}.{Guid.NewGuid():N}.part");
            return new PartialFile(own, new FileStream(own, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read), keep: false);
#pragma warning restore CA2000
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw IoErrors.Writing(name, e);
        }
    }

    /// <summary>Forgets what is here and starts anew, as the entity with this tag.</summary>
    public void Restart(string? tag)
    {
        File.Delete(TagPath);
        stream.SetLength(0);
        stream.Position = 0;
        if (tag is not null && keep)
        {
            AtomicFile.Write(TagPath, Encoding.ASCII.GetBytes(tag));
        }
    }

    public void Discard() => discarded = true;

    public void Dispose()
    {
        if (discarded || !keep || stream.Length == 0)
        {
            File.Delete(TagPath);
            File.Delete(Path); // before the lock goes with the stream
        }

        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            // A full disk reports again on close; what is here is incomplete and hash-checked either way.
        }
    }

    private static FileStream? TryOpen(string name)
    {
        if (FileStat.Of(name) is { Kind: not FileKind.Regular })
        {
            return null;
        }

        try
        {
            // Exclusive for other runs of ours: .NET takes flock(LOCK_EX).
            return new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(name))
        {
            return null;
        }
    }
}
