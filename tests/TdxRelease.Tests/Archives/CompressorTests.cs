using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Archives;

public sealed class CompressorTests
{
    public static TheoryData<CompressionKind> Kinds =>
        [CompressionKind.None, CompressionKind.Gzip, CompressionKind.Zstd, CompressionKind.Xz];

    public static TheoryData<CompressionKind> RealKinds => [CompressionKind.Gzip, CompressionKind.Zstd, CompressionKind.Xz];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_compressed_comes_back(CompressionKind kind) => Property.Check(60, (random, size) =>
    {
        var data = Data(random, random.Next(size * size * 20));
        var packed = Compressor.Compress(data, Low(kind));
        Assert.Equal(data, Compressor.Decompress(packed, kind, "data"));
        Assert.Equal(packed, Compressor.Compress(data, Low(kind)));
    });

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void Bytes_behind_the_data_are_refused(CompressionKind kind)
    {
        var packed = Compressor.Compress(Data(new Random(1), 100_000), Low(kind));
        foreach (var tail in (byte[][])[[0], [0, 0, 0, 0, 0, 0, 0, 0, 0], packed])
        {
            var e = Assert.Throws<TdxException>(() => Compressor.Decompress([.. packed, .. tail], kind, "data"));
            Assert.Equal(ExitCode.BadInput, e.Code);
        }
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void Every_cut_is_refused(CompressionKind kind)
    {
        var packed = Compressor.Compress(Data(new Random(2), 300), Low(kind));
        for (var length = 0; length < packed.Length; length++)
        {
            var e = Assert.Throws<TdxException>(() => Compressor.Decompress(packed.AsSpan(0, length), kind, "data"));
            Assert.Equal(ExitCode.BadInput, e.Code);
        }
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void Mutations_are_refused_or_give_the_same(CompressionKind kind)
    {
        var data = Data(new Random(3), 3000);
        var packed = Compressor.Compress(data, Low(kind));
        var refused = 0;
        Property.Check(800, (random, _) =>
        {
            var bad = packed.ToArray();
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                // Bits that carry nothing (the gzip header's time) may change.
                Assert.Equal(data, Compressor.Decompress(bad, kind, "data"));
            }
            catch (TdxException e)
            {
                Assert.Equal(ExitCode.BadInput, e.Code);
                refused++;
            }
        });
        Assert.True(refused > 700, $"{refused} of 800 refused");
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void A_bomb_stops_at_the_limit(CompressionKind kind)
    {
        var bomb = Compressor.Compress(new byte[64 << 20], Low(kind));
        var size = Assert.Throws<TdxException>(() =>
            Compressor.Decompress(bomb, kind, "bomb", new ArchiveLimits(TotalBytes: 1 << 20, Ratio: int.MaxValue)));
        Assert.Equal("bomb: decompresses to more than 1048576 bytes", size.Message);
        var ratio = Assert.Throws<TdxException>(() => Compressor.Decompress(bomb, kind, "bomb", new ArchiveLimits(Ratio: 100)));
        Assert.StartsWith("bomb: decompresses to more than 100 times its ", ratio.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gzip_has_no_name_and_no_time()
    {
        var packed = Compressor.Compress("abc"u8, Compression.Gzip);
        Assert.Equal([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3], packed[..10]);
    }

    [Fact]
    public void A_missing_library_falls_back_to_gzip_with_a_notice()
    {
        var notices = new List<string>();
        var chosen = Compressor.Choose(Compression.Xz, notices.Add, kind => kind is CompressionKind.Gzip or CompressionKind.None);
        Assert.Equal(Compression.Gzip, chosen);
        Assert.Equal(["liblzma.so.5 is not installed: compressing with gzip instead of xz"], notices);
        Assert.Equal(Compression.Zstd, Compressor.Choose(Compression.Zstd, notices.Add, _ => true));
        Assert.Single(notices);
        Assert.False(Compressor.CanLoad("libnothing.so.99"));
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, 10)]
    [InlineData(CompressionKind.Zstd, 23)]
    [InlineData(CompressionKind.Zstd, 0)]
    [InlineData(CompressionKind.Xz, -1)]
    public void A_level_out_of_range_is_refused(CompressionKind kind, int level) =>
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => Compressor.Compress("abc"u8, new Compression(kind, level))).Code);

    internal static Compression Low(CompressionKind kind) => new(kind, kind == CompressionKind.None ? 0 : 1);

    /// <summary>Bytes that compress a little: random runs of random bytes.</summary>
    internal static byte[] Data(Random random, int length)
    {
        var data = new byte[length];
        for (var i = 0; i < length;)
        {
            var run = Math.Min(length - i, random.Next(1, 40));
            data.AsSpan(i, run).Fill((byte)random.Next(256));
            i += run;
        }

        return data;
    }
}
