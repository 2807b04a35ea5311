using System.Buffers.Binary;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.SourceArchives;

/// <summary>
/// Holds the central directory of a zip against the local header of each entry (APPNOTE 4.3.7 and 4.3.12; all numbers little-endian):
/// some extractors read the one, some the other, and both must get the same files.
/// Entries follow each other from the first byte on, so that none hides between them.
/// </summary>
internal static class ZipHeaders
{
    private const uint EndMagic = 0x06054B50;
    private const uint CentralMagic = 0x02014B50;
    private const uint LocalMagic = 0x04034B50;
    private const int EndLength = 22;
    private const int CentralLength = 46;
    private const int LocalLength = 30;
    private const int DescriptorFollows = 0x8;
    private const int MaxDescriptor = 16;

    private readonly record struct Header(int Flags, int Method, uint Crc32, uint Packed, uint Length, string Name);

    /// <exception cref="InvalidDataException">Two headers of an entry differ, entries lie apart or over each other, zip64.</exception>
    /// <exception cref="EndOfStreamException">A header is cut off.</exception>
    public static void RequireAgreement(Stream archive)
    {
        var (directory, count) = End(archive);
        var at = directory;
        var entries = new List<(uint Offset, Header Header)>(count);
        for (var i = 0; i < count; i++)
        {
            var fixedPart = Read(archive, at, CentralLength, CentralMagic);
            entries.Add((U32(fixedPart, 42), Parse(archive, at, fixedPart, 8, 28)));
            at += CentralLength + U16(fixedPart, 28) + U16(fixedPart, 30) + U16(fixedPart, 32);
        }

        long end = 0;
        foreach (var (offset, central) in entries.OrderBy(e => e.Offset))
        {
            Apart(offset, end, central.Name);
            end = Local(archive, offset, central);
        }

        Apart(directory, end, "the central directory");
    }

    // A data descriptor (4.3.9) of 12 or 16 bytes may lie behind what its flag announces.
    private static void Apart(long at, long end, string name)
    {
        if (at < end || at > end + MaxDescriptor)
        {
            throw new InvalidDataException(
                $"\"{UntrustedText.Visible(name)}\" begins at byte {at}, what lies in front of it ends at {end}");
        }
    }

    private static long Local(Stream archive, long offset, Header central)
    {
        var fixedPart = Read(archive, offset, LocalLength, LocalMagic);
        var local = Parse(archive, offset, fixedPart, 6, 26);

        // Where a descriptor follows, the local header may leave checksum and lengths open: zero.
        var open = (central.Flags & DescriptorFollows) != 0;
        uint Said(uint number, uint want) => open && number == 0 ? want : number;
        var said = local with
        {
            Crc32 = Said(local.Crc32, central.Crc32),
            Packed = Said(local.Packed, central.Packed),
            Length = Said(local.Length, central.Length),
        };
        if (said != central)
        {
            throw new InvalidDataException(
                $"\"{UntrustedText.Visible(central.Name)}\": its local header, at byte {offset}, differs from the central directory"
                + " in name, flags, method, checksum or length");
        }

        return offset + LocalLength + U16(fixedPart, 26) + U16(fixedPart, 28) + central.Packed;
    }

    private static Header Parse(Stream archive, long at, byte[] header, int flags, int nameLength)
    {
        var name = Bytes(archive, at + header.Length, U16(header, nameLength));
        CheckExtra(Bytes(archive, at + header.Length + name.Length, U16(header, nameLength + 2)), at);
        return new Header(
            U16(header, flags),
            U16(header, flags + 2),
            U32(header, flags + 8),
            U32(header, flags + 12),
            U32(header, flags + 16),
            Encoding.Latin1.GetString(name));
    }

    // Times and owners (4.5.2: NTFS, and Info-ZIP's). Others give a second name, or other lengths, to those who know them.
    private static void CheckExtra(ReadOnlySpan<byte> extra, long at)
    {
        while (extra.Length > 0)
        {
            var kind = extra.Length < 4 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(extra);
            var length = extra.Length < 4 ? extra.Length : 4 + BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (kind is not (0x000A or 0x5455 or 0x5855 or 0x7855 or 0x7875) || length > extra.Length)
            {
                throw new InvalidDataException($"the header at byte {at} has an extra field 0x{kind:x4}, which is not supported");
            }

            extra = extra[length..];
        }
    }

    private static (long Directory, int Count) End(Stream archive)
    {
        var length = (int)Math.Min(archive.Length, EndLength + ushort.MaxValue);
        var tail = Bytes(archive, archive.Length - length, length);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (U32(tail, at) != EndMagic)
            {
                continue;
            }

            var (count, size, offset) = (U16(tail, at + 10), U32(tail, at + 12), U32(tail, at + 16));
            var position = archive.Length - tail.Length + at;
            return at + EndLength + U16(tail, at + 20) == tail.Length && U16(tail, at + 8) == count && offset + (long)size == position
                ? (offset, count)
                : throw new InvalidDataException(
                    $"the end record, at byte {position}, does not fit the archive, or the archive is a zip64");
        }

        throw new InvalidDataException("has no end record");
    }

    private static byte[] Read(Stream archive, long at, int length, uint magic)
    {
        var header = Bytes(archive, at, length);
        return U32(header, 0) == magic ? header : throw new InvalidDataException($"has no header at byte {at}");
    }

    private static byte[] Bytes(Stream archive, long at, int length)
    {
        var bytes = new byte[length];
        archive.Position = at;
        archive.ReadExactly(bytes);
        return bytes;
    }

    private static int U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
