using TdxRelease.Archives.Codecs;
using TdxRelease.Archives.Tar;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.SourceArchives;

/// <summary>The entries of a tar, plain or compressed.</summary>
internal static class TarEntries
{
    public static IEnumerable<ArchiveEntry> Of(Stream archive, ArchiveKind kind, long limit, Action<string> commit,
        CancellationToken cancellation)
    {
        archive.Position = 0;
        var file = new LeaveOpenStream(archive);
        using Stream plain = kind switch
        {
            ArchiveKind.GzipTar => new GzipReadStream(archive),
            ArchiveKind.ZstdTar => new ZstdReadStream(file),
            _ => file,
        };
        using var bounded = new BoundedReadStream(plain, limit);
        var blocks = new TarBlocks(TarInput.Of(bounded));
        while (blocks.Next() is { } member)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Hex.IsGitId(blocks.Comment))
            {
                commit(blocks.Comment);
            }

            var path = member.RelativePath;
            if (path.Length > 0 || member.Type != TarMember.Folder)
            {
                yield return new ArchiveEntry(path, KindOf(member.Type), member.Size, () => blocks.Content().ToArray());
            }
        }
    }

    private static EntryKind KindOf(char type) => type switch
    {
        TarMember.File => EntryKind.File,
        TarMember.Folder => EntryKind.Folder,
        TarMember.SymbolicLink or TarMember.HardLink => EntryKind.Link,
        _ => EntryKind.Special,
    };
}
