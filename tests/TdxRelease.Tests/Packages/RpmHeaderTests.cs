using System.Text;
using TdxRelease.Archives;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Rpm;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Packages;

public sealed class RpmHeaderTests
{
    [Fact]
    public void A_small_header_has_exactly_these_bytes()
    {
        var builder = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
        builder.Int32(RpmTag.BuildTime, 0x01020304);
        builder.Text(RpmTag.Name, "ab");
        builder.Texts(RpmTag.BaseNames, ["x", "yz"]);
        builder.Int16s(RpmTag.FileModes, [0x81A4]);
        string[] expected =
        [
            "8eade80100000000", "00000005", "0000001f",
            "0000003f", "00000007", "0000000f", "00000010",
            "000003e8", "00000006", "00000000", "00000001",
            "000003ee", "00000004", "00000004", "00000001",
            "00000406", "00000003", "00000008", "00000001",
            "0000045d", "00000008", "0000000a", "00000002",
            "616200", "00", "01020304", "81a4", "7800797a00",
            "0000003f", "00000007", "ffffffb0", "00000010",
        ];
        Assert.Equal(string.Concat(expected), Convert.ToHexStringLower(builder.Build()));
    }

    [Fact]
    public void Whatever_is_written_reads_back()
    {
        Property.Check(200, (random, size) =>
        {
            var builder = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
            var texts = Enumerable.Range(0, 1 + random.Next(size)).Select(i => new string('é', random.Next(4)) + i).ToList();
            long[] numbers = [.. Enumerable.Range(0, 1 + random.Next(size)).Select(_ => (long)random.NextInt64(uint.MaxValue))];
            builder.Texts(RpmTag.BaseNames, texts);
            builder.Int32s(RpmTag.FileSizes, numbers);
            builder.Int16s(RpmTag.FileModes, [.. numbers.Select(n => (int)(n & 0xFFFF))]);
            var header = RpmHeader.Parse(builder.Build(), RpmTag.HeaderImmutable, "h");
            Assert.Equal(texts, header.Texts(RpmTag.BaseNames));
            Assert.Equal(numbers, header.Numbers(RpmTag.FileSizes));
            Assert.Equal(header.Raw.ToArray(), header.Serialize(RpmTag.HeaderImmutable));
        });
    }

    [Theory]
    [InlineData(8, "claims 4278190085 entries")]
    [InlineData(12, "claims 5 entries and 4278190")]
    [InlineData(16, "the region 63 does not seal")]
    [InlineData(32, "tags must ascend")]
    [InlineData(40, "the value must stand at 0")]
    [InlineData(44, "does not fit into the")]
    [InlineData(36, "does not fit into the")]
    public void A_hostile_field_is_named(int offset, string message)
    {
        var builder = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
        builder.Text(RpmTag.Name, "ab");
        builder.Text(RpmTag.Version, "1");
        builder.Text(RpmTag.Release, "1");
        builder.Texts(RpmTag.BaseNames, ["x", "yz"]);
        var bytes = builder.Build();
        Assert.Equal(5, bytes[11]);
        bytes[offset] = 0xFF;
        var error = Assert.Throws<TdxException>(() => RpmHeader.Parse(bytes, RpmTag.HeaderImmutable, "h"));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.StartsWith("h: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_nul_in_a_text_is_refused()
    {
        var builder = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => builder.Text(RpmTag.Name, "a\0b")).Code);
    }

    [Fact]
    public void Cpio_has_exactly_these_bytes()
    {
        var archive = CpioWriter.Write([new CpioEntry("a/b", 0x81A4, 1, 0x10, "hello"u8.ToArray())], "./");
        string[] expected =
        [
            "070701", "00000001", "000081a4", "00000000", "00000000", "00000001", "00000010", "00000005", "00000000", "00000000",
            "00000000", "00000000", "00000006", "00000000",
            "./a/b\0", "hello\0\0\0",
            "070701", "00000000", "00000000", "00000000", "00000000", "00000001", "00000000", "00000000", "00000000", "00000000",
            "00000000", "00000000", "0000000b", "00000000",
            "TRAILER!!!\0\0\0\0",
        ];
        Assert.Equal(string.Concat(expected), Encoding.ASCII.GetString(archive));
    }
}
