using System.Buffers.Binary;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Verification.Images;

namespace TdxRelease.Tests.Verification;

public class ImageTests
{
    [Fact]
    public void A_joined_image_is_sound_and_gives_its_parts_back() => Property.Check(60, (random, size) =>
    {
        var format = random.Next(2) == 0 ? ImageFormat.V1 : ImageFormat.V2;
        var module = new byte[1 + random.Next(size * 700)];
        random.NextBytes(module);
        var sigstruct = SampleVerdicts.Of(random.Next(2) == 0 ? "1.5.56" : "2.0.56").Input.Sigstruct.Bytes.Span;
        var image = ImageWriter.Join(module, sigstruct, format);
        var findings = new List<Finding>();
        Assert.True(ImageChecker.Check(image, "i", null, findings), string.Join("\n", findings));
        ImageChecker.CheckJoined(image, module, sigstruct, "i", null, findings);
        Assert.Empty(findings);
        Assert.True(Image.TryRead(image, out var read));
        Assert.Equal(format, read.Format);
        Assert.True(read.ModulePart[..module.Length].SequenceEqual(module));
        Assert.True(read.SigstructPart[..sigstruct.Length].SequenceEqual(sigstruct));
        Assert.Equal((1u, (uint)(module.Length + 4095) / 4096), (read.SigstructPages, read.ModulePages));
    });

    [Fact]
    public void The_checksum_pads_an_odd_file_with_a_zero_byte()
    {
        Assert.Equal(0x0201, ImageChecksum.Sum([1, 2]));
        Assert.Equal(0x0204, ImageChecksum.Sum([1, 2, 3]));
        Assert.Equal(0xFFFE, ImageChecksum.Sum([0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Equal(0, ImageChecksum.Sum([]));
    }

    [Fact]
    public void The_fast_sum_is_the_plain_sum() => Property.Check(100, (random, size) =>
    {
        var bytes = new byte[random.Next(size * 20)];
        random.NextBytes(bytes);
        var plain = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            plain = (plain + (bytes[i] << (8 * (i & 1)))) & 0xFFFF;
        }

        Assert.Equal(plain, ImageChecksum.Sum(bytes));
    });

    [Fact]
    public void Linux_limits_are_the_limits()
    {
        Assert.Equal((1u, 496u, 498 * 4096), (Image.MaxSigstructPages, Image.MaxModulePages, Image.MaxLength));
        var image = ImageWriter.Join(new byte[496 * 4096], new byte[2048], ImageFormat.V2);
        var findings = new List<Finding>();
        Assert.True(ImageChecker.Check(image, "i", null, findings), string.Join("\n", findings));
        Assert.Throws<ArgumentException>(() => ImageWriter.Join(new byte[(496 * 4096) + 1], new byte[2048], ImageFormat.V2));
        Assert.Throws<ArgumentException>(() => ImageWriter.Join([], new byte[2048], ImageFormat.V1));
        Assert.Throws<ArgumentException>(() => ImageWriter.Join(new byte[1], new byte[4097], ImageFormat.V1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    public void Too_short_files_are_one_finding(int length)
    {
        var findings = new List<Finding>();
        Assert.False(ImageChecker.Check(new byte[length], "i", null, findings));
        Assert.Equal("IMG-003", Assert.Single(findings).Rule.Id);
    }

    [Theory]
    [InlineData(1, 0, 8192, 0, 2)]
    [InlineData(1, 4096, 8192, 0, 1)]
    [InlineData(1, 4097, 8192, 0, 1)]
    [InlineData(1, 8192, 8192, 1, 0)]
    [InlineData(1, 8192, 8193, 1, 1)]
    [InlineData(1, 8193, 12290, 0, 2)]
    [InlineData(1, 12288, 8192, 2, 0)]
    [InlineData(2, 0, 4096, 0, 5)]
    [InlineData(2, 7, 8192, 7, 5)]
    [InlineData(2, uint.MaxValue, 8192, uint.MaxValue, 5)]
    public void Pages_are_counted_in_damaged_headers_too(int format, uint stored, int length, uint sigstruct, uint module)
    {
        var bytes = new byte[length];
        bytes[1] = (byte)format;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(format == 1 ? 4 : 12), stored);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), 5);
        Assert.True(Image.TryRead(bytes, out var image));
        Assert.Equal((sigstruct, module), (image.SigstructPages, image.ModulePages));
    }

    [Fact]
    public void What_is_no_image_says_why_and_is_joined_with_nothing()
    {
        foreach (var (bytes, want) in ((byte[], string)[])[
            (new byte[4095], "the file has 4095 bytes, a header alone has 4096"),
            (new byte[4096], "the version field is 0x0000, want 0x0100 or 0x0200")])
        {
            var findings = new List<Finding>();
            Assert.False(ImageChecker.Check(bytes, "i", null, findings));
            Assert.Equal(want, Assert.Single(findings).Message);
            ImageChecker.CheckJoined(bytes, [1], [1], "i", null, findings);
            Assert.Single(findings);
        }
    }

    [Fact]
    public void An_image_is_as_long_as_its_parts()
    {
        Assert.Equal(8193, ImageWriter.Join([1], new byte[4096], ImageFormat.V1).Length);
        Assert.Equal(12288, ImageWriter.Join([1], new byte[4096], ImageFormat.V2).Length);
        Assert.StartsWith("a sigstruct of 4097 bytes does not fit one page",
            Assert.Throws<ArgumentException>(() => ImageWriter.Join([1], new byte[4097], ImageFormat.V2)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("a module of 0 bytes does not fit 496 pages",
            Assert.Throws<ArgumentException>(() => ImageWriter.Join([], new byte[1], ImageFormat.V2)).Message, StringComparison.Ordinal);
    }
}
