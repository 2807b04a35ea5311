using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Archives;

/// <summary>What the readers of ar, cpio, gzip, zstd and xz say, word for word and with its offset.</summary>
public sealed class ArchiveMessagesTests
{
    private const int File = 0x81A4;
    private const int Folder = 0x41ED;
    private const int Link = 0xA1FF;
    private const string OnlySupported = "only regular files, empty directories and symbolic links with one link are supported";

    private const string Unlike = "a member's owner, mode, time or padding is not the one that a release has";

    private static readonly byte[] Gzipped = Compressor.Compress("abc"u8, Compression.Gzip);
    private static readonly byte[] Zstd = Compressor.Compress("abc"u8, Compression.Zstd);
    private static readonly byte[] Xz = Compressor.Compress("abc"u8, Compression.Xz);

    [Theory]
    [InlineData("!<arch>", "x: offset 0: is not an ar archive: want \"!<arch>\"")]
    [InlineData("!<arch>\n", null)]
    [InlineData("!<arch>\na", "x: offset 8: 1 bytes left over, a member header has 60")]
    public void What_is_wrong_with_the_frame_of_an_ar_archive(string text, string? want) =>
        Says(want, () => ArReader.Read(Encoding.Latin1.GetBytes(text), "x"));

    /// <summary>Name, size, what stands behind it, and the message.</summary>
    [Theory]
    [InlineData("a/", "1", "'x", "x: offset 66: a member header does not end in \"`\" and a line feed")]
    [InlineData("a/", "1", "`\nx", null)]
    [InlineData("a", "1", "`\nx\n", null)]
    [InlineData("a", "0", "`\n", null)]
    [InlineData("a", "1", "`\nxx", "x: offset 69: padding is not a line feed")]
    [InlineData("a", "2", "`\nxx\n", "x: offset 70: 1 bytes left over, a member header has 60")]
    [InlineData("a", "1", "`\n", "x: entry \"a\": says 1 bytes, 0 are left")]
    [InlineData("a", "-1", "`\n", "x: offset 56: size \"-1\" is not a number")]
    [InlineData("a", "a\n", "`\n", "x: offset 56: size \"a\\x0a\" is not a number")]
    [InlineData("/", "0", "`\n", "x: offset 8: \"/\" is not a member name")]
    [InlineData("a//", "0", "`\n", "x: offset 8: \"a//\" is not a member name")]
    [InlineData("!~", "0", "`\n", null)]
    [InlineData("a b", "0", "`\n", "x: offset 8: \"a b\" is not a member name")]
    [InlineData("a\u007f", "0", "`\n", "x: offset 8: \"a\\x7f\" is not a member name")]
    public void What_is_wrong_with_a_member_of_an_ar_archive(string name, string size, string rest, string? want) => Says(want, () =>
        ArReader.Read(Encoding.Latin1.GetBytes($"!<arch>\n{name,-16}1           0     0     100644  {size,-10}{rest}"), "x"));

    [Theory]
    [InlineData("1           0     0     100644  1         `\nx\n", null)]
    [InlineData("x           0     0     100644  1         `\nx\n", "x: offset 24: time \"x\" is not one that a release has")]
    [InlineData("-1          0     0     100644  1         `\nx\n", "x: offset 24: time \"-1\" is not one that a release has")]
    [InlineData("1           1     0     100644  1         `\nx\n", "x: offset 36: " + Unlike)]
    [InlineData("1           0     0     100644  1         `\nx", "x: offset 69: " + Unlike)]
    public void What_a_release_has_in_an_ar_archive(string rest, string? want) => Says(want, () =>
    {
        var archive = Encoding.Latin1.GetBytes($"!<arch>\na               {rest}");
        ArReader.RequireWritten(archive, ArReader.Read(archive, "x"), "x");
    });

    [Fact]
    public void A_member_stands_once_in_an_ar_archive()
    {
        const string Member = "a               1           0     0     100644  0         `\n";
        Says("x: entry \"a\": stands twice", () => ArReader.Read(Encoding.Latin1.GetBytes($"!<arch>\n{Member}{Member}"), "x"));
    }

