using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Sources;

/// <summary>How a git working tree is taken.</summary>
/// <param name="AllowDirty">Data files may differ from the commit: the snapshot is marked, and is of no commit.</param>
/// <param name="Url">The repository's URL as the user names it; null takes the lock's, else that of the remote <c>origin</c>.</param>
/// <param name="Lock">Names the repository where it pins the same commit; null for none.</param>
public sealed record WorkingTreeOptions(bool AllowDirty = false, string? Url = null, LockFile? Lock = null);

/// <summary>
/// A git working tree: clean at a commit, it is that commit. The bytes of
/// every data file are held against the commit's blobs, never git's index;
/// git runs in a repository of our own and reads nothing but the objects of the other.
/// </summary>
/// <param name="folder">The folder that holds <c>.git</c>.</param>
/// <param name="options">How it is taken.</param>
public sealed class WorkingTree(string folder, WorkingTreeOptions options) : ISource
{
    private static readonly FetchLimits Limits = new() { Stall = TimeSpan.FromSeconds(10), Total = TimeSpan.FromMinutes(1) };

    /// <inheritdoc/>
    public string Name => folder;

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <summary>Whether the folder is one; a snapshot of ours and a folder without <c>.git</c> are not.</summary>
    public static bool Is(string folder) =>
        FileStat.Of(Path.Combine(folder, ".git")) is not null && FileStat.Of(Path.Combine(folder, SnapshotRecord.Path)) is null;

    /// <summary>
    /// The data files with their commit as origin. Every file is hashed now, and read later only if it is still the same.
    /// </summary>
    /// <exception cref="TdxException">Exit 3: files differ from the commit, or none is checked out. Exit 6.</exception>
    public async Task<Snapshot> OpenAsync(CancellationToken cancellation)
    {
        var snapshot = Snapshot.Open(folder);
        var head = GitHead.Of(folder);
        var sha256 = head.Commit.Length == 64;
        using var repository = await GitRepository.CreateAsync(Path.GetTempPath(), Limits, folder, sha256, cancellation)
            .ConfigureAwait(false);
        repository.ReadObjectsOf(head.Objects);
        var commit = await GitCommit.ReadAsync(repository.Git, head.Commit, folder, cancellation).ConfigureAwait(false);
        var files = ParallelMap.Select(snapshot.Files, file =>
        {
            var bytes = snapshot.Read(file.Path);
            return file with { Length = bytes.Length, Sha256 = Hex.Sha256(bytes), GitBlob = Hex.GitBlob(bytes, sha256) };
        });
        var differences = Differences(commit, files);
        if (differences.Count > 0 && !options.AllowDirty)
        {
            throw Dirty(head.Commit, differences);
        }

        var url = await UrlAsync(repository.Git, head, cancellation).ConfigureAwait(false);
        var origin = differences.Count == 0
            ? new Origin(Origin.Git, url, head.Commit, commit.Tree, commit.Date)
            : new Origin(Origin.Git, url) { ModifiedFrom = head.Commit };
        return Snapshot.Of(folder,
            new SnapshotRecord(origin, snapshot.Ignored, [.. files.Select(file => file with { Source = url ?? folder })]));
    }

    /// <inheritdoc/>
    public async Task<Snapshot> FetchAsync(FetchContext context, CancellationToken cancellation)
    {
        var tree = await OpenAsync(cancellation).ConfigureAwait(false);
        using var writer = new SnapshotWriter(context.Target, context.Cache);
        foreach (var file in tree.Files)
        {
            cancellation.ThrowIfCancellationRequested();
            writer.Add(file.Path, tree.Read(file.Path), file.Source!);
            context.Progress.Report($"copying {folder}", writer.Count, tree.Files.Count);
        }

        var snapshot = writer.Commit(tree.Origin, tree.Ignored);
        context.Cache?.StoreCommit(snapshot.ToRecord());
        return snapshot;
    }

    /// <summary>
    /// URL of the repository: the one that the options name, else that of the
    /// remote <c>origin</c>, without credentials; null where neither is one.
    /// </summary>
    /// <exception cref="TdxException">Exit 3 (no commit is checked out), 6.</exception>
    public async Task<string?> AddressAsync(CancellationToken cancellation)
    {
        var head = GitHead.Of(folder);
        using var repository = await GitRepository.CreateAsync(Path.GetTempPath(), Limits, folder, head.Commit.Length == 64, cancellation)
            .ConfigureAwait(false);
        return Credentials.Strip(await UrlAsync(repository.Git, head, cancellation).ConfigureAwait(false));
    }

    private static List<string> Differences(GitCommit commit, IReadOnlyList<SnapshotFile> files)
    {
        var found = files.ToDictionary(file => file.Path, file => file.GitBlob, StringComparer.Ordinal);
        return [.. found.Keys.Union(commit.Blobs.Keys).Order(StringComparer.Ordinal)
            .Where(path => found.GetValueOrDefault(path) != commit.Blobs.GetValueOrDefault(path))
            .Select(path => !found.ContainsKey(path) ? $"{path} is missing"
                : commit.Blobs.ContainsKey(path) ? $"{path} was changed" : $"{path} is not in the commit")];
    }

    private TdxException Dirty(string commit, List<string> differences) => new(
        ExitCode.BadInput,
        $"{folder}: {differences.Count} {(differences.Count == 1 ? "file differs" : "files differ")} from commit {commit}",
        "git restore or git commit them, or --allow-dirty, which marks the result",
        lines: differences);

    private async Task<string?> UrlAsync(GitProcess git, GitHead head, CancellationToken cancellation)
    {
        if ((options.Url ?? (options.Lock?.Commit == head.Commit
            ? options.Lock.Sources.FirstOrDefault(source => source.Kind == Origin.Git)?.Url : null)) is { } named)
        {
            return named;
        }

        if (FileStat.Of(head.Configuration) is not { Kind: FileKind.Regular })
        {
            return null;
        }

        var (exit, text, _) =
            await git.TryRunAsync(["config", "--file", head.Configuration, "--no-includes", "--get", "remote.origin.url"], cancellation)
            .ConfigureAwait(false);
        return exit == 0 ? Address(text.TrimEnd('\n')) : null;
    }

    // A path on this machine says nothing elsewhere; "user@host:path" is git's short form of ssh.
    private static string? Address(string remote)
    {
        if (remote.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            return null;
        }

        var colon = remote.IndexOf(':', StringComparison.Ordinal);
        return remote.Contains("://", StringComparison.Ordinal)
            ? (remote.StartsWith("file:", StringComparison.Ordinal) ? null : remote)
            : colon > 0 && !remote[..colon].Contains('/', StringComparison.Ordinal)
            ? $"ssh://{remote[..colon]}/{remote[(colon + 1)..].TrimStart('/')}" : null;
    }
}
