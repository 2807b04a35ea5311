using System.Buffers.Binary;
using System.IO.Compression;
using TdxRelease.Core.Files;

namespace TdxRelease.Archives.Codecs;

/// <summary>
/// Decompresses a file of exactly one gzip member (RFC 1952), as gzip, git and GNU tar
/// write it. Read-only, forward-only. A second member, bytes behind the first, a cut
/// or a wrong checksum throw <see cref="InvalidDataException"/>: extractors differ on what stands behind the first member.
/// </summary>
public sealed class GzipReadStream : ForwardStream
{
    private const int TrailerLength = 8;
    private readonly Window data;
    private readonly DeflateStream deflate;
    private readonly Crc32Running checksum = new();
    private readonly uint wantChecksum;
    private readonly uint wantLength;
    private uint length;
    private bool ended;

    /// <summary>Reads from the file, which must be seekable and stays open.</summary>
    /// <exception cref="InvalidDataException">No gzip header, or one with flags other than name and comment.</exception>
    public GzipReadStream(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Position = 0;
        var start = SkipHeader(file);
        var trailer = new byte[TrailerLength];
        if (file.Length < start + TrailerLength)
        {
            throw new InvalidDataException("the gzip data is truncated");
        }

        file.Position = file.Length - TrailerLength;
        file.ReadExactly(trailer);
        wantChecksum = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        wantLength = BinaryPrimitives.ReadUInt32LittleEndian(trailer.AsSpan(4));
        data = new Window(file, start, file.Length - TrailerLength);
        deflate = new DeflateStream(data, CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int n;
        try
        {
            n = deflate.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("the gzip data is damaged", e);
        }

        checksum.Add(buffer[..n]);
        length = unchecked(length + (uint)n);
        if (n == 0 && buffer.Length > 0 && !ended)
        {
            ended = true;
            CheckEnd();
        }

        return n;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            deflate.Dispose();
            data.Dispose();
        }

        base.Dispose(disposing);
    }

    private void CheckEnd()
    {
        if (data.Exhausted)
        {
            throw new InvalidDataException("the gzip data is truncated");
        }

        if (data.Position != data.Length)
        {
            throw new InvalidDataException("data behind the gzip data: want one member and nothing else");
        }

        if (checksum.Value != wantChecksum || length != wantLength)
        {
            throw new InvalidDataException("the gzip data is truncated or damaged: checksum or length does not match");
        }
    }

    // Ten bytes, then name (8) and comment (16), each up to a NUL.
    private static long SkipHeader(Stream file)
    {
        Span<byte> header = stackalloc byte[10];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || header is not [0x1F, 0x8B, 8, ..])
        {
            throw new InvalidDataException("is not gzip data");
        }

        var flags = header[3];
        if ((flags & ~0x18) != 0)
        {
            throw new InvalidDataException($"gzip flags 0x{flags:x2}: only a name and a comment are supported");
        }

        for (var texts = (flags >> 3 & 1) + (flags >> 4 & 1); texts > 0;)
        {
            var next = file.ReadByte();
            texts -= next == 0 ? 1 : 0;
            if (next < 0)
            {
                throw new InvalidDataException("the gzip data is truncated");
            }
        }

        return file.Position;
    }

    /// <summary>
    /// A part of a file as a stream of its own, so that what reads it cannot run into
    /// the trailer. The last byte is given by itself: who never asks for it had an end
    /// of data before.
    /// </summary>
    private sealed class Window(Stream file, long start, long end) : ForwardStream
    {
        private long at;

        /// <summary>Whether somebody asked for bytes behind the last one: then the deflate data has no last block.</summary>
        public bool Exhausted { get; private set; }

        public override long Length => end - start;

        public override long Position
        {
            get => at;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            file.Position = start + at;
            var left = Length - at;
            Exhausted = left == 0;
            var n = file.Read(buffer[..(int)Math.Min(buffer.Length, left > 1 ? left - 1 : left)]);
            at += n;
            return n;
        }
    }
}
