using System.Security.Cryptography;
using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>
/// Decides whether an existing folder may be replaced or removed: only where it is
/// empty, or holds exactly the files that its list (<see cref="OutputMarker"/>) names,
/// with those lengths and hashes. A file that was edited is the user's, and so is every other.
/// </summary>
public static class OutputGuard
{
    private const int Shown = 3;

    /// <summary>Passes a name that is free, an empty folder, and a folder that tdxrel wrote and nobody changed.</summary>
    /// <param name="folder">As the user wrote it.</param>
    /// <returns>What stands there.</returns>
    /// <exception cref="TdxException">Exit 6: anything else, with the names of what is not ours; nothing is touched.</exception>
    public static FolderState Require(string folder)
    {
        var path = OutputPath.Final(folder);
        // Before anything is walked: a directory that is not ours can be a whole disk.
        if (Directory.Exists(path) && FileStat.Of(Path.Combine(path, OutputMarker.FileName))?.Kind != FileKind.Regular
            && TopNames(path) is { Count: > 0 } names)
        {
            throw Unlisted(folder, names);
        }

        var state = FolderState.Of(Path.TrimEndingDirectorySeparator(path));
        if (state.Entries.Count == 0)
        {
            return state;
        }

        var listed = Listed(path) ?? throw Unlisted(folder, state.Entries.Keys);
        RequireUnchanged(folder, path, state, listed);
        return state;
    }

    /// <summary>Removes the files of a folder that passed, and the folder.</summary>
    /// <param name="folder">The folder, which may have another name now.</param>
    /// <param name="state">What it held when it passed. What came later stays.</param>
    /// <exception cref="TdxException">Exit 6: something came later, or cannot be removed.</exception>
    public static void Remove(string folder, FolderState state)
    {
        try
        {
            foreach (var path in state.Entries.Keys.Where(path => !path.EndsWith('/')))
            {
                File.Delete(Path.Combine(folder, path));
            }

            foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories)
                .OrderByDescending(path => path.Length).Append(folder))
            {
                Directory.Delete(inner);
            }
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw new TdxException(ExitCode.Io, $"cannot remove \"{folder}\", which was replaced: {e.Message.TrimEnd('.')}",
                "what is left in it was not written by tdxrel", e);
        }
    }

    private static Dictionary<string, OutputEntry>? Listed(string folder)
    {
        var marker = Path.Combine(folder, OutputMarker.FileName);
        return FileStat.Of(marker) is { Kind: FileKind.Regular, Length: <= OutputMarker.MaxLength }
            && OutputMarker.TryParse(InputFile.Read(marker, OutputMarker.MaxLength), out var entries)
                ? entries.ToDictionary(e => e.Path, StringComparer.Ordinal)
                : null;
    }

    private static List<string> TopNames(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder)
                .Select(path => Path.GetFileName(path) + (FileStat.Of(path)?.Kind == FileKind.Folder ? "/" : ""))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            return []; // FolderState.Of says it
        }
    }

    private static TdxException Unlisted(string folder, IEnumerable<string> names) => new(
        ExitCode.Io, $"\"{folder}\" exists and has no {OutputMarker.FileName} of tdxrel, it is left as it is; it contains {Names(names)}",
        "name a directory that does not exist yet; what an earlier version of tdxrel wrote has no such list: remove it yourself");

    private static void RequireUnchanged(string folder, string path, FolderState state, Dictionary<string, OutputEntry> listed)
    {
        var added = state.Entries.Keys.Where(name => name != OutputMarker.FileName && !listed.ContainsKey(name)).ToList();
        var missing = listed.Keys.Where(name => !state.Entries.ContainsKey(name)).Order(StringComparer.Ordinal).ToList();
        var present = state.Entries.Where(e => listed.ContainsKey(e.Key)).ToList();
        var same = ParallelMap.Select(present, e =>
            e.Value.Kind == FileKind.Regular && e.Value.Length == listed[e.Key].Length
            && Entry(path, e.Key, e.Value.Length) == listed[e.Key]);
        var changed = present.Where((_, i) => !same[i]).Select(e => e.Key).ToList();
        List<string> problems = [];
        void Add(string what, List<string> names)
        {
            if (names.Count > 0)
            {
                problems.Add($"{what} {Names(names)}");
            }
        }

        Add("holds", added);
        Add("has changed", changed);
        Add("lacks", missing);
        if (problems.Count > 0)
        {
            throw new TdxException(
                ExitCode.Io,
                $"\"{folder}\" is not as tdxrel left it and stays as it is: it {string.Join(", ", problems)}",
                "move what is yours out and remove the directory yourself, or name one that does not exist yet");
        }
    }

    /// <summary>A file as the list names it.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="path">Relative path of a regular file in it.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="TdxException">Exit 3 or 6: it is not there, or longer.</exception>
    public static OutputEntry Entry(string folder, string path, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        InputFile.ReadPieces(Path.Combine(folder, path), length, hash.AppendData);
        return new OutputEntry(path, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static string Names(IEnumerable<string> paths)
    {
        var all = paths.ToList();
        var shown = string.Join(", ", all.Take(Shown).Select(path => $"\"{SafePath.Printable(path)}\""));
        return all.Count > Shown ? $"{shown} and {all.Count - Shown} more" : shown;
    }
}
