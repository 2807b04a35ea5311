using System.Collections.Concurrent;
using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>
/// A folder that is built aside and gets its name in one rename; disposed
/// before <see cref="Commit"/>, it leaves nothing. An older folder of that name
/// changes places with it in one step (renameat2), so that readers find one or the
/// other at every moment; where the kernel or the file system cannot do that, in two.
/// It leaves a list of its files (<see cref="OutputMarker"/>), and replaces only what <see cref="OutputGuard"/> lets go.
/// </summary>
public sealed class AtomicFolder : IDisposable
{
    private readonly string target;
    private readonly Func<string, string, int> exchange;
    private readonly ConcurrentDictionary<string, OutputEntry> written = new(StringComparer.Ordinal);
    private readonly bool marked;
    private FolderState found;
    private bool committed;

    /// <summary>Creates the staging folder beside the target (same file system).</summary>
    /// <param name="target">The final name; a symbolic link stays, and what it points at is replaced.</param>
    /// <exception cref="TdxException">Exit 6: something stands there that <see cref="OutputGuard"/> does not let go.</exception>
    public AtomicFolder(string target)
        : this(target, null, FolderExchange.Exchange)
    {
    }

    /// <summary>The same for a folder without a list of its files, since another index names them all.</summary>
    /// <param name="target">The final name.</param>
    /// <param name="known">What stands there, and was held against that index; the folder must be so still on commit.</param>
    public AtomicFolder(string target, FolderState known)
        : this(target, known, FolderExchange.Exchange)
    {
    }

    /// <summary>The same with another way to make two folders change places, for tests: it returns 0 or an error number.</summary>
    internal AtomicFolder(string target, FolderState? known, Func<string, string, int> exchange)
    {
        (marked, this.exchange) = (known is null, exchange);
        found = known ?? OutputGuard.Require(target);
        this.target = OutputPath.Final(target).TrimEnd('/');
        var parent = Path.GetDirectoryName(this.target)
            ?? throw IoErrors.Writing(target, new IOException("not a directory that can be replaced"));
        try
        {
            Staging = Path.Combine(parent, $".{Path.GetFileName(this.target)}.{Environment.ProcessId}.{Guid.NewGuid():N}.part");
            Directory.CreateDirectory(Staging);
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw IoErrors.Writing(target, e);
        }
    }

    /// <summary>Where the content is built.</summary>
    public string Staging { get; }

    /// <summary>Refuses to replace one of the inputs, or a folder around one.</summary>
    /// <param name="inputs">Files, folders or URLs; null is none.</param>
    /// <exception cref="TdxException">Exit 2.</exception>
    public void RequireApart(params IEnumerable<string?> inputs) => OutputPath.RequireApart(target, inputs);

    /// <summary>
    /// Writes one file below the staging folder, creating folders on the way, with mode 0644 and folders 0755 whatever the umask.
    /// </summary>
    /// <param name="relative">Path with forward slashes; must pass <see cref="SafePath"/>.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="mode">Permissions of the file.</param>
    public void Write(string relative, ReadOnlySpan<byte> content, UnixFileMode mode = AtomicFile.DefaultMode)
    {
        var path = PathOf(relative);
        try
        {
            using var stream = new FileStream(path,
                new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
            stream.Write(content);
            File.SetUnixFileMode(stream.SafeFileHandle, mode);
            stream.Flush(flushToDisk: true);
            written[relative] = new OutputEntry(relative, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw IoErrors.Writing(Path.Combine(target, relative), e);
        }
    }

    /// <summary>The full staging path of a relative name, its parent folders created.</summary>
    public string PathOf(string relative)
    {
        SafePath.Require(relative);
        var path = Path.Combine(Staging, relative);
        IoErrors.Writing(Path.Combine(target, relative), () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));

        return path;
    }

    /// <summary>
    /// Writes the list of its files and gives the folder its name. An older
    /// folder of that name is removed after; on failure it is where it was.
    /// </summary>
    /// <exception cref="TdxException">Exit 6, also where somebody wrote into the older folder meanwhile.</exception>
    public void Commit()
    {
        if (marked)
        {
            Write(OutputMarker.FileName, OutputMarker.Of(Entries()));
        }

        found = Unchanged(target);
        string? old;
        try
        {
            FlushFolders();
            old = Place();
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw IoErrors.Writing(target, e);
        }

        committed = true;
        FolderSync.Flush(Path.GetDirectoryName(target)!);
        if (old is not null)
        {
            OutputGuard.Remove(old, Unchanged(old));
        }
    }

    // Gives the staging folder its name. Returns where the folder is that had it before, or null.
    private string? Place()
    {
        if (!Path.Exists(target))
        {
            Directory.Move(Staging, target);
            return null;
        }

        if (Exchanged())
        {
            return Staging;
        }

        var old = $"{Staging}.old";
        Directory.Move(target, old);
        try
        {
            Directory.Move(Staging, target);
            return old;
        }
        catch
        {
            Directory.Move(old, target);
            throw;
        }
    }

    private void FlushFolders()
    {
        foreach (var folder in Directory.EnumerateDirectories(Staging, "*", SearchOption.AllDirectories).Append(Staging))
        {
            File.SetUnixFileMode(
                folder, AtomicFile.DefaultMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            FolderSync.Flush(folder);
        }
    }

    // What other writers put into the staging folder by its path is hashed now.
    private IEnumerable<OutputEntry> Entries() => FolderState.Of(Staging).Entries.Where(e => e.Value.Kind == FileKind.Regular).Select(e =>
        written.TryGetValue(e.Key, out var entry) ? entry : OutputGuard.Entry(Staging, e.Key, e.Value.Length));

    // Another run of ours may have been faster; then what it left is ours too.
    private FolderState Unchanged(string folder) =>
        FolderState.Of(folder).Equals(found) ? found
        : marked ? OutputGuard.Require(folder)
        : throw IoErrors.Writing(folder, new IOException("somebody wrote there meanwhile"));

    private bool Exchanged() => exchange(Staging, target) switch
    {
        0 => true,
        FolderExchange.NoSuchCall or FolderExchange.Invalid => false,
        var error => throw new IOException($"renameat2: error {error}"),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!committed && Directory.Exists(Staging))
        {
            Directory.Delete(Staging, recursive: true);
        }
    }
}
