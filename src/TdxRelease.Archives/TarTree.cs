using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Archives;

/// <summary>The order and completeness of a tree of entries: sorted by ordinal path, every parent folder present, nothing twice.</summary>
public static class TarTree
{
    /// <summary>Adds the folders that are implied and sorts, so that each folder stands before what it holds.</summary>
    /// <exception cref="TdxException">Exit 3: an unsafe path, a path twice, a file used as a folder.</exception>
    public static IReadOnlyList<TarEntry> Complete(IEnumerable<TarEntry> entries)
    {
        var byPath = new SortedDictionary<string, TarEntry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            SafePath.Require(entry.Path);
            if (!byPath.TryAdd(entry.Path, entry))
            {
                throw new TdxException(ExitCode.BadInput, $"\"{entry.Path}\" stands twice in the tree");
            }
        }

        foreach (var path in byPath.Keys.ToArray())
        {
            AddParents(byPath, path);
        }

        return [.. byPath.Values];
    }

    private static void AddParents(SortedDictionary<string, TarEntry> byPath, string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            var parent = path[..slash];
            if (byPath.TryGetValue(parent, out var known))
            {
                if (known.Kind != TarEntryKind.Folder)
                {
                    throw new TdxException(ExitCode.BadInput, $"\"{parent}\" is a file and the directory of \"{path}\"");
                }
            }
            else
            {
                byPath.Add(parent, TarEntry.Folder(parent));
            }
        }
    }
}
