using TdxRelease.Bundles.Archives;

using TdxRelease.Bundles.Content;
using TdxRelease.Bundles.Manifests;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Stages.Audit;

/// <summary>Gets the files of a bundle out of what a user has: a folder or a tar. Everything is bounded and nothing is unpacked to disk.</summary>
public static class BundleContainer
{
    private const long MaxArchive = 1L << 30;
    private const int MaxFiles = 20_000;

    /// <summary>Opens a bundle.</summary>
    /// <param name="path">A folder with manifest.json, or a .tar, .tar.gz, .tar.xz or .tar.zst with one such folder in it.</param>
    /// <exception cref="TdxException">Exit 3 (damaged, hostile, no bundle), 6 (unreadable).</exception>
    public static IReadOnlyList<BundleFile> Open(string path) => Directory.Exists(path) ? OpenFolder(path) : OpenTar(path);

    private static List<BundleFile> OpenFolder(string folder)
    {
        var files = new List<BundleFile>();
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, ReturnSpecialDirectories = false, MaxRecursionDepth = 32 };
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", options))
            {
                var relative = Path.GetRelativePath(folder, entry.FullName);
                if (entry.LinkTarget is not null)
                {
                    throw new TdxException(ExitCode.BadInput, $"{folder}: \"{SafePath.Printable(relative)}\" is a symbolic link");
                }

                if (entry is FileInfo)
                {
                    SafePath.Require(relative);
                    files.Add(new BundleFile(relative, InputFile.Read(entry.FullName, MaxArchive)));
                }

                if (files.Count > MaxFiles)
                {
                    throw new TdxException(ExitCode.BadInput, $"{folder}: more than {MaxFiles} files");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Reading(folder, e);
        }

        return files.Exists(f => f.Path == Manifest.FileName)
            ? [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)]
            : throw new TdxException(ExitCode.BadInput, $"{folder}: no {Manifest.FileName}, this is no bundle");
    }

    private static List<BundleFile> OpenTar(string path)
    {
        var bytes = InputFile.Read(path, MaxArchive);
        var kind = Compressor.KindOf(path);
        var name = Path.GetFileName(path);
        var tar = kind == CompressionKind.None ? bytes : Compressor.Decompress(bytes, kind, name);
        var files = TarReader.Read(tar, name).Where(e => e.Kind == TarEntryKind.File).ToList();
        var manifests = files.Where(e => Path.GetFileName(e.Path) == Manifest.FileName).ToList();
        if (manifests.Count != 1)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: {manifests.Count} files named {Manifest.FileName}, want one");
        }

        var root = manifests[0].Path[..^Manifest.FileName.Length];
        if (files.Find(e => !e.Path.StartsWith(root, StringComparison.Ordinal)) is { } outside)
        {
            throw new TdxException(ExitCode.BadInput, $"{name}: \"{outside.Path}\" is outside the bundle's folder \"{root}\"");
        }

        return [.. files.Select(e => new BundleFile(e.Path[root.Length..], e.Content)).OrderBy(f => f.Path, StringComparer.Ordinal)];
    }
}
