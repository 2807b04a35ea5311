using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>
/// What stands in a folder at a moment, without the contents: two equal states
/// mean that nobody wrote there in between. A folder that is missing and
/// an empty one are the same.
/// </summary>
public sealed class FolderState : IEquatable<FolderState>
{
    private const int MaxEntries = 100_000;

    private readonly SortedDictionary<string, FileStat> entries = new(StringComparer.Ordinal);

    private FolderState()
    {
    }

    /// <summary>Nothing.</summary>
    public static FolderState Empty { get; } = new();

    /// <summary>
    /// Everything but folders by relative path, links not followed; of a folder with nothing in it, its path with a slash at the end.
    /// </summary>
    public IReadOnlyDictionary<string, FileStat> Entries => entries;

    /// <summary>Looks at a folder.</summary>
    /// <param name="folder">May be missing.</param>
    /// <param name="maxEntries">How many names it may hold.</param>
    /// <exception cref="TdxException">
    /// Exit 6: something else stands there, it cannot be read, or it holds more than any output of ours.
    /// </exception>
    public static FolderState Of(string folder, int maxEntries = MaxEntries)
    {
        var state = new FolderState();
        switch (FileStat.Of(folder)?.Kind)
        {
            case null:
                return state;
            case FileKind.Folder:
                break;
            default:
                throw IoErrors.Writing(folder, new IOException("it exists and is not a directory"));
        }

        IoErrors.Reading(folder, () => state.Walk(folder, "", maxEntries));
        return state;
    }

    /// <inheritdoc/>
    public bool Equals(FolderState? other) => other is not null && entries.SequenceEqual(other.entries);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FolderState);

    /// <inheritdoc/>
    public override int GetHashCode() => entries.Count;

    private bool Walk(string folder, string prefix, int maxEntries)
    {
        var any = false;
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
        {
            any = true;
            var path = prefix + Path.GetFileName(entry);
            var stat = FileStat.Of(entry) ?? default; // a name that is not UTF-8, or gone already: nothing of ours either way
            if (stat.Kind != FileKind.Folder || !Walk(entry, $"{path}/", maxEntries))
            {
                // The times of a folder are its entries' business.
                entries[stat.Kind == FileKind.Folder ? $"{path}/" : path] = stat.Kind == FileKind.Folder
                    ? new FileStat(FileKind.Folder, 0, stat.Inode, default, default) : stat;
            }

            if (entries.Count > maxEntries)
            {
                throw IoErrors.Reading(folder, new IOException($"it contains more than {maxEntries} files"));
            }
        }

        return any;
    }
}
