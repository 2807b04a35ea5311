using TdxRelease.Archives;
using TdxRelease.Archives.Tar;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Archives;

/// <summary>What the tar reader says, word for word and with its offset, from memory and from a stream.</summary>
public sealed class TarMessagesTests
{
    private static byte[] File => RawTar.File("a", "abc");

    [Fact]
    public void What_is_wrong_with_the_end_of_an_archive()
    {
        Says("offset 0: ends without an end marker", []);
        Says("offset 1024: ends without an end marker", File);
        Says("offset 0: 5 bytes left over, a block has 512", new byte[5]);
        Says("offset 0: the end marker has one block of zeros, want two", new byte[512]);
        Says("offset 1024: 3 bytes left over, a block has 512", new byte[1027]);
        Says("offset 1024: 511 bytes left over, a block has 512", new byte[1535]);
        Says("offset 1024: data behind the end marker", [.. new byte[1024], 1]);
        Says("offset 1024: data behind the end marker", [.. new byte[1024], 1, .. new byte[511]]);
        Says("offset 1535: data behind the end marker", [.. new byte[1535], 1, .. new byte[512]]);
        Says("offset 1024: a long name stands before the end marker", RawTar.Of(RawTar.Pax('x', ("mtime", "1"))));
        Says("offset 1024: a long name stands before the end marker", RawTar.Of(RawTar.Long('L', "b")));
        Says("offset 1024: a long name stands before the end marker", RawTar.Of(RawTar.Long('K', "b")));
        Assert.Empty(TarReader.Read(new byte[1024], "t"));
        Assert.Empty(TarReader.Read(new byte[4096], "t"));
        Assert.Empty(TarReader.Read(RawTar.Of(RawTar.Pax('g', ("comment", "c"))), "t"));
    }

    [Fact]
    public void What_is_wrong_with_a_header()
    {
        var sum = TarHeader.Sum(File);
        Says($"offset 0: header checksum {sum}, computed {sum + 1}", [.. File[..1].Select(b => (byte)(b + 1)), .. RawTar.Of(File)[1..]]);
        Says("offset 512: is neither a ustar nor a GNU header", After(h => h[257] = (byte)'U'));
        Says("offset 512: is neither a ustar nor a GNU header", After(h => h[264] = (byte)'1'));
        Says("offset 512: the end of a header is not empty", After(h => h[500] = 1));
        Says("offset 512: the end of a header is not empty", After(h => h[511] = 1));
        Says("offset 512: bytes behind the end of a name", After(h => h[99] = 1));
        Says("offset 512: bytes behind the end of a name", After(h => (h[157], h[159]) = ((byte)'l', 1)));
        Says("offset 512: bytes behind the end of a name", After(h => (h[345], h[347]) = ((byte)'p', 1)));
        Says("offset 512: a name is not UTF-8", After(h => h[0] = 0xFF));
        Says("offset 512: the size is not an octal number", After(h => h[124] = (byte)'8'));
        Says("offset 636: an entry says 1 bytes, 0 are left", Cut(1, 0));
        Says("offset 636: an entry says 512 bytes, 511 are left", Cut(512, 511));
        Says("offset 636: an entry says 1 bytes, 511 are left", Cut(1, 511));
        Says("offset 1536: ends without an end marker", Cut(512, 512));
        Says("offset 513: padding is not zero", RawTar.Of([.. RawTar.Header("a", '0', 1), (byte)'x', 1, .. new byte[510]]));
        Says("offset 513: padding is not zero", RawTar.Of([.. RawTar.Header("a", '0', 1), (byte)'x', .. new byte[510], 1]));

        static byte[] After(Action<byte[]> change) => RawTar.Of(RawTar.Header("d/", '5', 0), RawTar.Changed(RawTar.File("", ""), change));
        static byte[] Cut(long size, int left) => [.. RawTar.Header("d/", '5', 0), .. RawTar.Header("a", '0', size), .. new byte[left]];
    }

