using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Archives.Tar;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Archives;

/// <summary>
/// What extractors read differently is not read at all, and what claims to be a release's is held to the writer's own bytes.
/// </summary>
public sealed class StrictTarTests
{
    [Theory]
    [InlineData("GNU.sparse.major", "1")]
    [InlineData("GNU.sparse.name", "b")]
    [InlineData("GNU.sparse.realsize", "3")]
    [InlineData("SCHILY.xattr.user.x", "y")]
    [InlineData("SCHILY.acl.access", "user::rwx")]
    [InlineData("SCHILY.fflags", "immutable")]
    [InlineData("SCHILY.realsize", "3")]
    [InlineData("LIBARCHIVE.xattr.user.x", "eQ")]
    [InlineData("RHT.security.selinux", "x")]
    [InlineData("size", "3")]
    [InlineData("hdrcharset", "BINARY")]
    [InlineData("VENDOR.anything", "")]
    public void A_pax_record_that_is_not_on_the_list_is_refused(string key, string value)
    {
        Refused(RawTar.Of(RawTar.Pax('x', (key, value)), RawTar.File("a", "abc")), $"pax record \"{key}\" is not taken");
        Refused(RawTar.Of(RawTar.Pax('g', (key, value)), RawTar.File("a", "abc")), $"global pax record \"{key}\" is not taken");
    }

    [Fact]
    public void Names_that_extractors_read_differently_are_refused()
    {
        var file = RawTar.File("a", "abc");
        Refused(RawTar.Of(RawTar.Pax('x', ("path", "b"), ("path", "c")), file), "stands twice");
        Refused(RawTar.Of(RawTar.Pax('x', ("path", "b")), RawTar.Pax('x', ("mtime", "1")), file), "two extended headers");
        Refused(RawTar.Of(RawTar.Pax('x', ("path", "b")), RawTar.Long('L', "c"), file), "two extended headers");
        Refused(RawTar.Of(RawTar.Long('L', "b"), RawTar.Long('L', "c"), file), "two extended headers");
        Refused(RawTar.Of(RawTar.Pax('x', ("path", "b\0c")), file), "has the value");
        Refused(RawTar.Of(RawTar.Pax('x', ("path", "")), file), "has the value");
        Refused(RawTar.Of(RawTar.Pax('x', ("linkpath", "/etc/passwd")), file), "a link target for an entry that is not a link");
        Refused(RawTar.Of(RawTar.Pax('x', ("path", "b/")), file), "ends in a slash");
        Refused(RawTar.Of(file, RawTar.Pax('g', ("comment", "x")), RawTar.File("b", "abc")), "has the unknown type \"g\"");
        Refused(RawTar.Of(RawTar.Header("././@LongLink", 'L', 3), RawTar.Padded("b\0c"), file), "does not end with its only NUL");
        Assert.Equal(["b"], TarReader.Read(RawTar.Of(RawTar.Pax('x', ("path", "b"), ("mtime", "1.5"), ("uid", "7")), file), "t")
            .Select(e => e.Path));
        Assert.Equal(["b"], TarReader.Read(RawTar.Of(RawTar.Long('L', "b"), file), "t").Select(e => e.Path));
    }

    [Fact]
    public void Fields_that_only_some_extractors_read_are_refused()
    {
        Refused(RawTar.Of(RawTar.Changed(RawTar.File("a", "abc"), h => h[400] = (byte)'x')), "bytes behind the end of a name");
        Refused(RawTar.Of(RawTar.Changed(RawTar.File("a", "abc"), h => h[508] = (byte)'t')), "the end of a header is not empty");
        Refused(RawTar.Of(RawTar.Changed(RawTar.File("a", "abc"),
            h => (h[257 + 5], h[257 + 6], h[257 + 7], h[400]) = ((byte)' ', (byte)' ', (byte)0, (byte)'x'))),
            "the end of a header is not empty");
        Refused(RawTar.Of(RawTar.Changed(RawTar.File("a", "abc"), h => (h[124], h[135]) = ((byte)0x80, (byte)3))),
            "the size is not an octal number");
        Refused(RawTar.Of(RawTar.Changed(RawTar.File("a", "abc"), h => h.AsSpan(124, 12).Clear())), "the size is not an octal number");
        Refused(RawTar.Of(RawTar.Changed(RawTar.File("d", "abc"), h => h[156] = (byte)'5')), "has 3 bytes and is not a file");
        Refused([.. RawTar.Of(RawTar.File("a", "abc")), 0], "1 bytes left over");
    }

