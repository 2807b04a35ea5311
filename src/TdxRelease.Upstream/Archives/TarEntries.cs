using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using TdxRelease.Files.Compression;
using TdxRelease.Upstream.Json;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.Archives;

/// <summary>The entries of a tar, plain or compressed.</summary>
internal static class TarEntries
{
    public static IEnumerable<ArchiveEntry> Of(Stream archive, ArchiveKind kind, long limit, Action<string> commit, CancellationToken cancellation)
    {
        archive.Position = 0;
        var file = new KeptStream(archive);
        using Stream plain = kind switch
        {
            ArchiveKind.GzipTar => new GZipStream(file, CompressionMode.Decompress),
            ArchiveKind.ZstdTar => new ZstdReadStream(file),
            _ => file,
        };
        using var bounded = new BoundedReadStream(plain, limit);
        using var reader = new TarReader(bounded, leaveOpen: true);
        while (reader.GetNextEntry() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            switch (entry)
            {
                case PaxGlobalExtendedAttributesTarEntry global:
                    if (global.GlobalExtendedAttributes.TryGetValue("comment", out var id) && Hex.IsGitId(id))
                    {
                        commit(id);
                    }

                    break;
                default:
                    yield return new ArchiveEntry(entry.Name.TrimEnd('/'), KindOf(entry.EntryType), entry.Length, () => Content(entry));
                    break;
            }
        }

        // To the end, so that a cut or damaged tail is noticed: the compressed formats carry their check there.
        var rest = new byte[1 << 16];
        while (bounded.Read(rest) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        if (kind == ArchiveKind.GzipTar)
        {
            CheckGzipEnd(archive, bounded.Position);
        }
    }

    // .NET's GZipStream does not miss a trailer that is cut off. The last four bytes are the length modulo 2^32 (RFC 1952); git and gzip write one member.
    private static void CheckGzipEnd(Stream archive, long unpacked)
    {
        var trailer = new byte[4];
        archive.Seek(-trailer.Length, SeekOrigin.End);
        archive.ReadExactly(trailer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != (uint)(unpacked & uint.MaxValue))
        {
            throw new InvalidDataException("the gzip data is truncated");
        }
    }

    private static byte[] Content(TarEntry entry)
    {
        var content = new byte[entry.Length];
        entry.DataStream?.ReadExactly(content);
        return content;
    }

    private static EntryKind KindOf(TarEntryType type) => type switch
    {
        TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => EntryKind.File,
        TarEntryType.Directory => EntryKind.Folder,
        TarEntryType.SymbolicLink or TarEntryType.HardLink => EntryKind.Link,
        _ => EntryKind.Special,
    };
}
