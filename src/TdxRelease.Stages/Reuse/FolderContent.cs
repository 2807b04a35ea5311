using System.Security.Cryptography;
using System.Text;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Stages.Reuse;

/// <summary>One file that a stage left.</summary>
/// <param name="Path">Relative to the stage's folder.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record OutputFile(string Path, long Length, string Sha256);

/// <summary>What is in a folder, byte by byte.</summary>
internal static class FolderContent
{
    private const int MaxFile = 1 << 30;

    /// <summary>Every file with its hash, sorted by ordinal path; null where something is there that no stage leaves (links, devices), or the folder is missing.</summary>
    public static IReadOnlyList<OutputFile>? Of(string folder)
    {
        try
        {
            if (FileStat.Of(folder) is not { Kind: FileKind.Folder })
            {
                return null;
            }

            var paths = new List<string>();
            return List(folder, "", paths)
                ? SideBySide.Select([.. paths.Order(StringComparer.Ordinal)], path => Hashed(folder, path))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TdxException)
        {
            return null; // whatever it is that changes or cannot be read, it is not what a stage left
        }
    }

    /// <summary>One hash for all of it.</summary>
    public static string Digest(IReadOnlyList<OutputFile> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(f => $"{f.Sha256} {f.Length} {f.Path}\n")))));

    private static bool List(string folder, string prefix, List<string> paths)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
        {
            var path = prefix + Path.GetFileName(entry);
            switch (FileStat.Of(entry)?.Kind)
            {
                case FileKind.Regular:
                    paths.Add(path);
                    break;
                case FileKind.Folder when List(entry, $"{path}/", paths):
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static OutputFile Hashed(string folder, string path)
    {
        var bytes = InputFile.Read(Path.Combine(folder, path), MaxFile, path);
        return new OutputFile(path, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }
}