    // A header whose checksum fits, with any byte of it changed: either nobody reads it, or it is not what a release has.
    [Fact]
    public void What_is_accepted_is_what_would_be_written() => Property.Check(2000, (random, size) =>
    {
        var names = size % 2 == 0 ? TarHeaderFormat.Pax : TarHeaderFormat.Gnu;
        var good = TarTests.Write(TarTests.Tree(random, 1 + (size % 6)), size % 2 == 0 ? "" : "./", names);
        CanonicalTar.Require(good, "t", names);
        var bad = good.ToArray();
        var at = random.Next(bad.Length / 512) * 512;
        var offset = at + random.Next(512);
        bad[offset] ^= (byte)(1 << random.Next(8));
        RawTar.FixChecksum(bad.AsSpan(at, 512));
        List<TarEntry> entries;
        try
        {
            entries = [.. TarReader.Read(bad, "t", new ArchiveLimits(Links: true))];
            CanonicalTar.Require(bad, "t", names);
        }
        catch (TdxException e)
        {
            Assert.Equal(ExitCode.BadInput, e.Code);
            return;
        }

        // "./d" can become "..d", which is written without the prefix.
        if (entries.Exists(e => e.Path.StartsWith("..", StringComparison.Ordinal)))
        {
            return;
        }

        // Accepted: then the change is one of contents, paths, the one time or a permitted mode, and writing it gives the changed bytes.
        var time = DateTimeOffset.FromUnixTimeSeconds(TarHeader.ParseOctal(bad.AsSpan(TarHeader.Time, 12)));
        using var again = new MemoryStream();
        var writer = new TarWriter(again, time, size % 2 == 0 ? "" : "./", names);
        if (names == TarHeaderFormat.Gnu)
        {
            writer.WriteRoot();
        }

        entries.ForEach(writer.Write);
        writer.End();
        Assert.Equal(bad, again.ToArray());
    });

    [Theory]
    [InlineData(0x1FF, "has mode 777, want 644 or 755")]
    [InlineData(0x1B6, "has mode 666, want 644 or 755")]
    public void A_mode_that_no_release_has_is_refused(int mode, string message) =>
        NotWritten(TarTests.Write([new TarEntry("a", default, mode)]), message);

    [Fact]
    public void Owner_time_and_padding_are_those_of_a_release()
    {
        var good = TarTests.Write([new TarEntry("a", "x"u8.ToArray()), new TarEntry("b", default)]);
        NotWritten(Field(good, 0, TarHeader.Uid, "0001750"), "its owner, at offset");
        NotWritten(Field(good, 0, TarHeader.User, "bill"), "its owner's name, at offset");
        NotWritten(Field(good, 1024, TarHeader.Time, "15142472401"), "its time, at offset");
        NotWritten([.. good, .. new byte[512]], "ends in 1536 zeros, want 1024");

        static byte[] Field(byte[] tar, int header, int field, string text)
        {
            var changed = tar.ToArray();
            Encoding.ASCII.GetBytes(text, changed.AsSpan(header + field));
            RawTar.FixChecksum(changed.AsSpan(header, 512));
            return changed;
        }
    }

    [Fact]
    public void Twofold_names_that_differ_in_case_only_are_refused_in_cpio_too()
    {
        var archive = TdxRelease.Archives.CpioWriter.Write([new("a", 0x81A4, 1, 0, default), new("A", 0x81A4, 2, 0, default)], "");
        Assert.Contains("comes twice", Assert.Throws<TdxException>(() => TdxRelease.Archives.CpioReader.Read(archive, "c")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_gzip_file_has_one_member_and_nothing_behind_it()
    {
        var data = Encoding.ASCII.GetBytes(new string('x', 100_000));
        var packed = Compressor.Compress(data, Compression.Gzip);
        Assert.Equal(data, Unpack(packed));
        Bad("behind the gzip data", [.. packed, .. packed]);
        Bad("behind the gzip data", [.. packed, 0]);
        Bad("truncated", packed[..^1]);
        Bad("damaged", [.. packed[..^3], 9, 0, 0]);
        Bad("flags 0x04", [.. packed[..3], 4, .. packed[4..]]);
        Bad("truncated", packed[..12]);

        static void Bad(string message, byte[] file) =>
            Assert.Contains(message, Assert.ThrowsAny<InvalidDataException>(() => Unpack(file)).Message, StringComparison.Ordinal);

        static byte[] Unpack(byte[] file)
        {
            using var gzip = new GzipReadStream(new MemoryStream(file));
            using var output = new MemoryStream();
            gzip.CopyTo(output);
            return output.ToArray();
        }
    }

    private static void Refused(byte[] tar, string message)
    {
        var error = Assert.Throws<TdxException>(() => TarReader.Read(tar, "t"));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static void NotWritten(byte[] tar, string message)
    {
        Assert.NotEmpty(TarReader.Read(tar, "t"));
        Assert.Contains(message, Assert.Throws<TdxException>(() => CanonicalTar.Require(tar, "t", TarHeaderFormat.Pax)).Message,
            StringComparison.Ordinal);
    }
}
