using System.Buffers.Binary;
using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;
using TdxRelease.Testing;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Packages;

/// <summary>What the readers of rpm, deb and Arch packages and of deb822 say, word for word, on both sides of each limit.</summary>
public sealed class PackageMessagesTests
{
    private const int Region = (int)RpmTag.HeaderImmutable;
    private const string Unsealed = "h: the region 63 does not seal the whole header";
    private const string Info = "pkgname = a\npkgver = 1-1\narch = any\n";

    /// <summary>Tag, type, offset and count of one entry, the store in hex, and the message.</summary>
    [Theory]
    [InlineData(1000, 1, 0, 2, "6162", null)]
    [InlineData(1000, 2, 0, 2, "6162", null)]
    [InlineData(1000, 7, 0, 2, "6162", null)]
    [InlineData(1000, 7, 0, 1, "6162", Unsealed)]
    [InlineData(1000, 7, 0, 3, "6162", Unsealed)]
    [InlineData(1000, 7, 0, 18, "6162", Unsealed)]
    [InlineData(1000, 7, 0, 19, "6162", "h: tag 1000: type 7 with 19 items does not fit into the 18 bytes left")]
    [InlineData(1000, 7, 0, 0, "", "h: tag 1000: type 7 with 0 items does not fit into the 16 bytes left")]
    [InlineData(1000, 7, 0, -1, "", "h: tag 1000: type 7 with -1 items does not fit into the 16 bytes left")]
    [InlineData(1000, 3, 0, 2, "00010002", null)]
    [InlineData(1000, 3, 0, 11, "00010002", "h: tag 1000: type 3 with 11 items does not fit into the 20 bytes left")]
    [InlineData(1000, 4, 0, 1, "00010002", null)]
    [InlineData(1000, 4, 0, 6, "00010002", "h: tag 1000: type 4 with 6 items does not fit into the 20 bytes left")]
    [InlineData(1000, 5, 0, 1, "0001000200030004", null)]
    [InlineData(1000, 5, 0, 0x20000000, "0001000200030004",
        "h: tag 1000: type 5 with 536870912 items does not fit into the 24 bytes left")]
    [InlineData(1000, 6, 0, 1, "6100", null)]
    [InlineData(1000, 6, 0, 2, "61006200", "h: tag 1000: type 6 with 2 items does not fit into the 20 bytes left")]
    [InlineData(1000, 8, 0, 2, "61006200", null)]
    [InlineData(1000, 9, 0, 2, "61006200", null)]
    [InlineData(1000, 8, 0, 1, "61006200", Unsealed)]
    [InlineData(1000, 8, 0, 99, "6100", "h: tag 1000: type 8 with 99 items does not fit into the 18 bytes left")]
    [InlineData(1000, 0, 0, 1, "00", "h: tag 1000: type 0 with 1 items does not fit into the 17 bytes left")]
    [InlineData(1000, 10, 0, 1, "00", "h: tag 1000: type 10 with 1 items does not fit into the 17 bytes left")]
    [InlineData(1000, 2, 1, 1, "0061", "h: tag 1000: offset 1, the value must stand at 0 behind zero padding")]
    [InlineData(64, 2, 0, 1, "00", null)]
    [InlineData(63, 2, 0, 1, "00", "h: tag 63 follows tag 63, tags must ascend")]
    [InlineData(62, 2, 0, 1, "00", "h: tag 62 follows tag 63, tags must ascend")]
    public void What_is_wrong_with_an_entry_of_an_rpm_header(int tag, int type, int offset, int count, string store, string? want) =>
        Says(want, () => RpmHeader.Parse(Header(Convert.FromHexString(store), (tag, type, offset, count)), RpmTag.HeaderImmutable, "h"));

