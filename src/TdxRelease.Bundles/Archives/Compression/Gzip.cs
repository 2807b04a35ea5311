using System.Buffers.Binary;
using System.IO.Compression;

namespace TdxRelease.Bundles.Archives;

/// <summary>gzip with a fixed header: no name, no time, "Unix", as <c>gzip -n</c> writes it.</summary>
internal static class Gzip
{
    private const int HeaderLength = 10;
    private const int TrailerLength = 8;

    public static byte[] Compress(ReadOnlySpan<byte> data, int level)
    {
        using var output = new MemoryStream();
        output.Write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, (byte)(level == 9 ? 2 : 0), 3]);
        using (var deflate = new DeflateStream(output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
        {
            deflate.Write(data);
        }

        if (data.Length == 0)
        {
            // DeflateStream writes nothing for nothing; an empty final block is what the format wants.
            output.Write([3, 0]);
        }

        Span<byte> trailer = stackalloc byte[TrailerLength];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc32.Of(data));
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)data.Length);
        output.Write(trailer);
        return output.ToArray();
    }

    public static unsafe void Decompress(ReadOnlySpan<byte> data, string name, BoundedOutput output)
    {
        var start = HeaderEnd(data, name);
        output.Expect(BinaryPrimitives.ReadUInt32LittleEndian(data[^4..]));
        fixed (byte* from = data)
        {
            using var input = new UnmanagedMemoryStream(from + start, data.Length - TrailerLength - start);
            Inflate(input, start, data[^TrailerLength..], name, output);
        }
    }

    private static void Inflate(UnmanagedMemoryStream input, int start, ReadOnlySpan<byte> trailer, string name, BoundedOutput output)
    {
        using var deflate = new DeflateStream(input, CompressionMode.Decompress);
        var buffer = new byte[81920];
        var crc = new Crc32Running();
        uint length = 0;
        try
        {
            for (var n = deflate.Read(buffer); n > 0; n = deflate.Read(buffer))
            {
                output.Write(buffer.AsSpan(0, n));
                crc.Add(buffer.AsSpan(0, n));
                length = unchecked(length + (uint)n);
            }
        }
        catch (InvalidDataException)
        {
            throw ArchiveErrors.Whole(name, "is damaged: gzip data does not decompress");
        }

        // A stream that ended early leaves its position where the data ended (seekable input is wound back).
        if (input.Position != input.Length)
        {
            throw ArchiveErrors.At(name, start + input.Position, $"{input.Length - input.Position} bytes behind the gzip data");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != crc.Value || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != length)
        {
            throw ArchiveErrors.At(name, start + input.Length, "gzip checksum or length does not match the data");
        }
    }

    private static int HeaderEnd(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length < HeaderLength + 2 + TrailerLength || data[0] != 0x1F || data[1] != 0x8B || data[2] != 8)
        {
            throw ArchiveErrors.At(name, 0, "is not gzip data");
        }

        var flags = data[3];
        var end = HeaderLength;
        if ((flags & 0xE6) != 0)
        {
            throw ArchiveErrors.At(name, 3, $"gzip flags 0x{flags:x2}: only a text mark, a name and a comment are taken");
        }

        // FNAME (8) and FCOMMENT (16) are strings with a NUL at the end; gzip(1) writes the name unless told not to.
        foreach (var flag in (ReadOnlySpan<int>)[8, 16])
        {
            if ((flags & flag) != 0)
            {
                var nul = data[end..].IndexOf((byte)0);
                if (nul < 0 || end + nul + 1 > data.Length - TrailerLength)
                {
                    throw ArchiveErrors.At(name, end, "the gzip header does not end");
                }

                end += nul + 1;
            }
        }

        return end;
    }
}