    [Fact]
    public void What_is_wrong_with_a_cpio_archive()
    {
        var good = CpioWriter.Write([new("a", File, 1, 2, "hello"u8.ToArray())], "");
        var trailer = good.Length - 124;
        Cpio("cpio member at 0: 110 bytes wanted at 0, 109 are left", good[..109]);
        Cpio("cpio member at 0: does not begin with 070701", Patched(5, "2"));
        Cpio("cpio member at 0: field 6 is not eight hex digits", Patched(54, "0000000g"));
        Cpio("cpio member at 0: field 11 is not eight hex digits", Patched(94, "       2"));
        Cpio("cpio member at 0: its name takes 1 bytes, want 2 to 1027", Patched(94, "00000001"));
        Cpio("cpio member at 0: its name takes 1028 bytes, want 2 to 1027", Patched(94, "00000404"));
        Cpio($"cpio member at 0: 1027 bytes wanted at 110, {good.Length - 110} are left", Patched(94, "00000403"));
        Cpio("cpio member at 0: its name does not end with its only NUL", Patched(94, "00000003"));
        Cpio("cpio member at 0: its name does not end with its only NUL", Patched(111, "b"));
        Cpio("cpio member at 0: its name is not UTF-8", Patched(110, "\u00ff"));
        Cpio("cpio member at 0: padding is not zero", Patched(117, "x"));
        Cpio($"cpio member at 0: 144 bytes wanted at 112, {good.Length - 112} are left", Patched(54, "00000090"));
        Cpio($"cpio member at 0: 4294967295 bytes wanted at 112, {good.Length - 112} are left", Patched(54, "ffffffff"));
        Cpio($"cpio member at 0: \"a\" has mode 40644, 1 links and 5 bytes: {OnlySupported}", Patched(14, "000041a4"));
        Cpio($"cpio member at 0: \"a\" has mode 20644, 1 links and 5 bytes: {OnlySupported}", Patched(14, "000021a4"));
        Cpio($"cpio member at 0: \"a\" has mode 300644, 1 links and 5 bytes: {OnlySupported}", Patched(14, "000181a4"));
        Cpio($"cpio member at 0: \"a\" has mode 100644, 2 links and 5 bytes: {OnlySupported}", Patched(38, "00000002"));
        Cpio($"cpio member at {trailer}: 1 bytes behind the trailer, want up to 512 zeros", [.. good, 1]);
        Cpio($"cpio member at {trailer}: 513 bytes behind the trailer, want up to 512 zeros", [.. good, .. new byte[513]]);
        Cpio($"cpio member at {trailer}: 0 bytes behind the trailer, want up to 512 zeros", Patched(trailer + 54, "00000001"));
        Assert.Single(CpioReader.Read(new ReadOnlyMemory<byte>([.. good, .. new byte[512]]), "c"));

        byte[] Patched(int at, string text)
        {
            var bytes = good.ToArray();
            Encoding.Latin1.GetBytes(text, bytes.AsSpan(at));
            return bytes;
        }
    }

