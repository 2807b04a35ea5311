using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Upstream.SourceArchives;

/// <summary>An entry of an archive while it is being read.</summary>
/// <param name="Path">As the archive spells it, without a trailing slash.</param>
/// <param name="Kind">What it claims to be.</param>
/// <param name="Length">Bytes it claims to have.</param>
/// <param name="Read">Reads the content; usable only until the next entry.</param>
internal readonly record struct ArchiveEntry(string Path, EntryKind Kind, long Length, Func<byte[]> Read);

/// <summary>
/// Reads the data files of a tar or zip archive, in two passes: names first,
/// so that nothing is written for an archive that is refused for its names.
/// </summary>
/// <param name="archive">Seekable; stays open.</param>
/// <param name="name">How messages call it.</param>
/// <param name="limits">How much it may unpack to.</param>
/// <param name="code">Exit 3 for a file that the user named, exit 6 for a download.</param>
internal sealed class ArchiveReader(Stream archive, string name, FetchLimits limits, ExitCode code)
{
    private readonly ArchiveKind kind = ArchiveKinds.Of(archive);

    /// <summary>The commit that git wrote into the archive (tar: the pax comment, zip: the archive comment), if any.</summary>
    public string? Commit { get; private set; }

    /// <summary>Calls <paramref name="take"/> with each data file's path and bytes; returns how many regular files are not data.</summary>
    /// <exception cref="TdxException">What <see cref="Selection"/> refuses; damaged, truncated or too large archives.</exception>
    public int ReadAll(Action<string, byte[]> take, CancellationToken cancellation)
    {
        var names = new Selection(name, code);
        try
        {
            var root = Root(names, cancellation);
            var selection = new Selection(name, code);
            foreach (var entry in Entries(cancellation))
            {
                var relative = Relative(entry.Path, root);
                if (relative is not null && selection.Includes(relative, entry.Kind, entry.Length))
                {
                    var content = entry.Read();
                    selection.CheckContent(relative, content);
                    take(relative, content);
                }
            }

            return selection.Ignored;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException
            or NotSupportedException or OverflowException)
        {
            throw new TdxException(code, $"{name}: {Lower(e.Message)}", "the archive is damaged or incomplete", e);
        }
        catch (IOException e)
        {
            throw new TdxException(ExitCode.Io, $"{name}: {Lower(e.Message)}", inner: e);
        }
    }

    /// <summary>The one folder that holds everything, as GitHub packs it, or "" where upstream's files are at the top.</summary>
    private string Root(Selection names, CancellationToken cancellation)
    {
        string? top = null;
        var single = true;
        foreach (var entry in Entries(cancellation))
        {
            _ = names.Includes(entry.Path, entry.Kind, 0);
            var slash = entry.Path.IndexOf('/', StringComparison.Ordinal);
            var first = slash < 0 ? entry.Path : entry.Path[..slash];
            single &= (slash >= 0 || entry.Kind == EntryKind.Folder) && (top ??= first) == first;
        }

        return top is not null && single ? $"{top}/" : "";
    }

    // Null for the root folder itself.
    private static string? Relative(string path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal) ? path[root.Length..] : null;

    private IEnumerable<ArchiveEntry> Entries(CancellationToken cancellation) => kind switch
    {
        ArchiveKind.Zip => ZipEntries.Of(archive, limits.MaxUnpacked, commit => Commit = commit, cancellation),
        ArchiveKind.Tar or ArchiveKind.GzipTar or ArchiveKind.ZstdTar =>
            TarEntries.Of(archive, kind, limits.MaxUnpacked, commit => Commit = commit, cancellation),
        _ => throw new TdxException(code, $"{name}: is not a tar, tar.gz, tar.zst or zip archive"),
    };

    // The messages of .NET are sentences.
    private static string Lower(string message) => char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
}
