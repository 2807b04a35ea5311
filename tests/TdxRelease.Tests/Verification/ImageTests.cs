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
}
