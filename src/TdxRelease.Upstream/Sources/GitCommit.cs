using System.Globalization;
using System.Text;
using System.Threading.Channels;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Upstream.Sources;

/// <summary>A commit as its objects say, each held to its own id: an object store of somebody else may return anything.</summary>
/// <param name="Tree">Id of its tree.</param>
/// <param name="Date">Committer date, UTC.</param>
/// <param name="Blobs">Ids of its data files by path.</param>
internal sealed record GitCommit(string Tree, DateOnly Date, IReadOnlyDictionary<string, string> Blobs)
{
    private const int MaxObject = 16 << 20;

    /// <summary>Reads the commit and those of its trees that can hold data.</summary>
    /// <exception cref="TdxException">Exit 6: an object is missing or is not what its id says.</exception>
    public static async Task<GitCommit> ReadAsync(GitProcess git, string commit, string name, CancellationToken cancellation)
    {
        var asked = Channel.CreateUnbounded<string>();
        GitCommit? read = null;
        await git.RunAsync(
            ["cat-file", "--batch"],
            cancellation,
            input: async stream =>
            {
                await foreach (var id in asked.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"{id}\n"), cancellation).ConfigureAwait(false);
                    await stream.FlushAsync(cancellation).ConfigureAwait(false);
                }
            },
            output: async stream =>
            {
                try
                {
                    using var buffered = new BufferedStream(stream, 1 << 16);
                    read = await WalkAsync(commit, name, (type, id) =>
                    {
                        asked.Writer.TryWrite(id);
                        return ObjectAsync(buffered, type, id, name, cancellation);
                    }).ConfigureAwait(false);
                }
                finally
                {
                    asked.Writer.Complete();
                }
            }).ConfigureAwait(false);
        return read!;
    }

    /// <summary>From the commit down to the blobs.</summary>
    internal static async Task<GitCommit> WalkAsync(string commit, string name, Func<string, string, Task<byte[]>> read)
    {
        var (root, date) = Parse(await read("commit", commit).ConfigureAwait(false), commit, name);
        var blobs = new Dictionary<string, string>(StringComparer.Ordinal);
        var trees = new Queue<(string Prefix, string Id)>([("", root)]);
        for (var entries = 0; trees.TryDequeue(out var tree);)
        {
            foreach (var (mode, path, id) in Entries(tree.Prefix, await read("tree", tree.Id).ConfigureAwait(false), commit.Length / 2))
            {
                if (++entries > DataFiles.MaxCount)
                {
                    throw Bad(name, $"more than {DataFiles.MaxCount} entries");
                }

                if (mode is "40000" && !IsDataFolder(path))
                {
                    continue;
                }

                if (mode is "40000")
                {
                    trees.Enqueue(($"{path}/", id));
                }
                else if (mode is "100644" or "100755" or "100664" && DataFiles.KindOf(path) is not null)
                {
                    blobs[path] = id;
                }
            }
        }

        return new GitCommit(root, date, blobs);
    }

    // "committer NAME <ADDRESS> SECONDS ZONE"
    private static (string Tree, DateOnly Date) Parse(byte[] content, string commit, string name)
    {
        var header = Encoding.Latin1.GetString(content).Split("\n\n")[0].Split('\n');
        var tree = header[0].StartsWith("tree ", StringComparison.Ordinal) ? header[0]["tree ".Length..] : "";
        var committer = header.FirstOrDefault(line => line.StartsWith("committer ", StringComparison.Ordinal))?.Split(' ') ?? [];
        return Hex.IsGitId(tree) && tree.Length == commit.Length && committer.Length > 2
            && long.TryParse(committer[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? (tree, DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime))
            : throw Bad(name, $"commit {commit} has no tree or no date");
    }

    // "MODE NAME" NUL, then the id as bytes.
    private static IEnumerable<(string Mode, string Path, string Id)> Entries(string prefix, byte[] content, int idLength)
    {
        for (var at = 0; at < content.Length;)
        {
            var end = Array.IndexOf(content, (byte)0, at);
            if (end < 0 || end + 1 + idLength > content.Length)
            {
                yield break;
            }

            var entry = Encoding.Latin1.GetString(content, at, end - at).Split(' ', 2);
            at = end + 1 + idLength;
            yield return (entry[0], prefix + entry[^1], Convert.ToHexStringLower(content, end + 1, idLength));
        }
    }

    /// <summary>One answer of <c>git cat-file --batch</c>.</summary>
    internal static async Task<byte[]> ObjectAsync(Stream stream, string type, string id, string name, CancellationToken cancellation)
    {
        var header = new StringBuilder();
        for (int c; (c = stream.ReadByte()) != '\n';)
        {
            header.Append(c >= 0 && header.Length < 200 ? (char)c : throw Bad(name, $"git ended before {type} {id}"));
        }

        var fields = header.ToString().Split(' ');
        if (fields is not [_, _, _] || fields[0] != id || fields[1] != type
            || !int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > MaxObject)
        {
            throw Bad(name, $"git answers \"{header}\", want {type} {id} of at most {MaxObject} bytes");
        }

        var content = new byte[length];
        await stream.ReadExactlyAsync(content, cancellation).ConfigureAwait(false);
        return stream.ReadByte() == '\n' && Hex.GitObject(type, content, sha256: id.Length == 64) == id
            ? content
            : throw Bad(name, $"the content of {type} {id} does not match its id");
    }

    private static TdxException Bad(string name, string what) =>
        new(ExitCode.Io, $"{name}: {what}", "git fsck shows what the repository lacks");

    // The two directories of module files, with those of lines and versions in them.
    private static bool IsDataFolder(string path) =>
        $"{path.Split('/')[0]}/" is UpstreamLayout.Images or UpstreamLayout.Parts && path.Count(c => c == '/') < 3;
}