    [Fact]
    public void What_the_members_of_a_cpio_archive_may_be()
    {
        Refused("cpio member at 0: \"../a\" is not a safe relative path", new CpioEntry("../a", File, 1, 0, default));
        Refused("cpio member at 0: \"a\\x0ab\" is not a safe relative path", new CpioEntry("a\nb", File, 1, 0, default));
        Refused("cpio member at 112: \"a\" comes twice", new CpioEntry("a", File, 1, 0, default), new CpioEntry("a", File, 2, 0, default));
        Refused($"cpio member at 0: \"l\" has mode 120777, 1 links and 0 bytes: {OnlySupported}", new CpioEntry("l", Link, 1, 0, default));
        Refused($"cpio member at 0: \"l\" has mode 120777, 1 links and 1 bytes: {OnlySupported}",
            new CpioEntry("l", Link, 1, 0, new byte[1]));
        Refused($"cpio member at 0: \"l\" has mode 120777, 1 links and 1025 bytes: {OnlySupported}",
            new CpioEntry("l", Link, 1, 0, Encoding.ASCII.GetBytes(new string('x', 1025))));
        Refused("cpio member at 228: \"a/b\" lies below \"a\", which is not a directory",
            new CpioEntry("a/b", File, 1, 0, default), new CpioEntry("a", File, 2, 0, default));
        Refused("cpio member at 232: \"a/b/c\" lies below \"a\", which is not a directory",
            new CpioEntry("a/b/c", File, 1, 0, default), new CpioEntry("a", Link, 2, 0, "x"u8.ToArray()));
        CpioEntry[] good =
        [
            new("a", Folder, 1, uint.MaxValue, default), new("a/b", Folder, 2, 0, default), new("a/b/c", File, 3, 0, "x"u8.ToArray()),
            new("l", Link, 4, 0, Encoding.ASCII.GetBytes(new string('x', 1024))), new(".a", File, int.MaxValue, 0, default),
        ];
        foreach (var prefix in (string[])["", "./"])
        {
            Assert.Equal(good.Select(e => (e.Name, e.Mode, e.Inode, e.Mtime, e.Content.Length)),
                CpioReader.Read(CpioWriter.Write(good, prefix), "c").Select(e => (e.Name, e.Mode, e.Inode, e.Mtime, e.Content.Length)));
        }

        static void Refused(string want, params CpioEntry[] entries) => Cpio(want, CpioWriter.Write(entries, ""));
    }

    [Fact]
    public void What_is_wrong_with_gzip_data()
    {
        byte[] named = [.. Gzipped[..3], 0x18, .. Gzipped[4..10], .. "n\0c\0"u8, .. Gzipped[10..]];
        Assert.Equal("abc"u8, Compressor.Decompress(named, CompressionKind.Gzip, "x"));
        Unpacks("x: offset 0: is not gzip data", CompressionKind.Gzip, new byte[7]);
        foreach (var at in (int[])[0, 1, 2])
        {
            Unpacks("x: is not gzip data", CompressionKind.Gzip, Flipped(Gzipped, at));
        }

        Unpacks("x: is not gzip data", CompressionKind.Gzip, Gzipped[..9]);
        foreach (var flag in (byte[])[1, 2, 4, 0x20, 0x40, 0x80])
        {
            Unpacks($"x: gzip flags 0x{flag:x2}: only a name and a comment are supported", CompressionKind.Gzip,
                [.. Gzipped[..3], flag, .. Gzipped[4..]]);
        }

        Unpacks("x: the gzip data is truncated", CompressionKind.Gzip, named[..12]);
        Unpacks("x: the gzip data is truncated", CompressionKind.Gzip, named[..13]);
        Unpacks("x: the gzip data is truncated", CompressionKind.Gzip, Gzipped[..17]);
        Unpacks("x: the gzip data is damaged", CompressionKind.Gzip, [.. Gzipped[..10], 7, .. Gzipped[11..]]);

        // A member without a last block, which gzip calls truncated whatever the checksum says.
        Unpacks("x: the gzip data is truncated", CompressionKind.Gzip, [.. Gzipped[..10], .. new byte[8]]);
        byte[] stored = [0, 3, 0, 0xFC, 0xFF, .. "abc"u8];
        Unpacks("x: the gzip data is truncated", CompressionKind.Gzip, [.. Gzipped[..10], .. stored, .. Gzipped[^8..]]);
        Unpacks("x: the gzip data is truncated", CompressionKind.Gzip, [.. Gzipped[..10], .. stored, 0, .. Gzipped[^8..]]);
        stored[0] = 1;
        Assert.Equal("abc"u8, Compressor.Decompress([.. Gzipped[..10], .. stored, .. Gzipped[^8..]], CompressionKind.Gzip, "x"));
        Unpacks("x: data behind the gzip data: want one member and nothing else", CompressionKind.Gzip,
            [.. Gzipped[..^8], 0, .. Gzipped[^8..]]);
        foreach (var at in (Index[])[^8, ^1])
        {
            Unpacks("x: the gzip data is truncated or damaged: checksum or length does not match", CompressionKind.Gzip,
                Flipped(Gzipped, at.GetOffset(Gzipped.Length)));
        }

        Says(null, () => Gzip.RequireWritten(Gzipped, "x"));
        Says(null, () => Gzip.RequireWritten(Compressor.Compress("abc"u8, new Compression(CompressionKind.Gzip, 1)), "x"));
        for (var at = 0; at < 10; at++)
        {
            var bad = Flipped(Gzipped, at);
            Says("x: offset 0: the gzip header is not the one that a release has", () => Gzip.RequireWritten(bad, "x"));
        }
    }

