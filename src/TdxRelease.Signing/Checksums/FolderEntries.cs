using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.Checksums;

/// <summary>Something in a folder that is not as it was written.</summary>
/// <param name="Path">Relative to the folder, printable.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record FolderDifference(string Path, string Problem);

/// <summary>
/// What a folder holds: the names of its regular files and folders, and everything else as a problem. Nothing is opened and no link
/// followed.
/// </summary>
public sealed class FolderEntries
{
    private const int MaxDepth = 32;
    private const int MaxEntries = 50_000;

    // What nobody needs of data, whatever the umask of whoever copied it: to be run, to change the user, to be written by everyone.
    private const UnixFileMode Special = UnixFileMode.SetUser | UnixFileMode.StickyBit | UnixFileMode.OtherWrite;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute
        | UnixFileMode.SetGroup;

    private readonly SortedSet<string> files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> folders = new(StringComparer.Ordinal);
    private readonly List<FolderDifference> problems = [];
    private readonly int most;

    private FolderEntries(int most) => this.most = most;

    /// <summary>Paths of the regular files.</summary>
    public IReadOnlySet<string> Files => files;

    /// <summary>Links, devices, pipes and sockets, names that are not safe, and modes that were never written.</summary>
    public IReadOnlyList<FolderDifference> Problems => problems;

    /// <summary>Lists a folder.</summary>
    /// <exception cref="TdxException">Exit 6: unreadable.</exception>
    public static FolderEntries Of(string folder) => Of(folder, MaxEntries);

    internal static FolderEntries Of(string folder, int most)
    {
        var entries = new FolderEntries(most);
        IoErrors.Reading(folder, () => entries.Walk(folder, "", 0));
        return entries;
    }

    /// <summary>How the folder differs from one that holds exactly the files wanted, and the folders that these need.</summary>
    /// <param name="wanted">Paths.</param>
    public IReadOnlyList<FolderDifference> Against(IReadOnlyCollection<string> wanted)
    {
        var want = wanted.ToHashSet(StringComparer.Ordinal);
        var parents = wanted.SelectMany(Parents).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. problems,
            .. want.Except(files).Order(StringComparer.Ordinal).Select(p => new FolderDifference(p, "is missing")),
            .. files.Except(want).Select(p => new FolderDifference(p, "is not expected here")),
            .. folders.Except(parents).Select(p => new FolderDifference($"{p}/", "is a directory that is not expected here")),
        ];
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var at = path.IndexOf('/', StringComparison.Ordinal); at >= 0; at = path.IndexOf('/', at + 1))
        {
            yield return path[..at];
        }
    }

    private void Walk(string folder, string prefix, int depth)
    {
        foreach (var full in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            var path = prefix + Path.GetFileName(full);
            if (files.Count + folders.Count + problems.Count >= most)
            {
                problems.Add(new FolderDifference(SafePath.Printable(path), $"is one entry too many: the limit is {most}"));
                return;
            }

            var kind = FileStat.Of(full)?.Kind;
            if (Refusal(kind, path, depth) is { } problem)
            {
                problems.Add(new FolderDifference(SafePath.Printable(path), problem));
            }
            else if (kind == FileKind.Folder)
            {
                folders.Add(path);
                CheckMode(full, path, Special, "0755");
                Walk(full, $"{path}/", depth + 1);
            }
            else
            {
                files.Add(path);
                CheckMode(full, path, Special | Executable, "0644");
            }
        }
    }

    private static string? Refusal(FileKind? kind, string path, int depth) =>
        kind is null || !SafePath.IsSafe(path) ? "has a name that is not safe"
        : kind == FileKind.Link ? "is a symbolic link"
        : kind == FileKind.Special ? "is not a regular file"
        : depth == MaxDepth ? "lies too deep"
        : null;

    // Bits that a copy under another umask clears are nobody's doing; bits that were set are.
    private void CheckMode(string full, string path, UnixFileMode never, string written)
    {
        var mode = File.GetUnixFileMode(full);
        if ((mode & never) != 0)
        {
            problems.Add(new FolderDifference(path,
                $"has mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}, was written with {written}"));
        }
    }
}
