using TdxRelease.Modules.Findings;

namespace TdxRelease.Stages;

/// <summary>Output folders are replaced as a whole, so only one that is ours may stand there already.</summary>
public static class OutputFolder
{
    /// <summary>Passes a name that is free, an empty folder, and a folder with a file that ends in the mark.</summary>
    /// <exception cref="TdxException">Exit 6: something else stands there.</exception>
    public static void Require(string folder, string mark)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()
            && !Directory.EnumerateFiles(folder).Any(f => f.EndsWith(mark, StringComparison.Ordinal))))
        {
            throw new TdxException(ExitCode.Io, $"\"{folder}\" exists and was not written by tdxrel, it is not overwritten", "name a folder that does not exist yet");
        }
    }
}