    [Fact]
    public void What_is_wrong_with_zstd_and_xz_data()
    {
        Unpacks("x: is damaged: zstd says \"unknown frame descriptor\"", CompressionKind.Zstd, Flipped(Zstd, 0));
        Unpacks("x: is damaged: zstd says \"restored data doesn't match checksum\"", CompressionKind.Zstd, Flipped(Zstd, Zstd.Length - 1));
        Unpacks("x: is cut short: the zstd frame does not end", CompressionKind.Zstd, Zstd[..^1]);
        Unpacks($"x: offset {Zstd.Length}: 2 bytes behind the zstd frame", CompressionKind.Zstd, [.. Zstd, 0, 0]);
        Unpacks("x: offset 12: is not xz data", CompressionKind.Xz, Flipped(Xz, 0));
        Unpacks("x: offset 12: xz data uses options that liblzma does not know", CompressionKind.Xz, Options());
        Unpacks($"x: offset {Xz.Length - 1}: is cut short: the xz stream does not end", CompressionKind.Xz, Xz[..^1]);
        Unpacks($"x: offset {Xz.Length}: 2 bytes behind the xz stream", CompressionKind.Xz, [.. Xz, 0, 0]);
        Unpacks($"x: offset {Xz.Length}: is damaged: liblzma ends in code 9", CompressionKind.Xz, Flipped(Xz, Xz.Length - 1));
        Unpacks("x: offset 12: is damaged: liblzma ends in code 9", CompressionKind.Xz, Flipped(Xz, 8));

        // Stream flags that no version has, with the right CRC32.
        static byte[] Options()
        {
            var bytes = Xz.ToArray();
            bytes[6] = 1;
            BitConverter.TryWriteBytes(bytes.AsSpan(8), Crc32.Of(bytes.AsSpan(6, 2)));
            return bytes;
        }
    }

    [Fact]
    public void What_is_wrong_with_a_stream_of_zstd()
    {
        Assert.Equal("abc"u8, Read(Zstd));
        Bad("the zstd data is truncated", []);
        Bad("the zstd data is truncated", Zstd[..^1]);
        Bad("data behind the zstd frame", [.. Zstd, 0]);
        Bad("the zstd data is damaged: Unknown frame descriptor", Flipped(Zstd, 0));
        var large = CompressorTests.Data(new Random(5), 300_000);
        Assert.Equal(large, Read(Compressor.Compress(large, Compression.Zstd)));

        // A window of 2^28 bytes: single segment flag off, window descriptor (28 - 10) << 3.
        Bad("the zstd data is damaged: Frame requires too much memory for decoding", [0x28, 0xB5, 0x2F, 0xFD, 0, (28 - 10) << 3, 1, 0, 0]);
        Assert.Empty(Read([0x28, 0xB5, 0x2F, 0xFD, 0, (27 - 10) << 3, 1, 0, 0]));

        static byte[] Read(byte[] packed)
        {
            using var stream = new ZstdReadStream(new MemoryStream(packed));
            using var output = new MemoryStream();
            stream.CopyTo(output);
            return output.ToArray();
        }

        static void Bad(string want, byte[] packed) => Assert.Equal(want, Assert.Throws<InvalidDataException>(() => Read(packed)).Message);
    }