    [Theory]
    [InlineData("6100000000000001", 4, null)]
    [InlineData("6101000000000001", 4, "h: tag 1001: offset 4, the value must stand at 4 behind zero padding")]
    [InlineData("61000000000001", 3, "h: tag 1001: offset 3, the value must stand at 4 behind zero padding")]
    [InlineData("610000000000000001", 5, "h: tag 1001: offset 5, the value must stand at 4 behind zero padding")]
    public void Values_of_an_rpm_header_are_aligned(string store, int offset, string? want) => Says(want, () => RpmHeader.Parse(
        Header(Convert.FromHexString(store), (1000, 2, 0, 1), (1001, 4, offset, 1)), RpmTag.HeaderImmutable, "h"));

    /// <summary>Which byte of a good header of 65 bytes changes to what, or how many bytes are left, and the message.</summary>
    [Theory]
    [InlineData(-1, 65, null)]
    [InlineData(-1, 66, null)]
    [InlineData(-1, 64, "h: claims 65 bytes, 64 are left")]
    [InlineData(-1, 15, "h: does not begin with the header magic 8eade801")]
    [InlineData(-1, 16, "h: claims 65 bytes, 16 are left")]
    [InlineData(4, 1, "h: does not begin with the header magic 8eade801")]
    [InlineData(11, 0, "h: claims 0 entries and 17 bytes; the limits are 65535 and 67108864")]
    [InlineData(9, 1, "h: claims 65538 entries and 17 bytes; the limits are 65535 and 67108864")]
    [InlineData(12, 5, "h: claims 2 entries and 83886097 bytes; the limits are 65535 and 67108864")]
    [InlineData(12, 4, "h: claims 2 entries and 67108881 bytes; the limits are 65535 and 67108864")]
    [InlineData(12, 3, "h: claims 50331713 bytes, 66 are left")]
    [InlineData(19, 62, Unsealed)]
    [InlineData(23, 6, Unsealed)]
    [InlineData(27, 0, Unsealed)]
    [InlineData(31, 15, Unsealed)]
    [InlineData(52, 62, Unsealed)]
    [InlineData(56, 6, Unsealed)]
    [InlineData(60, 0, Unsealed)]
    [InlineData(64, 15, Unsealed)]
    public void What_is_wrong_with_the_frame_of_an_rpm_header(int at, int value, string? want)
    {
        byte[] header = [.. Header([0x61], (1000, 2, 0, 1)), 0];
        Assert.Equal(66, header.Length);
        if (at >= 0)
        {
            header[at] = (byte)value;
        }

        Says(want, () => RpmHeader.Parse(at >= 0 ? header : header.AsMemory(0, value), RpmTag.HeaderImmutable, "h"));
    }

