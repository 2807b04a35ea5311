using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.GitHub;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;
using static TdxRelease.Fuzz.Contract;

namespace TdxRelease.Fuzz.Targets;

/// <summary>What GitHub and git answer.</summary>
internal static class UpstreamTargets
{
    private const string Id = "1111111111111111111111111111111111111111";
    private static readonly string[] Names = ["HEAD", "packed-refs", "commondir"];
    private static readonly Uri Releases = new("https://api.github.com/repos/o/n/releases?per_page=100&page=1");
    private static readonly Uri Commits = new("https://api.github.com/repos/o/n/commits/main");

    /// <summary>One answer to both questions: the newest commit of a branch, and the releases.</summary>
    public static bool GitHubAnswers(byte[] bytes)
    {
        using var folder = new ScratchFolder();
        File.WriteAllBytes(AnswerFile.PathOf(folder.Path, Releases), bytes);
        File.WriteAllBytes(AnswerFile.PathOf(folder.Path, Commits), bytes);
        var client = new GitHubClient(new GitHubOptions(new DownloadOptions()) { ReplayFolder = folder.Path }, new FetchLimits());
        return Accepts(async () => Hex.IsGitId(await client.NewestCommitAsync("o/n", "main", default)))
            | Accepts(async () => (await client.ReleasesAsync("o/n", default)).Count > 0);
    }

    /// <summary>What <c>git ls-tree</c> prints; the blobs that it lists are then read from the same bytes.</summary>
    public static bool GitTrees(byte[] bytes)
    {
        var selection = new Selection("fuzz", ExitCode.Io);
        var blobs = GitTree.Parse(bytes, selection);
        foreach (var blob in blobs.Take(10))
        {
            using var stream = new MemoryStream(bytes);
            _ = Accepts(async () => (await GitTree.ReadBlobAsync(stream, blob, selection, default)).Length > 0);
        }

        return blobs.Count > 0;
    }

    /// <summary>
    /// What <c>git cat-file</c> prints. The first byte chooses: answers as they come over the pipe, or the contents of a commit and its
    /// trees, which FF bytes separate, whatever their ids.
    /// </summary>
    public static bool GitObjects(byte[] bytes)
    {
        if (bytes is not [(byte)'+', .. var contents])
        {
            using var stream = new MemoryStream(bytes);
            return Accepts(async () =>
                (await GitCommit.ObjectAsync(stream, "commit", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "fuzz", default)).Length >= 0);
        }

        var parts = new Queue<byte[]>(Split(contents));
        return Accepts(async () => (await GitCommit.WalkAsync(Id, "fuzz",
            (type, id) => Task.FromResult(parts.TryDequeue(out var part) ? part : []))).Blobs.Count > 0);
    }

    /// <summary>
    /// The files of <c>.git</c> that lead to a commit, FF bytes between them: HEAD, packed-refs, commondir, and the pointer.
    /// </summary>
    public static bool GitHeads(byte[] bytes)
    {
        using var folder = new ScratchFolder();
        var parts = Split(bytes).ToList();
        var pointed = parts.Count > 3;
        Directory.CreateDirectory(folder[pointed ? "git" : ".git"]);
        foreach (var (name, part) in Names.Zip(parts))
        {
            File.WriteAllBytes(folder[$"{(pointed ? "git" : ".git")}/{name}"], part);
        }

        if (pointed)
        {
            File.WriteAllBytes(folder[".git"], parts[3]);
        }

        Require(Hex.IsGitId(GitHead.Of(folder.Path).Commit), "HEAD leads to something that is no commit");
        return true;
    }

    private static IEnumerable<byte[]> Split(byte[] bytes)
    {
        var parts = new List<byte[]>();
        foreach (var range in bytes.AsSpan().Split((byte)0xFF))
        {
            parts.Add(bytes[range]);
        }

        return parts;
    }

    // The end of the stream is what GitRun makes a TdxException of.
    private static bool Accepts(Func<Task<bool>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is TdxException or EndOfStreamException)
        {
            return false;
        }
    }
}
