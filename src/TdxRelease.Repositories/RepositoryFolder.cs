using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Repositories;

/// <summary>A repository on disk as a whole: all of it is read, and all of it is replaced, with one rename.</summary>
public static class RepositoryFolder
{
    /// <summary>The largest file taken into a repository.</summary>
    private const long MaxFile = 256L << 20;

    private const int MaxFiles = 20_000;

    /// <summary>All files by relative path; none where the folder does not exist yet.</summary>
    /// <param name="folder">The repository.</param>
    /// <param name="wanted">Chooses the files to read by their paths; null for all.</param>
    /// <exception cref="TdxException">Exit 3: a symbolic link, a device, an unsafe name; exit 6: unreadable.</exception>
    public static IReadOnlyDictionary<string, byte[]> Read(string folder, Func<string, bool>? wanted = null)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        if (!Path.Exists(folder))
        {
            return files;
        }

        if (!Directory.Exists(folder) || new DirectoryInfo(folder).LinkTarget is not null)
        {
            throw new TdxException(ExitCode.BadInput, $"repository \"{folder}\" is not a directory");
        }

        IoErrors.Reading(folder, () => ReadInto(folder, "", wanted, files));
        return files;
    }

    /// <summary>Writes the files aside and gives them the folder's name when all of them are on disk.</summary>
    /// <param name="folder">The repository.</param>
    /// <param name="next">Gives all files of the new state from those of the old; it refuses an old file that its index does not
    /// name.</param>
    /// <exception cref="TdxException">Exit 6; the old folder stands as it was.</exception>
    internal static void Replace(string folder, Func<IReadOnlyDictionary<string, byte[]>, IReadOnlyDictionary<string, byte[]>> next)
    {
        // Before it is read: whoever writes there later is noticed.
        var state = FolderState.Of(folder);
        var files = next(Read(folder));
        using var atomic = new AtomicFolder(folder, state);
        foreach (var (path, content) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            atomic.Write(path, content);
        }

        atomic.Commit();
    }

    /// <summary>Exit 3 for a file that no repository of this kind holds.</summary>
    internal static TdxException Foreign(string path) =>
        new(ExitCode.BadInput, $"repository contains \"{SafePath.Printable(path)}\", which does not belong there",
            "move files that are not tdxrel's out, or publish into a new directory");

    /// <summary>Exit 4 for a file that differs from what the signed index says.</summary>
    public static TdxException Damaged(string path, string problem) =>
        new(ExitCode.VerificationFailed, $"repository file \"{SafePath.Printable(path)}\" {problem}",
            "restore the repository from a good copy, or publish into a new directory");

    /// <summary>A signature in a repository that is not accepted.</summary>
    /// <param name="path">What is signed.</param>
    /// <param name="result">What is wrong.</param>
    public static TdxException NotAccepted(string path, OpenPgpResult result) => result.Verdict == OpenPgpVerdict.UnknownKey
        ? new(ExitCode.VerificationFailed, $"repository file \"{SafePath.Printable(path)}\" is not accepted: {result.Message}",
            "while one key replaces another both are named: docs/signing.md, Replacing a key")
        : Damaged(path, $"is not accepted: {result.Message}");

    private static void ReadInto(string folder, string prefix, Func<string, bool>? wanted, SortedDictionary<string, byte[]> files)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            var path = prefix + entry.Name;
            SafePath.Require(path);
            if (entry.LinkTarget is not null)
            {
                throw new TdxException(ExitCode.BadInput, $"repository file \"{path}\" is a symbolic link");
            }

            if (entry is DirectoryInfo)
            {
                ReadInto(entry.FullName, $"{path}/", wanted, files);
                continue;
            }

            if (wanted?.Invoke(path) == false)
            {
                continue;
            }

            if (files.Count == MaxFiles)
            {
                throw new TdxException(ExitCode.BadInput, $"repository contains more than {MaxFiles} files");
            }

            files.Add(path, InputFile.Read(entry.FullName, MaxFile));
        }
    }
}
