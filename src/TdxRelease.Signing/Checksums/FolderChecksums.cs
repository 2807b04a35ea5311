using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.Checksums;

/// <summary>Makes the checksum list of a folder, and holds a folder against one.</summary>
public static class FolderChecksums
{
    /// <summary>The longest file taken, in bytes.</summary>
    public const long MaxFile = 1L << 30;

    /// <summary>The list of everything in a folder that was just written.</summary>
    /// <param name="folder">Must hold nothing but regular files and folders.</param>
    /// <exception cref="TdxException">Exit 3: something else is in it; exit 6: unreadable.</exception>
    public static byte[] Of(string folder)
    {
        var entries = FolderEntries.Of(folder);
        List<string> paths = [.. entries.Files.Where(p => !ChecksumList.IsPart(p) && p != OutputMarker.FileName)];
        return entries.Problems is [var problem, ..]
            ? throw new TdxException(ExitCode.BadInput, $"\"{problem.Path}\" {problem.Problem}")
            : ChecksumList.Write(paths.Zip(ParallelMap.Select(paths, p => Hash(folder, p)), KeyValuePair.Create));
    }

    /// <summary>How a folder differs from its list: missing, added, changed and linked files, empty folders, modes.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="entries">What is in it.</param>
    /// <param name="list">SHA-256 by path, from <see cref="ChecksumList.Parse"/>.</param>
    /// <param name="besides">A file that may be there too.</param>
    /// <exception cref="TdxException">Exit 6: unreadable.</exception>
    public static IReadOnlyList<FolderDifference> Compare(string folder, FolderEntries entries, IReadOnlyDictionary<string, string> list,
        string? besides = null)
    {
        List<string> wanted = [.. list.Keys, .. entries.Files.Where(p => ChecksumList.IsPart(p) || p == besides)];
        List<string> present = [.. list.Keys.Where(entries.Files.Contains)];
        var changed = ParallelMap.Select(present, path => Changed(folder, path, list[path])).OfType<FolderDifference>();
        return [.. entries.Against(wanted).Concat(changed).OrderBy(d => d.Path, StringComparer.Ordinal)];
    }

    /// <summary>SHA-256 of a file, lower-case hex.</summary>
    /// <exception cref="TdxException">As <see cref="InputFile.ReadPieces"/>.</exception>
    public static string Hash(string folder, string path)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        InputFile.ReadPieces(Path.Combine(folder, path), MaxFile, sha256.AppendData, path);
        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    private static FolderDifference? Changed(string folder, string path, string want)
    {
        try
        {
            var got = Hash(folder, path);
            return got == want ? null : new FolderDifference(path, $"has SHA-256 {got}, {ChecksumList.FileName} says {want}");
        }
        catch (TdxException e) when (e.Code == ExitCode.BadInput)
        {
            return new FolderDifference(path, e.Message);
        }
    }
}