    [Fact]
    public void What_an_entry_may_not_be()
    {
        Says("entry \"a\": is a symbolic link", RawTar.Of(RawTar.Header("a", '2', 0, "b")));
        Says("entry \"a\": is a hard link", RawTar.Of(RawTar.Header("a", '1', 0, "b")));
        foreach (var type in "346")
        {
            Says("entry \"a\": is a device or a pipe", RawTar.Of(RawTar.Header("a", type, 0)));
        }

        foreach (var type in "7/\0")
        {
            Says($"offset 0: entry \"a\": has the unknown type \"{(type == 0 ? "\\x00" : type)}\"", RawTar.Of(RawTar.Header("a", type, 0)));
        }

        Says("offset 0: file \"a/\" ends in a slash", RawTar.Of(RawTar.Header("a/", '0', 0)));
        Says("offset 0: an entry of type \"5\" has 1 bytes and is not a file", RawTar.Of(RawTar.Header("a/", '5', 1), new byte[512]));
        Says("offset 0: an entry of type \"2\" has 1 bytes and is not a file", RawTar.Of(RawTar.Header("a/", '2', 1), new byte[512]));
        Says("entry \"a\": mode 1000 has other than permission bits", RawTar.Of(RawTar.File("a", "", 0x200)));
        Says("entry \"a\": mode 7777 has other than permission bits", RawTar.Of(RawTar.File("a", "", 0xFFF)));
        Says($"entry \"a\": mode {Convert.ToString(-1, 8)} has other than permission bits", RawTar.Of(RawTar.File("a", "", 0x1000)));
        Says("entry \"\": is not a safe relative path", RawTar.Of(RawTar.Header(".", '0', 0)));
        var (folder, file, below) = (RawTar.Header("a/", '5', 0), RawTar.File("a", ""), RawTar.File("a/b", ""));
        Says("entry \"a\": is listed twice or after its content", RawTar.Of(folder, folder));
        Says("entry \"a\": is listed twice or after its content", RawTar.Of(below, folder));
        Says("entry \"a\": stands twice", RawTar.Of(folder, file));
        Says("entry \"a\": stands twice", RawTar.Of(below, file));
        Says("entry \"a\": stands twice", RawTar.Of(file, file));
        Says("entry \"a/b\": lies below \"a\", which is not a directory", RawTar.Of(file, below));
        Says("entry \"A\": differs from \"a\" only in upper and lower case", RawTar.Of(file, RawTar.File("A", "")));
        Says("entry \"a/..\": is not a safe relative path", RawTar.Of(RawTar.Header("a/../", '5', 0)));
        Says("entry \"/\": is not a safe relative path", RawTar.Of(RawTar.Header("/", '5', 0)));
        Says("entry \"/a\": is not a safe relative path", RawTar.Of(RawTar.Header("/a", '0', 0)));
    }

    [Fact]
    public void What_an_extended_header_gets_wrong()
    {
        Pax("a pax record has no key", "6 =ab\n");
        Pax("a pax record has no key", "5 ab\n");
        Pax("a pax record has a wrong length", "3 \n");
        Pax("a pax record has a wrong length", "010 path=b\n");
        Pax("a pax record has a wrong length", "+9 path=b\n");
        Pax("a pax record has a wrong length", "9 path=bc\n");
        Pax("a pax record has a wrong length", "000012 path=\n");
        Pax("a pax record has a wrong length", " path=b\n");
        Pax("a pax record has a wrong length", "path\n");
        Pax("pax record \"path\" stands twice", "9 path=b\n9 path=b\n");
        Pax("pax record \"pa\\x0ath\" is not taken", "11 pa\nth=b\n");
        Pax("pax record \"path\" has the value \"\"", "8 path=\n");
        Pax("pax record \"path\" has the value \"\\x00\"", "9 path=\0\n");
        Pax("pax record \"linkpath\" has the value \"\"", "13 linkpath=\n");
        foreach (var key in (string[])["mtime", "atime", "ctime"])
        {
            Pax($"pax record \"{key}\" has the value \"1.2.3\"", $"15 {key}=1.2.3\n");
            Pax($"pax record \"{key}\" has the value \"\"", $"9 {key}=\n");
            Pax($"pax record \"{key}\" has the value \"1.\"", $"12 {key}=1.\n");
            Pax($"pax record \"{key}\" has the value \"--1\"", $"13 {key}=--1\n");
            Pax($"pax record \"{key}\" has the value \"{new string('1', 20)}\"", $"30 {key}={new string('1', 20)}\n");
        }

        foreach (var key in (string[])["uid", "gid"])
        {
            Pax($"pax record \"{key}\" has the value \"\"", $"7 {key}=\n");
            Pax($"pax record \"{key}\" has the value \"-1\"", $"9 {key}=-1\n");
            Pax($"pax record \"{key}\" has the value \"{new string('1', 20)}\"", $"28 {key}={new string('1', 20)}\n");
        }

        Says("offset 1024: two extended headers for one entry", RawTar.Of(RawTar.Long('K', "b"), RawTar.Long('K', "b"), File));
        Says("offset 1024: two extended headers for one entry", RawTar.Of(RawTar.Long('K', "b"), RawTar.Pax('x', ("uid", "0")), File));
        Says("offset 0: an empty long name", RawTar.Of(RawTar.Long('L', ""), File));
        Says("offset 0: a long name does not end with its only NUL",
            RawTar.Of([.. RawTar.Header("././@LongLink", 'L', 2), .. RawTar.Padded("bc")], File));
        Says("offset 1024: a link target for an entry that is not a link", RawTar.Of(RawTar.Long('K', "b"), File));
        Pax("pax record \"a\" is not taken", "6 a=b\n");
        Says("offset 1024: entry \"PaxHeaders/x\": has the unknown type \"g\"",
            RawTar.Of(RawTar.Pax('x', ("uid", "0")), RawTar.Pax('g', ("comment", "c")), File));
        Says("offset 1024: entry \"PaxHeaders/x\": has the unknown type \"g\"",
            RawTar.Of(RawTar.Pax('g', ("comment", "c")), RawTar.Pax('g', ("comment", "c")), File));
        Says("offset 0: global pax record \"a\\x0ab\" is not taken", RawTar.Of(RawTar.Pax('g', ("a\nb", "c")), File));

        static void Pax(string want, string records) => Says($"offset 512: {want}", RawTar.Of(RawTar.Header("d/", '5', 0),
            [.. RawTar.Header("PaxHeaders/x", 'x', records.Length), .. RawTar.Padded(records)], File));
    }

