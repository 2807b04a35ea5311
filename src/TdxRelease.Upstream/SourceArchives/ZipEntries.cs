using System.IO.Compression;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Json;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Upstream.SourceArchives;

/// <summary>
/// The entries of a zip. Declared lengths are not believed, checksums are checked, and the two headers of an entry must agree.
/// </summary>
internal static class ZipEntries
{
    private const int FileTypeMask = 0xF000;
    private const int LinkType = 0xA000;
    private const int RegularType = 0x8000;
    private const int FolderType = 0x4000;

    public static IEnumerable<ArchiveEntry> Of(Stream archive, long limit, Action<string> commit, CancellationToken cancellation)
    {
        using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
        if (Hex.IsGitId(zip.Comment))
        {
            commit(zip.Comment);
        }

        if (zip.Entries.Sum(entry => (decimal)entry.Length) > limit)
        {
            throw new InvalidDataException($"unpacks to more than {limit} bytes");
        }

        ZipHeaders.RequireAgreement(archive);
        foreach (var entry in zip.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new ArchiveEntry(entry.FullName.TrimEnd('/'), KindOf(entry), entry.Length, () => Content(entry));
        }
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        if (entry.IsEncrypted)
        {
            throw new InvalidDataException($"\"{entry.FullName}\" is encrypted");
        }

        var content = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(content);
        if (stream.ReadByte() >= 0)
        {
            throw new InvalidDataException($"\"{entry.FullName}\" is longer than it says");
        }

        return Crc32.Of(content) == entry.Crc32 ? content
            : throw new InvalidDataException($"\"{entry.FullName}\" does not match its checksum");
    }

    // The upper half of the external attributes is the Unix mode where a Unix tool, git included, made the archive.
    private static EntryKind KindOf(ZipArchiveEntry entry) => ((entry.ExternalAttributes >> 16) & FileTypeMask) switch
    {
        LinkType => EntryKind.Link,
        FolderType => EntryKind.Folder,
        0 or RegularType => entry.FullName.EndsWith('/') ? EntryKind.Folder : EntryKind.File,
        _ => EntryKind.Special,
    };
}
