using TdxRelease.Archives.Codecs;

namespace TdxRelease.Tests.Packaging;

public sealed class XzIndexTests
{
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

    private static byte[] Packed(params byte[][] parts) =>
        Compressor.CompressParts(parts.Select(p => (ReadOnlyMemory<byte>)p), CompressorTests.Low(CompressionKind.Xz));

    private static byte[] Noise(int seed, int length)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }
}