    [Fact]
    public void A_stream_that_is_read_forward_does_nothing_else()
    {
        using var stream = new BoundedReadStream(new MemoryStream(new byte[3]), 3);
        Assert.Equal((true, false, false, 0L), (stream.CanRead, stream.CanSeek, stream.CanWrite, stream.Position));
        var buffer = new byte[5];
        Assert.Equal(2, stream.Read(buffer, 1, 2));
        Assert.Equal(2, stream.Position);
        stream.Flush();
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Position = 0);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
        Assert.Throws<NotSupportedException>(() => stream.Write(buffer, 0, 1));
        Assert.Throws<ArgumentNullException>(() => new GzipReadStream(null!));
        using (var gzip = new GzipReadStream(new MemoryStream(Gzipped)))
        {
            Assert.Equal(0, gzip.Read([]));
            Assert.Equal(3, gzip.Read(buffer));
        }

        using var zstd = new ZstdReadStream(new MemoryStream(Zstd));
        Assert.Throws<NotSupportedException>(() => zstd.Position);
        Assert.Throws<NotSupportedException>(() => zstd.Position = 0);
        using var more = new BoundedReadStream(new MemoryStream(new byte[3]), 2);
        Assert.Equal("unpacks to more than 2 bytes", Assert.Throws<InvalidDataException>(() => more.Read(buffer)).Message);
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    [InlineData(CompressionKind.Xz)]
    public void The_last_byte_that_the_limits_take(CompressionKind kind)
    {
        var packed = Compressor.Compress(new byte[100], new Compression(kind, 1));
        Assert.Equal(100, Compressor.Decompress(packed, kind, "x", new ArchiveLimits(TotalBytes: 100)).Length);
        Says("x: decompresses to more than 99 bytes", () => Compressor.Decompress(packed, kind, "x", new ArchiveLimits(TotalBytes: 99)));
    }

    [Fact]
    public void What_a_stream_was_made_from_is_closed_with_it()
    {
        var (bounded, packed) = (new MemoryStream(), new MemoryStream());
        new BoundedReadStream(bounded, 1).Dispose();
        new ZstdReadStream(packed).Dispose();
        Assert.Equal((false, false), (bounded.CanRead, packed.CanRead));
    }

    /// <summary>A claim reserves at most 64 bytes for each byte of the input, and no more than the limit takes.</summary>
    [Theory]
    [InlineData(2, 1000, 128UL, true)]
    [InlineData(2, 1000, 129UL, false)]
    [InlineData(100, 1000, 1000UL, true)]
    [InlineData(100, 1000, 1001UL, false)]
    [InlineData(100, 1000, ulong.MaxValue, false)]
    public void What_a_header_claims_is_believed_within_limits(int input, long limit, ulong claimed, bool believed)
    {
        var buffer = new byte[3];
        var output = new BoundedOutput("x", input, new ArchiveLimits(TotalBytes: limit));
        output.Expect(claimed);
        Assert.Equal(believed ? (int)claimed : 3, output.Next(buffer).Length);
        output.Write("ab"u8);
        output.Expect(5);
        Assert.Equal("ab"u8, output.ToArray());
        if (believed)
        {
            Assert.Equal((int)claimed - 2, output.Next(buffer).Length);
            output.Write(new byte[(int)claimed - 2]);
            Assert.Same(output.ToArray(), output.ToArray());
            Assert.Equal(3, output.Next(buffer).Length);
        }
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var flipped = bytes.ToArray();
        flipped[at] ^= 1;
        return flipped;
    }

    private static void Unpacks(string want, CompressionKind kind, byte[] packed) =>
        Says(want, () => Compressor.Decompress(packed, kind, "x"));

    private static void Cpio(string want, byte[] archive) => Says($"c: {want}", () => CpioReader.Read(archive, "c"));
}
