using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Caching;

/// <summary>
/// Contents by SHA-256, shared by every run of this user. Files appear by
/// rename only, so parallel jobs need no lock and a killed one leaves nothing
/// that is used; every content is hashed again when it is read, so a damaged cache costs a download and never a wrong byte.
/// </summary>
/// <remarks>
/// <c>sha256/ab/ab…</c> contents; <c>commits/COMMIT.HASH.json</c> records of
/// fetched commits, named by their own hash; <c>partial/</c> downloads under way.
/// </remarks>
public sealed class ContentCache
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>Opens the cache, creating it where it is missing, and sweeps what killed runs left more than a day ago.</summary>
    /// <param name="root">Its folder.</param>
    /// <exception cref="TdxException">Exit 6.</exception>
    public ContentCache(string root)
    {
        Root = Path.GetFullPath(root);
        IoErrors.Writing(Root, () =>
        {
            foreach (var part in (ReadOnlySpan<string>)["sha256", "commits", "partial", "http"])
            {
                Directory.CreateDirectory(Path.Combine(Root, part));
            }
        });

        Sweep();
    }

    /// <summary>The folder of the cache.</summary>
    public string Root { get; }

    /// <summary>Where downloads wait until they are complete.</summary>
    internal string PartialFolder => Path.Combine(Root, "partial");

    /// <summary>The usual place: <c>$XDG_CACHE_HOME/tdxrel</c>, or <c>$HOME/.cache/tdxrel</c> (XDG base directory specification).</summary>
    /// <param name="xdgCacheHome">Value of XDG_CACHE_HOME; ignored, as the specification asks, where it is not absolute.</param>
    /// <param name="home">Value of HOME.</param>
    public static string DefaultRoot(string? xdgCacheHome, string? home) =>
        Path.Combine(
            Path.IsPathRooted(xdgCacheHome) ? xdgCacheHome : Path.Combine(string.IsNullOrEmpty(home) ? Path.GetTempPath() : home, ".cache"),
            "tdxrel");

    /// <summary>Keeps the content; a content that is there is left alone.</summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public void Store(ReadOnlySpan<byte> content, string sha256)
    {
        var path = PathOf(sha256);
        if (FileStat.Of(path) is { Kind: FileKind.Regular } stat && stat.Length == content.Length)
        {
            return;
        }

        IoErrors.Writing(path, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));

        AtomicFile.Write(path, content);
    }

    /// <summary>The content of that hash and length, checked; null where it is missing or damaged (a damaged file is removed).</summary>
    public byte[]? TryRead(string sha256, long length)
    {
        var path = PathOf(sha256);
        if (FileStat.Of(path) is not { } stat)
        {
            return null;
        }

        if (stat.Kind == FileKind.Regular && stat.Length == length && InputFile.Read(path, length) is var bytes
            && Hex.Sha256(bytes) == sha256)
        {
            return bytes;
        }

        Remove(path);
        return null;
    }

    /// <summary>
    /// Remembers which files a commit has and where they came from, for runs without a network. What an archive claims is not remembered.
    /// </summary>
    public void StoreCommit(SnapshotRecord record)
    {
        if (record.Origin.Commit is { } commit)
        {
            var json = record.ToJson();
            var path = Path.Combine(Root, "commits", $"{commit}.{Hex.Sha256(json)}.json");
            if (FileStat.Of(path) is null)
            {
                AtomicFile.Write(path, json);
            }
        }
    }

    /// <summary>What git said about a commit when it was fetched, or null.</summary>
    public SnapshotRecord? TryReadCommit(string commit) => Commits(commit).FirstOrDefault(record => record.Origin.Kind == Origin.Git);

    /// <summary>All that is remembered about a commit. Records that do not match their own name are removed.</summary>
    internal IEnumerable<SnapshotRecord> Commits(string commit)
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Root, "commits"), $"{commit}.*.json").Order(StringComparer.Ordinal))
        {
            var bytes = InputFile.Read(path, SnapshotRecord.MaxLength);
            if (Path.GetFileName(path) == $"{commit}.{Hex.Sha256(bytes)}.json")
            {
                yield return SnapshotRecord.Parse(bytes, path);
            }
            else
            {
                Remove(path);
            }
        }
    }

    private string PathOf(string sha256) =>
        Hex.IsSha256(sha256) ? Path.Combine(Root, "sha256", sha256[..2], sha256)
        : throw new ArgumentException("not a hash", nameof(sha256));

    private static void Remove(string path) => IoErrors.Writing(path, () => File.Delete(path));

    private void Sweep()
    {
        var limit = DateTime.UtcNow - Abandoned;
        foreach (var path in Directory.EnumerateFileSystemEntries(PartialFolder))
        {
            try
            {
                if (File.GetLastWriteTimeUtc(path) < limit)
                {
                    if (Directory.Exists(path))
                    {
                        Directory.Delete(path, recursive: true);
                    }
                    else
                    {
                        File.Delete(path);
                    }
                }
            }
            catch (Exception e) when (IoErrors.Is(e))
            {
                // Another run swept it first, or it is another user's: neither is this run's business.
            }
        }
    }
}
