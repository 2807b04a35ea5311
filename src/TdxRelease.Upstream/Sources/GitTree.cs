using System.Globalization;
using System.Text;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Sources;

/// <summary>A data file of a git tree.</summary>
internal readonly record struct GitBlob(string Path, string Id, long Length);

/// <summary>Lists a tree and reads blobs from an object store, never from a work tree.</summary>
internal static class GitTree
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The data files of the commit's tree, in git's order.</summary>
    public static async Task<List<GitBlob>> ListAsync(GitProcess git, string commit, Selection selection, CancellationToken cancellation)
    {
        using var output = new MemoryStream();
        await git.RunAsync(["ls-tree", "-r", "-z", "-l", "--full-tree", commit], cancellation,
            output: stream => CopyAsync(stream, output, selection, cancellation)).ConfigureAwait(false);
        return Parse(output.GetBuffer().AsSpan(0, (int)output.Length), selection);
    }

    /// <summary>The data files in what <c>git ls-tree -r -z -l</c> prints.</summary>
    internal static List<GitBlob> Parse(ReadOnlySpan<byte> rest, Selection selection)
    {
        var blobs = new List<GitBlob>();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)0);
            var blob = Entry(end < 0 ? rest : rest[..end], selection, out var kind);
            if (selection.Includes(blob.Path, kind, blob.Length))
            {
                blobs.Add(blob);
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return blobs;
    }

    /// <summary>Reads the blobs one after the other, each checked against its own id.</summary>
    public static async Task ReadAsync(GitProcess git, List<GitBlob> blobs, Selection selection, Action<string, byte[]> take,
        CancellationToken cancellation)
    {
        await git.RunAsync(
            ["cat-file", "--batch"],
            cancellation,
            input: async stream =>
            {
                foreach (var blob in blobs)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"{blob.Id}\n"), cancellation).ConfigureAwait(false);
                    await stream.FlushAsync(cancellation).ConfigureAwait(false);
                }
            },
            output: async stream =>
            {
                using var buffered = new BufferedStream(stream, 1 << 16);
                foreach (var blob in blobs)
                {
                    var content = await ReadBlobAsync(buffered, blob, selection, cancellation).ConfigureAwait(false);
                    selection.CheckContent(blob.Path, content);
                    take(blob.Path, content);
                }
            }).ConfigureAwait(false);
    }

    // "100644 blob 7a16…  12345\tpath"; the length of a submodule is "-".
    private static GitBlob Entry(ReadOnlySpan<byte> line, Selection selection, out EntryKind kind)
    {
        var tab = line.IndexOf((byte)'\t');
        var fields = tab < 0 ? [] : Encoding.ASCII.GetString(line[..tab]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 4 || !Hex.IsGitId(fields[2]))
        {
            throw selection.Error("git lists the tree in a form that is not known");
        }

        kind = fields[0] switch
        {
            "100644" or "100755" or "100664" => EntryKind.File,
            "120000" => EntryKind.Link,
            "160000" => EntryKind.Submodule,
            _ => EntryKind.Special,
        };
        try
        {
            return new GitBlob(Utf8.GetString(line[(tab + 1)..]), fields[2],
                long.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0);
        }
        catch (DecoderFallbackException)
        {
            throw selection.Error($"\"{Encoding.Latin1.GetString(line[(tab + 1)..])}\": name is not UTF-8");
        }
    }

    /// <summary>One answer of <c>git cat-file --batch</c>.</summary>
    internal static async Task<byte[]> ReadBlobAsync(Stream stream, GitBlob blob, Selection selection, CancellationToken cancellation)
    {
        var header = new StringBuilder();
        for (int c; (c = stream.ReadByte()) != '\n';)
        {
            if (c < 0 || header.Length > 200)
            {
                throw selection.Error($"git ended before \"{blob.Path}\"");
            }

            header.Append((char)c);
        }

        if (header.ToString() != $"{blob.Id} blob {blob.Length}")
        {
            throw selection.Error($"\"{blob.Path}\": git answers \"{header}\", want blob {blob.Id} of {blob.Length} bytes");
        }

        var content = new byte[blob.Length];
        await stream.ReadExactlyAsync(content, cancellation).ConfigureAwait(false);
        if (stream.ReadByte() != '\n' || Hex.GitBlob(content, sha256: blob.Id.Length == 64) != blob.Id)
        {
            throw selection.Error($"\"{blob.Path}\": content does not match its git id {blob.Id}");
        }

        return content;
    }

    private static async Task CopyAsync(Stream from, MemoryStream to, Selection selection, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        int n;
        while ((n = await from.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (to.Length > DataFiles.MaxCount * 300L)
            {
                throw selection.Error($"more than {DataFiles.MaxCount} entries", "this is not upstream's repository");
            }

            await to.WriteAsync(buffer.AsMemory(0, n), cancellation).ConfigureAwait(false);
        }
    }
}
