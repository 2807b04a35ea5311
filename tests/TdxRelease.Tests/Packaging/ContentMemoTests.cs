using System.Security.Cryptography;
using TdxRelease.Bundles.Archives;
using TdxRelease.Modules.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Packaging;

public sealed class ContentMemoTests
{
    private const int Long = 70_000;

    [Fact]
    public void A_block_of_two_streams_is_decompressed_once()
    {
        var (shared, memo) = (Noise(1, Long), new ContentMemo());
        var first = Packed(Noise(2, 300), shared, Noise(3, 10));
        var second = Packed(Noise(4, 5000), shared, Noise(5, Long));
        Assert.Equal(Plain(first), Decompress(memo, first, CompressionKind.Xz, "first"));
        Assert.Equal(0, memo.Found);
        Assert.Equal(Plain(second), Decompress(memo, second, CompressionKind.Xz, "second"));
        Assert.Equal(1, memo.Found);
        Assert.Equal(Plain(second), Decompress(memo, second, CompressionKind.Xz, "second"));
        Assert.Equal(3, memo.Found);
    }

    // Flipped bits and cuts, in blocks that are known and that are not, in header, index and footer: bytes or message, both are those of liblzma alone.
    [Fact]
    public void What_is_found_changes_no_outcome()
    {
        var (shared, memo) = (Noise(1, Long), new ContentMemo());
        _ = memo.Decompress(Packed(shared), CompressionKind.Xz, "x");
        var packed = Packed(Noise(4, 3000), shared, Noise(5, 20));
        var (refused, found) = (0, memo.Found);
        Property.Check(400, (random, _) =>
        {
            var bad = packed.ToArray();

            // Where the shared block is, a flip tells least.
            var at = random.Next(4) == 0 ? random.Next(bad.Length) : random.Next(2) == 0 ? random.Next(3200) : bad.Length - 1 - random.Next(200);
            bad[at] ^= (byte)(1 << random.Next(8));
            ReadOnlyMemory<byte> stream = random.Next(5) == 0 ? bad.AsMemory(0, random.Next(bad.Length)) : bad;
            var want = Outcome(() => Compressor.Decompress(stream.Span, CompressionKind.Xz, "x"));
            Assert.Equal(want, Outcome(() => Decompress(memo, stream, CompressionKind.Xz, "x")));
            refused += want.StartsWith("exit", StringComparison.Ordinal) ? 1 : 0;
        });
        Assert.True(refused > 380, $"{refused} of 400 refused");
        Assert.Equal(found, memo.Found);
        Assert.Equal(Plain(packed), Decompress(memo, packed, CompressionKind.Xz, "x"));
        Assert.Equal(found + 1, memo.Found);
    }

    // The check of a block is not part of it: which one it is stands in the stream's header.
    [Fact]
    public void A_block_under_another_header_is_another_block()
    {
        var (shared, memo) = (Noise(1, Long), new ContentMemo());
        var packed = Packed(shared);
        _ = Decompress(memo, packed, CompressionKind.Xz, "x");
        var other = packed.ToArray();

        // Stream flags 0x0004 (CRC64) to 0x0001 (CRC32), in header and footer, with both their sums.
        other[7] = 1;
        other[^3] = 1;
        Sum(other.AsSpan(6, 2), other.AsSpan(8));
        Sum(other.AsSpan(other.Length - 8, 6), other.AsSpan(other.Length - 12));
        Assert.NotNull(XzIndex.Records(other));
        Assert.Equal(Outcome(() => Compressor.Decompress(other, CompressionKind.Xz, "x")), Outcome(() => Decompress(memo, other, CompressionKind.Xz, "x")));
        Assert.Equal(0, memo.Found);
    }

    [Fact]
    public void Limits_hold_for_what_is_found()
    {
        var (memo, packed) = (new ContentMemo(), Packed(Noise(1, Long), Noise(2, Long)));
        _ = Decompress(memo, packed, CompressionKind.Xz, "x");
        var limits = new ArchiveLimits(TotalBytes: Long + 10);
        Assert.Equal(
            Outcome(() => Compressor.Decompress(packed, CompressionKind.Xz, "x", limits)),
            Outcome(() => Decompress(memo, packed, CompressionKind.Xz, "x", limits)));
    }

    [Fact]
    public void Streams_that_are_decompressed_at_once_share_too()
    {
        var (shared, memo) = (Noise(1, Long), new ContentMemo());
        var streams = Enumerable.Range(0, 12).Select(i => Packed(Noise(10 + i, 500), shared, Noise(30 + i, 500))).ToList();
        var got = new byte[streams.Count][];
        Parallel.For(0, streams.Count, i => got[i] = Decompress(memo, streams[i], CompressionKind.Xz, "x"));
        Assert.Equal(streams.Select(s => Plain(s)), got);
        Assert.Equal(streams.Count - 1, memo.Found);
    }

