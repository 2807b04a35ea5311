using TdxRelease.Modules.Findings;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Stages;

/// <summary>Folders that a command may replace. A mistyped target must not cost anybody their home.</summary>
public static class SnapshotTarget
{
    /// <summary>Passes a name that is free, an empty folder, and a snapshot of ours.</summary>
    /// <exception cref="TdxException">Exit 6: something else stands there.</exception>
    public static void Require(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, SnapshotRecord.Path))))
        {
            throw new TdxException(ExitCode.Io, $"\"{folder}\" exists and is no snapshot of tdxrel, it is not overwritten", "name a folder that does not exist yet");
        }
    }
}
