using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build;

/// <summary>The folder with everything the build leaves behind; two files in it are committed.</summary>
internal static class OutputFolder
{
    private const string StageRecords = ".state"; // what build/Pipeline.cs remembers of earlier runs

    private static readonly string[] NeverRemoved = ["README.md", ".gitignore", StageRecords];

    /// <summary>
    /// Removes every output folder in it, if it is there, and nothing where something else is there too: that is somebody's.
    /// </summary>
    /// <exception cref="TdxException">Exit 6: something is not ours, with its name, or cannot be removed.</exception>
    public static void Empty(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        // Each folder before those in it; null is one that only holds output folders.
        var outputs = new List<(string Path, FolderState? State)>();
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder).Where(entry => !NeverRemoved.Contains(Path.GetFileName(entry))))
        {
            Collect(entry, outputs);
        }

        if (Directory.Exists(Path.Combine(folder, StageRecords)))
        {
            Directory.Delete(Path.Combine(folder, StageRecords), recursive: true);
        }

        outputs.Reverse();
        foreach (var (output, state) in outputs)
        {
            OutputGuard.Remove(output, state ?? FolderState.Empty);
        }
    }

    // A folder without a list of its own may hold output folders: tests/ has one for each project.
    private static void Collect(string path, List<(string Path, FolderState? State)> outputs)
    {
        if (FileStat.Of(path) is not { Kind: FileKind.Folder })
        {
            throw new TdxException(ExitCode.Io, $"\"{path}\" was not left by the build, nothing is removed",
                "move it out, or remove it yourself");
        }

        var inner = Directory.GetFileSystemEntries(path);
        if (inner.Length > 0 && Array.TrueForAll(inner, entry => FileStat.Of(entry) is { Kind: FileKind.Folder }))
        {
            outputs.Add((path, null));
            Array.ForEach(inner, entry => Collect(entry, outputs));
        }
        else
        {
            outputs.Add((path, OutputGuard.Require(path)));
        }
    }
}