    [Fact]
    public void A_refused_stream_holds_nobody_up()
    {
        var (shared, memo) = (Noise(1, Long), new ContentMemo());
        var bad = Packed(Noise(2, 500), shared);
        bad[XzIndex.HeaderLength + 200] ^= 1;
        var good = Packed(Noise(2, 500), shared);
        var refused = 0;
        Parallel.For(0, 12, i =>
        {
            if (i % 2 == 0)
            {
                Assert.Throws<TdxException>(() => Decompress(memo, bad, CompressionKind.Xz, "x"));
                Interlocked.Increment(ref refused);
            }
            else
            {
                Assert.Equal(Plain(good), Decompress(memo, good, CompressionKind.Xz, "x"));
            }
        });
        Assert.Equal(6, refused);
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(Long, 1)]
    public void Long_contents_are_hashed_once(int length, int found)
    {
        var memo = new ContentMemo();
        var content = Noise(1, length);
        var want = Convert.ToHexStringLower(SHA256.HashData(content));
        Assert.Equal(want, memo.Sha256(content));
        Assert.Equal(want, memo.Sha256(content.ToArray()));
        Assert.Equal(found, memo.Found);

        content = content.ToArray();
        content[^1] ^= 1;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), memo.Sha256(content));
        Assert.Equal(found, memo.Found);
    }

    [Fact]
    public void An_index_is_read_only_as_it_is_written()
    {
        var packed = Packed(Noise(1, 1000), Noise(2, 200), Noise(3, 7));
        Assert.Equal([1000UL, 200, 7], XzIndex.Records(packed)!.Select(r => r.Length));
        var index = packed.Length - XzIndex.End(XzIndex.Records(packed)!, XzIndex.Flags(packed)).Length;
        for (var bit = index * 8; bit < packed.Length * 8; bit++)
        {
            var bad = packed.ToArray();
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(XzIndex.Records(bad));
        }

        for (var length = 0; length < packed.Length; length++)
        {
            Assert.Null(XzIndex.Records(packed.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Split_bytes_read_as_one() => Property.Check(300, (random, size) =>
    {
        var pieces = Enumerable.Range(0, random.Next(5)).Select(_ => (ReadOnlyMemory<byte>)Noise(random.Next(), random.Next(size + 1))).ToList();
        byte[] all = [.. pieces.SelectMany(p => p.ToArray())];
        var split = new SplitBytes(pieces);
        Assert.Equal(all.Length, split.Length);
        Assert.Equal(all, split.Whole().ToArray());
        var offset = random.Next(all.Length + 1);
        var length = random.Next(all.Length - offset + 1);
        Assert.Equal(all.AsSpan(offset, length), split.Slice(offset, length).Span);
        Assert.Throws<ArgumentOutOfRangeException>(() => split.Slice(offset, all.Length - offset + 1));
    });

    [Fact]
    public void What_is_kept_or_detached_is_no_part_of_where_it_came_from()
    {
        foreach (var length in (int[])[10, Long])
        {
            var memo = new ContentMemo();
            var archive = Noise(1, length);
            var want = Noise(1, length);
            var detached = memo.Detach(archive);
            archive.AsSpan().Clear();
            Assert.Equal(want, detached.ToArray());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(want)), memo.Sha256(want));

            // Long contents take memory once.
            Assert.Equal(length == Long, memo.Detach(want).Span == detached.Span);
        }
    }

    [Fact]
    public void What_remembers_nothing_computes_the_same()
    {
        var packed = Packed(Noise(1, Long));
        var content = Noise(1, Long);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(content, Decompress(ContentMemo.None, packed, CompressionKind.Xz, "x"));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), ContentMemo.None.Sha256(content));
            Assert.Equal(content, ContentMemo.None.Detach(content).ToArray());
        }

        Assert.Equal(0, ContentMemo.None.Found);
    }

    [Fact]
    public void Memory_for_what_is_remembered_is_bounded()
    {
        var memo = new ContentMemo();
        var contents = Enumerable.Range(0, 5).Select(i => Noise(i, 16 << 20)).ToList();
        contents.ForEach(c => memo.Sha256(c));
        Assert.Equal(0, memo.Found);
        contents.ForEach(c => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(c)), memo.Sha256(c)));
        Assert.Equal(4, memo.Found);
    }

    private static byte[] Decompress(ContentMemo memo, ReadOnlyMemory<byte> stream, CompressionKind kind, string name, ArchiveLimits? limits = null) =>
        memo.Decompress(stream, kind, name, limits).Whole().ToArray();

    private static void Sum(ReadOnlySpan<byte> of, Span<byte> to) => System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(to, Crc32.Of(of));

    private static byte[] Packed(params byte[][] parts) =>
        Compressor.CompressParts(parts.Select(p => (ReadOnlyMemory<byte>)p), CompressorTests.Low(CompressionKind.Xz));

    private static byte[] Plain(byte[] packed) => Compressor.Decompress(packed, CompressionKind.Xz, "plain");

    private static byte[] Noise(int seed, int length)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }

    private static string Outcome(Func<byte[]> run)
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(run()));
        }
        catch (TdxException e)
        {
            return $"exit {(int)e.Code}: {e.Message}";
        }
    }
}
