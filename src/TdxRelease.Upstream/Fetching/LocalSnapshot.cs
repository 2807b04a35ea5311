using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.Fetching;

/// <summary>A folder that a user names as upstream: a snapshot of ours, a git working tree, or a plain folder.</summary>
public static class LocalSnapshot
{
    /// <summary>Opens it. A clean working tree is the commit that is checked out there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="allowDirty">Takes a working tree whose data files differ from its commit, and marks it.</param>
    /// <param name="url">
    /// URL of the working tree's repository; null takes that of the lock in the current folder, else of the remote.
    /// </param>
    /// <exception cref="TdxException">Exit 2 (a URL for something else), 3, 4, 6.</exception>
    public static Snapshot Open(string folder, bool allowDirty = false, string? url = null) =>
        WorkingTree.Is(folder)
        ? new WorkingTree(folder, Options(allowDirty, url, LockFile.FileName)).OpenAsync(CancellationToken.None).GetAwaiter().GetResult()
        : url is null ? Snapshot.Open(folder)
        : throw new TdxException(ExitCode.Usage, $"--upstream-url is for a git working tree, \"{folder}\" is none");

    /// <summary>How a working tree is to be taken.</summary>
    /// <exception cref="TdxException">Exit 2: the URL is none.</exception>
    public static WorkingTreeOptions Options(bool allowDirty, string? url, string? lockFile)
    {
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http" or "ssh" or "git") || url.Any(char.IsControl)))
        {
            throw new TdxException(ExitCode.Usage, $"--upstream-url: \"{url}\", want a URL such as https://github.com/OWNER/NAME");
        }

        return new WorkingTreeOptions(allowDirty, url, lockFile is not null && File.Exists(lockFile) ? LockFile.Read(lockFile) : null);
    }
}
