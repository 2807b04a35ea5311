using TdxRelease.Core.Files;

namespace TdxRelease.Archives;

/// <summary>Takes the entries of a foreign archive one by one and refuses what could surprise on any file system.</summary>
internal sealed class SafeTree(string archive, ArchiveLimits limits)
{
    private readonly List<TarEntry> entries = [];
    private readonly Dictionary<string, TarEntryKind> kinds = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> spellings = new(StringComparer.OrdinalIgnoreCase);
    private long total;

    public IReadOnlyList<TarEntry> Entries => entries;

    public void Add(TarEntry entry)
    {
        if (!SafePath.IsSafe(entry.Path))
        {
            throw ArchiveErrors.Entry(archive, entry.Path, "is not a safe relative path");
        }

        if (entries.Count == limits.Entries)
        {
            throw ArchiveErrors.InArchive(archive, $"more than {limits.Entries} entries");
        }

        total += entry.Content.Length;
        if (total > limits.TotalBytes)
        {
            throw ArchiveErrors.InArchive(archive, $"more than {limits.TotalBytes} bytes in all entries");
        }

        var depth = entry.Path.Count(c => c == '/');
        if (depth > limits.Depth)
        {
            throw ArchiveErrors.Entry(archive, entry.Path, $"lies {depth} directories deep; the limit is {limits.Depth}");
        }

        CheckLink(entry, depth);
        CheckParents(entry.Path);
        CheckSpelling(entry.Path);
        if (!kinds.TryAdd(entry.Path, entry.Kind))
        {
            throw ArchiveErrors.Entry(archive, entry.Path, kinds[entry.Path] == entry.Kind && entry.Kind == TarEntryKind.Folder
                ? "is listed twice or after its content"
                : "stands twice");
        }

        entries.Add(entry);
    }

    // A link whose parts climb higher than its own depth leaves the root; an absolute one always does.
    private void CheckLink(TarEntry entry, int depth)
    {
        if (entry.Kind != TarEntryKind.SymbolicLink)
        {
            return;
        }

        var target = entry.LinkTarget ?? "";
        var parts = target.Split('/');
        var up = parts.TakeWhile(p => p == "..").Count();
        var rest = string.Join('/', parts[up..]);
        if (up > depth || (rest.Length > 0 && !SafePath.IsSafe(rest)) || target.Length == 0)
        {
            throw ArchiveErrors.Entry(archive, entry.Path, $"links to \"{SafePath.Printable(target)}\", outside the archive or unclear");
        }
    }

    private void CheckParents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            var parent = path[..slash];
            if (kinds.TryGetValue(parent, out var kind) && kind != TarEntryKind.Folder)
            {
                throw ArchiveErrors.Entry(archive, path, $"lies below \"{parent}\", which is not a directory");
            }

            CheckSpelling(parent);
            kinds.TryAdd(parent, TarEntryKind.Folder);
        }
    }

    private void CheckSpelling(string path)
    {
        if (!spellings.TryAdd(path, path) && spellings[path] != path)
        {
            throw ArchiveErrors.Entry(archive, path, $"differs from \"{spellings[path]}\" only in upper and lower case");
        }
    }
}