    [Fact]
    public void What_an_extended_header_may_say()
    {
        var pax = RawTar.Pax('x', ("path", "b/ä"), ("mtime", "-1.5"), ("atime", new string('9', 19)), ("ctime", "0"), ("uid", "0"),
            ("gid", new string('9', 19)), ("uname", ""), ("gname", "g"), ("comment", ""));
        Assert.Equal(["b/ä"], TarReader.Read(RawTar.Of(pax, File), "t").Select(e => e.Path));
        var links = new ArchiveLimits(Links: true);
        var link = RawTar.Header("l", '2', 0, "short");
        Assert.Equal("long", TarReader.Read(RawTar.Of(RawTar.Long('K', "long"), link), "t", links).Single().LinkTarget);
        Assert.Equal("long", TarReader.Read(RawTar.Of(RawTar.Pax('x', ("linkpath", "long")), link), "t", links).Single().LinkTarget);
        var both = TarReader.Read(RawTar.Of(RawTar.Long('L', "name"), RawTar.Long('K', "long"), link), "t", links).Single();
        Assert.Equal(("name", "long", TarEntryKind.SymbolicLink), (both.Path, both.LinkTarget, both.Kind));
        var again = TarReader.Read(RawTar.Of(RawTar.Long('K', "long"), RawTar.Long('L', "name"), link), "t", links).Single();
        Assert.Equal(("name", "long"), (again.Path, again.LinkTarget));
        Assert.Equal(["a"], TarReader.Read(RawTar.Of(RawTar.Header("./", '5', 0), RawTar.Header(".", '5', 0), RawTar.File("./a", "1")), "t")
            .Select(e => e.Path));
        Assert.Equal("..", TarReader.Read(RawTar.Of(RawTar.Header("d/l", '2', 0, "..")), "t", links).Single().LinkTarget);
        var name = new string('n', 100);
        Assert.Equal((name, 0), TarReader.Read(RawTar.Of(RawTar.File(name, "", 0)), "t").Select(e => (e.Path, e.Mode)).Single());
        var blocks = new TarBlocks(TarInput.Of(RawTar.Of(RawTar.Pax('g'), File)));
        Assert.Equal(("a", ""), (blocks.Next()?.Path, blocks.Comment));
        Assert.Equal(["p/a"], TarReader.Read(RawTar.Of(RawTar.Changed(File, h => h[345] = (byte)'p')), "t").Select(e => e.Path));
    }

    [Fact]
    public void A_number_fills_its_field_and_no_more()
    {
        var field = new byte[4];
        TarHeader.Octal(field, 0x1FF);
        Assert.Equal("777\0"u8, field);
        foreach (var value in (long[])[-1, 0x200])
        {
            Assert.StartsWith("does not fit into the tar field",
                Assert.Throws<ArgumentOutOfRangeException>(() => TarHeader.Octal(field, value)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_stream_is_read_as_memory_is_and_its_ends_are_found()
    {
        byte[] tar = RawTar.Of(RawTar.Pax('g', ("comment", "c")), RawTar.Long('L', "n"), RawTar.File("a", new string('x', 70_000)), File);
        var blocks = new TarBlocks(TarInput.Of(new MemoryStream(tar)));
        var (first, second) = (blocks.Next()!.Value, blocks.Next()!.Value);
        Assert.Equal(("n", 70_000L, 1024L, "c"), (first.Path, first.Size, first.Start, blocks.Comment));
        Assert.Equal(("a", 3L, 1024L + 1024 + 512 + 70_144), (second.Path, second.Size, second.Start));
        Assert.Equal("abc"u8, blocks.Content().Span);
        Assert.Null(blocks.Next());
        Assert.Equal(tar.Length - 1024, blocks.End);

        var cut = new TarBlocks(TarInput.Of(new MemoryStream(tar[..^(1024 + 1024 + 144 + 1)])));
        Assert.Equal("n", cut.Next()!.Value.Path);
        Assert.Equal("ends inside an entry: 1 bytes are missing", Assert.Throws<InvalidDataException>(() => cut.Content()).Message);
        var skipped = new TarBlocks(TarInput.Of(new MemoryStream(tar[..^(1024 + 1024 + 144 + 1)])));
        Assert.Equal("n", skipped.Next()!.Value.Path);
        Assert.Equal("ends inside an entry: 1 bytes are missing", Assert.Throws<InvalidDataException>(() => skipped.Next()).Message);
        var padding = new TarBlocks(TarInput.Of(new MemoryStream(tar[..^(1024 + 1024 + 1)])));
        Assert.Equal("n", padding.Next()!.Value.Path);
        Assert.Equal($"offset {2560 + 70_000}: padding is not zero", Assert.Throws<InvalidDataException>(() => padding.Content()).Message);
    }

    private static void Says(string want, byte[] tar) => Refusals.Says($"t: {want}", () => TarReader.Read(tar, "t"));
}
