using System.Buffers.Binary;

namespace TdxRelease.Archives.Codecs;

/// <summary>A block as the index tells of it.</summary>
/// <param name="Unpadded">Compressed bytes with header and check, without the padding to a multiple of four.</param>
/// <param name="Length">Uncompressed bytes.</param>
internal readonly record struct XzRecord(ulong Unpadded, ulong Length)
{
    /// <summary>Bytes that the block takes in the stream.</summary>
    public ulong Padded => (Unpadded + 3) & ~3UL;
}

/// <summary>
/// The frame around the blocks of an xz stream ("The .xz File Format" 1.1, sections
/// 2.1 and 4): 12 bytes of header, the blocks, the index with the sizes of each,
/// 12 bytes of footer. Numbers are little endian.
/// </summary>
internal static class XzIndex
{
    public const int HeaderLength = 12;

    private const int FooterLength = 12, FlagsOffset = 6;

    // The smallest and largest unpadded size of a block; no sum of two such sizes overflows.
    private const ulong MinUnpadded = 5, MaxSize = 1UL << 62;

    // A stream of more blocks than this is not worth looking into; a lie about their number costs no memory.
    private const int MaxBlocks = 1024;

    /// <summary>
    /// The blocks of a stream whose magic, index and footer are right to the last byte:
    /// checksums, padding, the shortest form of every number, sizes that fill the
    /// stream. Null for anything else, and for more than 1024 blocks. Neither the header's checksum nor what is in the blocks is looked at.
    /// </summary>
    public static IReadOnlyList<XzRecord>? Records(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < HeaderLength + FooterLength || !stream.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
        {
            return null;
        }

        // Backward size: the index in units of four bytes, less one.
        var length = 4L * (1L + BinaryPrimitives.ReadUInt32LittleEndian(stream[^8..]));
        if (length > stream.Length - HeaderLength - FooterLength)
        {
            return null;
        }

        var room = (ulong)(stream.Length - HeaderLength - FooterLength - length);
        var end = stream[^(FooterLength + (int)length)..];
        var numbers = end[1..^FooterLength];
        var count = Number(ref numbers);
        if (count > MaxBlocks)
        {
            return null;
        }

        var records = new List<XzRecord>((int)count);
        for (; count > 0; count--)
        {
            var record = new XzRecord(Number(ref numbers), Number(ref numbers));
            if (record.Unpadded is < MinUnpadded or > MaxSize || record.Length > MaxSize || record.Padded > room)
            {
                return null;
            }

            room -= record.Padded;
            records.Add(record);
        }

        // Written again, the end must come out as it is.
        return room == 0 && end.SequenceEqual(End(records, Flags(stream))) ? records : null;
    }

    /// <summary>Uncompressed bytes that the index claims, or 0 where it cannot be read. Only an expectation: liblzma checks it.</summary>
    public static ulong Claim(ReadOnlySpan<byte> stream) => Records(stream)?.Aggregate(0UL, (sum, r) => unchecked(sum + r.Length)) ?? 0;

    /// <summary>The stream flags (which check the blocks carry) in a stream's header.</summary>
    public static ReadOnlySpan<byte> Flags(ReadOnlySpan<byte> stream) => stream.Slice(FlagsOffset, 2);

    /// <summary>Index and footer of a stream.</summary>
    public static byte[] End(IReadOnlyCollection<XzRecord> records, ReadOnlySpan<byte> flags)
    {
        // Indicator 0, the number of records, then both sizes of each.
        var index = new List<byte> { 0 };
        Write(index, (ulong)records.Count);
        foreach (var record in records)
        {
            Write(index, record.Unpadded);
            Write(index, record.Length);
        }

        while (index.Count % 4 != 0)
        {
            index.Add(0);
        }

        var end = new byte[index.Count + 4 + FooterLength];
        index.CopyTo(end);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(index.Count), Crc32.Of(end.AsSpan(0, index.Count)));

        // Of the footer, the checksum comes first.
        var footer = end.AsSpan(index.Count + 4);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[4..], (uint)(((index.Count + 4) / 4) - 1));
        flags.CopyTo(footer[8..]);
        "YZ"u8.CopyTo(footer[10..]);
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Crc32.Of(footer[4..10]));
        return end;
    }

    // Seven bits a byte, the lowest first; the high bit says that more follow.
    private static ulong Number(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; shift < 63 && !bytes.IsEmpty; shift += 7)
        {
            var b = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                break;
            }
        }

        return value;
    }

    private static void Write(List<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            to.Add((byte)((value & 0x7F) | 0x80));
        }

        to.Add((byte)value);
    }
}
