using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Archives.Tar;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Archives;

/// <summary>The last archive that a limit takes and the first that it refuses.</summary>
public sealed class ArchiveBoundaryTests
{
    [Fact]
    public void As_many_members_of_an_ar_archive_as_the_limit_says()
    {
        var two = Ar(1_770_681_600, "a", "b");
        Assert.Equal(2, ArReader.Read(two, "x", new ArchiveLimits(Entries: 2)).Count);
        Assert.Contains("more than 1 members", Bad(() => ArReader.Read(two, "x", new ArchiveLimits(Entries: 1))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(58)]
    [InlineData(59)]
    public void Both_bytes_at_the_end_of_an_ar_header_count(int offset)
    {
        var bytes = Ar(1_770_681_600, "a");
        bytes[8 + offset] ^= 1;
        Assert.Contains("does not end in", Bad(() => ArReader.Read(bytes, "x")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_ar_members_time_is_at_most_32_bits()
    {
        var last = Ar(uint.MaxValue, "a");
        ArReader.RequireWritten(last, ArReader.Read(last, "x"), "x");
        "4294967296"u8.CopyTo(last.AsSpan(8 + 16));
        Assert.Contains("is not one that a release has", Bad(() => ArReader.RequireWritten(last, ArReader.Read(last, "x"), "x")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void As_much_of_a_tar_archive_as_the_limits_say()
    {
        var tar = RawTar.Of(RawTar.File("a/b", "1234"), RawTar.File("c", "56789"));
        Assert.Equal(2, TarReader.Read(tar, "t", new ArchiveLimits(TotalBytes: 9, Entries: 2, Depth: 1)).Count);
        Assert.Contains("more than 8 bytes", Bad(() => TarReader.Read(tar, "t", new ArchiveLimits(TotalBytes: 8))),
            StringComparison.Ordinal);
        Assert.Contains("more than 1 entries", Bad(() => TarReader.Read(tar, "t", new ArchiveLimits(Entries: 1))),
            StringComparison.Ordinal);
        Assert.Contains("the limit is 0", Bad(() => TarReader.Read(tar, "t", new ArchiveLimits(Depth: 0))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_climbs_to_the_root_and_no_further()
    {
        var limits = new ArchiveLimits(Links: true);
        Assert.Single(TarReader.Read(RawTar.Of(RawTar.Header("d/l", '2', 0, "../x")), "t", limits), e => e.LinkTarget == "../x");
        Assert.Contains("outside the archive", Bad(() => TarReader.Read(RawTar.Of(RawTar.Header("d/l", '2', 0, "../../x")), "t", limits)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_lies_below_a_file() =>
        Assert.Contains("lies below \"a\", which is not a directory",
            Bad(() => TarReader.Read(RawTar.Of(RawTar.File("a", "1"), RawTar.File("a/b", "2")), "t")), StringComparison.Ordinal);

    [Theory]
    [InlineData("3 \n")]
    [InlineData("12 path=ab\n")]
    [InlineData("13 path=abc\n")]
    [InlineData("11 path=ab\n10 path=ab\n")]
    public void A_pax_record_is_as_long_as_it_says(string records)
    {
        var part = RawTar.Header("PaxHeaders/x", 'x', records.Length);
        Assert.Contains("a pax record has a wrong length",
            Bad(() => TarReader.Read(RawTar.Of([.. part, .. RawTar.Padded(records)], RawTar.File("a", "1")), "t")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_extended_header_has_at_most_64_kib()
    {
        byte[] Of(int length) => RawTar.Of(RawTar.Pax('x', ("comment", new string('c', length - 15))), RawTar.File("a", "1"));
        Assert.Single(TarReader.Read(Of(65536), "t"));
        Assert.Contains("an extended header of 65537 bytes, the limit is 65536", Bad(() => TarReader.Read(Of(65537), "t")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_of_a_tar_archive_has_two_blocks() =>
        Assert.Contains("one block of zeros, want two", Bad(() => TarReader.Read(RawTar.Of(RawTar.File("a", "1")).AsMemory(..^512), "t")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(0x1FF, true)]
    [InlineData(0x200, false)]
    public void A_mode_has_nine_bits(int mode, bool good)
    {
        var tar = RawTar.Of(RawTar.File("a", "1", mode));
        Assert.Equal(good, Record.Exception(() => TarReader.Read(tar, "t")) is null);
    }

    [Fact]
    public void An_octal_number_has_octal_digits()
    {
        Assert.Equal(7, TarHeader.ParseOctal("0000007\0"u8));
        Assert.Equal(-1, TarHeader.ParseOctal("0000008\0"u8));
        Assert.Equal(-1, TarHeader.ParseOctal("000000/\0"u8));
    }

    [Fact]
    public void A_time_that_is_no_number_has_a_message_of_its_own()
    {
        var tar = RawTar.Of(RawTar.Changed(RawTar.File("a", "1"), header => header[136] = (byte)'x'));
        Assert.Contains("has a time that no release has", Bad(() => CanonicalTar.Require(tar, "t", TarHeaderFormat.Pax)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_bounded_stream_gives_as_many_bytes_as_its_limit()
    {
        using var whole = new BoundedReadStream(new MemoryStream(new byte[10]), 10);
        Assert.Equal(10, whole.Read(new byte[20]));
        using var more = new BoundedReadStream(new MemoryStream(new byte[10]), 9);
        Assert.Throws<InvalidDataException>(() => more.Read(new byte[20]));
    }

    private static string Bad(Action act) => Assert.Throws<TdxException>(act).Message;

    private static byte[] Ar(long time, params string[] names)
    {
        using var stream = new MemoryStream();
        var writer = new ArWriter(stream, DateTimeOffset.FromUnixTimeSeconds(time));
        foreach (var name in names)
        {
            writer.Write(name, "1"u8);
        }

        return stream.ToArray();
    }
}
