using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Snapshots;

/// <summary>
/// The data files of a folder on disk, links never followed. A clone's .git and what we wrote about the folder are passed over.
/// </summary>
internal static class FolderWalk
{
    /// <summary>The data files, sorted by ordinal path, with their state; what else is there is counted by the selection.</summary>
    /// <exception cref="TdxException">Exit 6 where the folder cannot be read, and everything <see cref="Selection"/> refuses.</exception>
    public static SortedList<string, FileStat> DataFilesOf(string root, Selection selection)
    {
        var found = new SortedList<string, FileStat>(StringComparer.Ordinal);
        if (!Directory.Exists(root))
        {
            throw new TdxException(
                ExitCode.Io,
                File.Exists(root) ? $"\"{root}\" is not a directory" : $"\"{root}\": no such directory",
                "name a directory in upstream's layout: a clone of Intel's repository, or what tdxrel fetch or tdxrel sample create wrote");
        }

        IoErrors.Reading(root, () => Walk(root, "", selection, found));
        return found;
    }

    private static void Walk(string folder, string prefix, Selection selection, SortedList<string, FileStat> found)
    {
        foreach (var full in Directory.EnumerateFileSystemEntries(folder))
        {
            var name = Path.GetFileName(full);
            if (prefix.Length == 0 && name is ".git" or SnapshotRecord.Folder or OutputMarker.FileName)
            {
                continue;
            }

            // A name that is not UTF-8 comes back with the replacement character and cannot be opened again.
            var path = prefix + name;
            if (name.Contains('\uFFFD', StringComparison.Ordinal))
            {
                throw selection.Error($"\"{SafePath.Printable(path)}\": name is not UTF-8");
            }

            var stat = FileStat.Of(full) ?? throw selection.Error($"\"{SafePath.Printable(path)}\" went away while the directory was read");
            if (selection.Includes(path, KindOf(stat.Kind), stat.Length))
            {
                found.Add(path, stat);
            }

            if (stat.Kind == FileKind.Folder)
            {
                Walk(full, $"{path}/", selection, found);
            }
        }
    }

    private static EntryKind KindOf(FileKind kind) => kind switch
    {
        FileKind.Regular => EntryKind.File,
        FileKind.Folder => EntryKind.Folder,
        FileKind.Link => EntryKind.Link,
        _ => EntryKind.Special,
    };
}
