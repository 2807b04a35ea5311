using System.Security.Cryptography;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;

namespace TdxRelease.Tests.Archives;

public sealed class ContentMemoTests
{
    private const int Long = 70_000;

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
        var content = Noise(1, Long);
        for (var i = 0; i < 2; i++)
        {
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

    private static byte[] Packed(params byte[][] parts) =>
        Compressor.CompressParts(parts.Select(p => (ReadOnlyMemory<byte>)p), CompressorTests.Low(CompressionKind.Xz));

    private static byte[] Noise(int seed, int length)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }
}