    [Fact]
    public void What_an_rpm_header_may_claim_at_most_is_held_against_what_is_there()
    {
        var header = Header([0x61], (1000, 2, 0, 1));
        header[10] = header[11] = 0xFF;
        Says("h: claims 1048593 bytes, 65 are left", () => RpmHeader.Parse(header, RpmTag.HeaderImmutable, "h"));
        header = Header([0x61], (1000, 2, 0, 1));
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), RpmHeader.MaxStore);
        Says("h: claims 67108912 bytes, 65 are left", () => RpmHeader.Parse(header, RpmTag.HeaderImmutable, "h"));
        header = Header([0x61], (1000, 2, 0, 1), (1001, 4, 4, 1));
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), 1);
        Says("h: tag 1001: offset 4, the value must stand at 1 behind zero padding",
            () => RpmHeader.Parse(header, RpmTag.HeaderImmutable, "h"));
    }

    [Fact]
    public void Values_of_an_rpm_header_have_the_shape_that_is_asked_for()
    {
        var header = RpmHeader.Parse(Header(Convert.FromHexString("61006200" + "c000" + "000f0001" + "00000002"), (1000, 8, 0, 2),
            (1001, 6, 4, 1), (1002, 3, 6, 2), (1003, 7, 10, 4)), RpmTag.HeaderImmutable, "h");
        Assert.Equal(["a", "b"], header.Texts(RpmTag.Name));
        Assert.Equal([15L, 1L], header.Numbers(RpmTag.Release));
        Assert.Equal([0, 0, 0, 2], header.Bytes((RpmTag)1003).ToArray());
        Assert.Empty(header.Numbers(RpmTag.Size));
        Assert.Null(header.TextOrNull(RpmTag.Size));
        Says("h: Name has 2 values, not one", () => header.Text(RpmTag.Name));
        Says("h: Version is not UTF-8", () => header.Texts(RpmTag.Version));
        Says("h: Release is Int16, not text", () => header.Texts(RpmTag.Release));
        Says("h: Release has 2 values, not one", () => header.Number(RpmTag.Release));
        Says("h: Size has 0 values, not one", () => header.Number(RpmTag.Size));
        Says("h: Size is missing", () => header.Text(RpmTag.Size));
        Says("h: 1003 is Binary, not numbers", () => header.Numbers((RpmTag)1003));
        Says("h: Name is TextArray, not bytes", () => header.Bytes(RpmTag.Name));
    }

    /// <summary>Which byte of lead, signature header and padding changes to what, and the message.</summary>
    [Theory]
    [InlineData(-1, 0, null)]
    [InlineData(0, 0, "x: does not begin with an rpm lead, edabeedb0300 and 96 bytes in all")]
    [InlineData(5, 1, "x: does not begin with an rpm lead, edabeedb0300 and 96 bytes in all")]
    [InlineData(7, 1, null)]
    [InlineData(7, 2, "x: lead: package type 2 and signature type 5, want 0 or 1 and 5")]
    [InlineData(79, 4, "x: lead: package type 0 and signature type 4, want 0 or 1 and 5")]
    [InlineData(96, 0, "x: signature header: does not begin with the header magic 8eade801")]
    [InlineData(161, 1, "x: signature header: is not padded to 8 bytes with zeros")]
    [InlineData(167, 1, "x: signature header: is not padded to 8 bytes with zeros")]
    [InlineData(168, 0, "x: main header: does not begin with the header magic 8eade801")]
    public void What_is_wrong_with_the_front_of_an_rpm(int at, byte value, string? want)
    {
        var file = Front();
        if (at >= 0)
        {
            file[at] = value;
        }

        Says(want, () =>
        {
            var package = RpmReader.Read(file, "x");
            Assert.Equal((at == 7, 168, 3), (package.IsSource, package.HeaderStart, package.Payload.Length));
        });
    }

    [Theory]
    [InlineData(95, "x: does not begin with an rpm lead, edabeedb0300 and 96 bytes in all")]
    [InlineData(96, "x: signature header: does not begin with the header magic 8eade801")]
    [InlineData(161, "x: signature header: is not padded to 8 bytes with zeros")]
    [InlineData(167, "x: signature header: is not padded to 8 bytes with zeros")]
    [InlineData(168, "x: main header: does not begin with the header magic 8eade801")]
    [InlineData(232, "x: main header: claims 65 bytes, 64 are left")]
    [InlineData(233, null)]
    public void What_is_missing_of_an_rpm(int length, string? want) => Says(want, () => RpmReader.Read(Front().AsMemory(0, length), "x"));

    [Theory]
    [InlineData("debian-binary control.tar data.tar", null)]
    [InlineData("debian-binary control.tar.gz data.tar.xz", null)]
    [InlineData("debian-binary control.tar.zst data.tar.zst _gpgorigin", null)]
    [InlineData("debian-binary control.tar.zst data.tar.zst _gpgbuilder", "")]
    [InlineData("debian-binary control.tar.zst data.tar.zst _gpgorigin x", "")]
    [InlineData("debian-binary control.tar data.tar.bz2", "")]
    [InlineData("debian-binary control.tar.bz2 data.tar", "")]
    [InlineData("debian-binary data.tar control.tar", "")]
    [InlineData("control.tar debian-binary data.tar", "")]
    [InlineData("debian-binary control.tar", "")]
    public void What_is_wrong_with_the_members_of_a_deb(string members, string? want)
    {
        var names = members.Split(' ');
        Says(want is null ? null
            : $"x: holds {string.Join(", ", names)}, want debian-binary, control.tar and data.tar, and _gpgorigin where it is signed",
            () => DebReader.ReadControl(Deb("2.0\n", "Package: a\n", names), "x"));
    }

    [Theory]
    [InlineData("2.0\n", "Package: a\n", null)]
    [InlineData("2.0\n", "Package: a\n\n\n", null)]
    [InlineData("2.1\n", "Package: a\n", "x: is of format \"2.1\\x0a\", want 2.0")]
    [InlineData("2.0", "Package: a\n", "x: is of format \"2.0\", want 2.0")]
    [InlineData("2.0\nsome thing else\n", "Package: a\n", "x: is of format \"2.0\\x0asome\", want 2.0")]
    [InlineData("2.0\n", "", "x: the control file has 0 paragraphs, want one")]
    [InlineData("2.0\n", "A: a\n\nB: b\n", "x: the control file has 2 paragraphs, want one")]
    [InlineData("2.0\n", null, "x: has no control file")]
    [InlineData("2.0\n", "A: \u00ff", "x: control: is not UTF-8")]
    [InlineData("2.0\n", "A", "x: control:1: \"A\" is not a field")]
    public void What_is_wrong_with_the_control_file_of_a_deb(string format, string? control, string? want) => Says(want, () =>
        Assert.Equal("a",
            DebReader.ReadControl(Deb(format, control, ["debian-binary", "control.tar", "data.tar"]), "x").Fields["package"]));

    [Theory]
    [InlineData(Info, null)]
    [InlineData("# comment\n\n" + Info + "x = \nx = y = z\n", null)]
    [InlineData(Info + "x=y\n", "x.pkg.tar.gz: .PKGINFO: \"x=y\" is not a line of the form key = value")]
    [InlineData(Info + " = y\n", "x.pkg.tar.gz: .PKGINFO: \" = y\" is not a line of the form key = value")]
    [InlineData(Info + "x = \ty\n", "x.pkg.tar.gz: .PKGINFO: \"x = \\x09y\" is not a line of the form key = value")]
    [InlineData("pkgver = 1-1\narch = any\n", "x.pkg.tar.gz: .PKGINFO: \"pkgname\" must stand there once")]
    [InlineData("pkgname = a\narch = any\n", "x.pkg.tar.gz: .PKGINFO: \"pkgver\" must stand there once")]
    [InlineData("pkgname = a\npkgver = 1-1\n", "x.pkg.tar.gz: .PKGINFO: \"arch\" must stand there once")]
    [InlineData(Info + "arch = any\n", "x.pkg.tar.gz: .PKGINFO: \"arch\" must stand there once")]
    [InlineData(Info + "x = \u00ff\n", "x.pkg.tar.gz: .PKGINFO: is not UTF-8")]
    [InlineData(null, "x.pkg.tar.gz: has no .PKGINFO")]
    public void What_is_wrong_with_the_information_of_an_Arch_package(string? info, string? want) => Says(want, () =>
    {
        TarEntry[] files = info is null ? [TarEntry.Folder(".PKGINFO")] : [new(".PKGINFO", Encoding.Latin1.GetBytes(info))];
        var read = ArchReader.Read(Tar([.. files, new(".MTREE", default), TarEntry.Folder("usr"), new("usr/a.b", default)], gzip: true),
            "x.pkg.tar.gz");
        Assert.Equal(("a", "any", ""), (read.One("pkgname"), read.One("arch"), read.One("none")));
        Assert.Equal(info!.Contains('y', StringComparison.Ordinal) && info.StartsWith('#') ? ["", "y = z"] : [], read.All("x"));
        Assert.Equal([".PKGINFO", ".MTREE"], read.Metadata.Select(e => e.Path));
        Assert.Equal(["usr", "usr/a.b"], read.Content.Select(e => e.Path));
    });

    [Theory]
    [InlineData("A: a\n b\n\t c\nB:b ", "A=a\nb\nc B=b", null)]
    [InlineData("\n\nA: a\n\n\na: b\n\n", "A=a|a=b", null)]
    [InlineData("A:\n", "A=", null)]
    [InlineData("A: \u0007", "", "x:1: \"A: \\x07\" has a control character")]
    [InlineData("A: a\n\n b", "", "x:3: \" b\" continues nothing")]
    [InlineData(" b", "", "x:1: \" b\" continues nothing")]
    [InlineData(": b", "", "x:1: \": b\" is not a field")]
    [InlineData("A b: c", "", "x:1: \"A b: c\" is not a field")]
    [InlineData("A\u00e9: c", "", "x:1: \"A\u00e9: c\" is not a field")]
    [InlineData("A~: c", "A~=c", null)]
    [InlineData("A!: c", "A!=c", null)]
    [InlineData("A", "", "x:1: \"A\" is not a field")]
    [InlineData("A: a\na: b", "", "x:2: \"a: b\" is field \"a\" a second time")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789x", "",
        "x:1: \"12345678901234567890123456789012345678901234567890123456789x\" is not a field")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789xy", "",
        "x:1: \"12345678901234567890123456789012345678901234567890123456789x\" is not a field")]
    public void What_is_wrong_with_paragraphs(string text, string read, string? want) => Says(want, () => Assert.Equal(read,
        string.Join('|', Deb822.Parse(text, "x").Select(s => string.Join(' ', s.Select(f => $"{f.Key}={f.Value}"))))));

    [Fact]
    public void A_field_that_must_be_there_is_not_empty()
    {
        var stanza = Deb822.Parse("A: a\nB:\n", "x")[0];
        Assert.Equal("a", Deb822.Require(stanza, "a", "x"));
        Says("x: field \"B\" is missing", () => Deb822.Require(stanza, "B", "x"));
        Says("x: field \"C\" is missing", () => Deb822.Require(stanza, "C", "x"));
    }

    // Lead, signature header of 65 bytes, seven zeros, main header of 65 bytes, payload of three.
    private static byte[] Front()
    {
        var signature = Header([0x61], (1000, 2, 0, 1));
        signature[19] = signature[16 + 32 + 1 + 3] = (byte)RpmTag.HeaderSignatures;
        return [.. RpmLead.Write("a-1-1", source: false), .. signature, .. new byte[7], .. Header([0x61], (1000, 2, 0, 1)), 1, 2, 3];
    }

    private static byte[] Header(byte[] store, params (int Tag, int Type, int Offset, int Count)[] entries)
    {
        byte[] Numbers(params int[] numbers) => [.. numbers.SelectMany(n =>
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, n);
            return bytes;
        })];
        var index = 16 * (entries.Length + 1);
        return [0x8E, 0xAD, 0xE8, 1, 0, 0, 0, 0, .. Numbers(entries.Length + 1, store.Length + 16), .. Numbers(Region, 7, store.Length, 16),
            .. entries.SelectMany(e => Numbers(e.Tag, e.Type, e.Offset, e.Count)), .. store, .. Numbers(Region, 7, -index, 16)];
    }

    private static byte[] Deb(string format, string? control, string[] members)
    {
        using var output = new MemoryStream();
        var writer = new ArWriter(output, TestRelease.Later);
        foreach (var member in members)
        {
            var content = member == "debian-binary" ? Encoding.ASCII.GetBytes(format)
                : Tar(control is null ? [] : [new("control", Encoding.Latin1.GetBytes(control))], gzip: false);
            writer.Write(member, Path.GetExtension(member) switch
            {
                ".gz" => Compressor.Compress(content, Compression.Gzip),
                ".xz" => Compressor.Compress(content, Compression.Xz),
                ".zst" => Compressor.Compress(content, Compression.Zstd),
                _ => content,
            });
        }

        return output.ToArray();
    }

    private static byte[] Tar(TarEntry[] entries, bool gzip)
    {
        using var tar = new MemoryStream();
        var writer = new TarWriter(tar, TestRelease.Later);
        Array.ForEach(entries, writer.Write);
        writer.End();
        return gzip ? Compressor.Compress(tar.ToArray(), Compression.Gzip) : tar.ToArray();
    }
}
