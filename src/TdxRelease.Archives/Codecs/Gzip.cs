using System.Buffers.Binary;
using System.IO.Compression;

namespace TdxRelease.Archives.Codecs;

/// <summary>gzip with a fixed header: no name, no time, "Unix", as <c>gzip -n</c> writes it.</summary>
internal static class Gzip
{
    private const int TrailerLength = 8;

    /// <summary>Compresses; the same input and level give the same bytes.</summary>
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

    /// <summary>
    /// Refuses a header other than that of <see cref="Compress"/>: name, comment and time are read by nobody and covered by no signature.
    /// </summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3.</exception>
    public static void RequireWritten(ReadOnlySpan<byte> data, string name)
    {
        if (!data.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 8, 0, 0, 0, 0, 0]) || data[8] is not (0 or 2) || data[9] != 3)
        {
            throw ArchiveErrors.At(name, 0, "the gzip header is not the one that a release has");
        }
    }

    /// <summary>Decompresses one member that fills the input; anything behind it is exit 3.</summary>
    public static unsafe void Decompress(ReadOnlySpan<byte> data, string name, BoundedOutput output)
    {
        if (data.Length < TrailerLength)
        {
            throw ArchiveErrors.At(name, 0, "is not gzip data");
        }

        fixed (byte* from = data)
        {
            try
            {
                using var input = new UnmanagedMemoryStream(from, data.Length);
                using var gzip = new GzipReadStream(input);
                output.Expect(BinaryPrimitives.ReadUInt32LittleEndian(data[^4..]));
                var buffer = new byte[81920];
                for (var n = gzip.Read(buffer); n > 0; n = gzip.Read(buffer))
                {
                    output.Write(buffer.AsSpan(0, n));
                }
            }
            catch (InvalidDataException e)
            {
                throw ArchiveErrors.InArchive(name, e.Message);
            }
        }
    }
}
