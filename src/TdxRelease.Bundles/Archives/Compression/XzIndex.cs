using System.Buffers.Binary;

namespace TdxRelease.Bundles.Archives;

/// <summary>What the index at the end of an xz stream claims (tukaani.org, "The .xz File Format", sections 2.1.2 and 4). Only an expectation: liblzma checks it.</summary>
internal static class XzIndex
{
    private const int FooterLength = 12;

    /// <summary>Uncompressed bytes of all blocks, or 0 where the end is not that of a stream.</summary>
    public static ulong Claim(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < FooterLength || !stream[^2..].SequenceEqual("YZ"u8))
        {
            return 0;
        }

        var length = 4L * (1L + BinaryPrimitives.ReadUInt32LittleEndian(stream[^8..]));
        if (length > stream.Length - FooterLength)
        {
            return 0;
        }

        var index = stream.Slice(stream.Length - FooterLength - (int)length, (int)length)[1..];
        var total = 0UL;
        for (var blocks = Number(ref index); blocks > 0 && !index.IsEmpty; blocks--)
        {
            _ = Number(ref index);
            total = unchecked(total + Number(ref index));
        }

        return total;
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
}
