using System.Buffers.Binary;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Archives;

/// <summary>
/// Joins xz streams of one block each to one stream of many blocks, which decoders read like any other (The .xz File Format 1.1):
/// 12 bytes of header, the blocks, the index (sizes of every block), 12 bytes of footer.
/// </summary>
internal static class XzBlocks
{
    private const int HeaderLength = 12, FooterLength = 12, FlagsOffset = 6;

    /// <summary>Joins the streams, which must carry the same check, as those of <see cref="Xz"/> do.</summary>
    public static byte[] Join(IReadOnlyList<byte[]> streams)
    {
        if (streams.Count == 1)
        {
            return streams[0];
        }

        using var output = new MemoryStream();
        var index = new List<byte> { 0 };
        WriteNumber(index, (ulong)streams.Count);
        output.Write(streams[0].AsSpan(0, HeaderLength));
        foreach (var stream in streams)
        {
            var indexLength = IndexLength(stream);
            output.Write(stream.AsSpan(HeaderLength, stream.Length - HeaderLength - indexLength - FooterLength));
            CopySizes(stream.AsSpan(stream.Length - FooterLength - indexLength, indexLength), index);
        }

        while (index.Count % 4 != 0)
        {
            index.Add(0);
        }

        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(four, Crc32.Of([.. index]));
        index.AddRange(four);
        output.Write([.. index]);
        output.Write(Footer(index.Count, streams[0].AsSpan(FlagsOffset, 2)));
        return output.ToArray();
    }

    // Backward size in units of four, less one; stands in the footer behind its CRC32.
    private static int IndexLength(ReadOnlySpan<byte> stream) => (int)(BinaryPrimitives.ReadUInt32LittleEndian(stream[^8..]) + 1) * 4;

    private static byte[] Footer(int indexLength, ReadOnlySpan<byte> flags)
    {
        var footer = new byte[FooterLength];
        BinaryPrimitives.WriteUInt32LittleEndian(footer.AsSpan(4), (uint)((indexLength / 4) - 1));
        flags.CopyTo(footer.AsSpan(8));
        "YZ"u8.CopyTo(footer.AsSpan(10));
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Crc32.Of(footer.AsSpan(4, 6)));
        return footer;
    }

    // Indicator 0, number of records (1 here), then unpadded and uncompressed size.
    private static void CopySizes(ReadOnlySpan<byte> from, List<byte> index)
    {
        var at = 1;
        if (ReadNumber(from, ref at) != 1)
        {
            throw new TdxException(ExitCode.InternalError, "xz: a part without exactly one block");
        }

        WriteNumber(index, ReadNumber(from, ref at));
        WriteNumber(index, ReadNumber(from, ref at));
    }

    private static ulong ReadNumber(ReadOnlySpan<byte> from, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var b = from[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }

    private static void WriteNumber(List<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            to.Add((byte)((value & 0x7F) | 0x80));
        }

        to.Add((byte)value);
    }
}
