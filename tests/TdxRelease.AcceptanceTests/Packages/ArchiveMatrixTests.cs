using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;
using TdxRelease.Testing;
using TdxRelease.Upstream.Sources;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>
/// Archives with everything that extractors read differently, in every container. What a reader here accepts, the extractors must unpack to
/// exactly the bytes that it
/// read: an audit accepts no more than its reader. Packages are signed properly, so that nothing but the reader stands in the way.
/// </summary>
public sealed class ArchiveMatrixTests(ITestOutputHelper log)
{
    private const string Json = "{\"made\":\"up\"}\n";

    /// <summary>
    /// The cases; the first is sound. Each gives the blocks of an uncompressed tar without its end, behind the sound entries.
    /// </summary>
    private static readonly (string Name, Func<byte[]> More)[] TarCases =
    [
        ("nothing", () => []),
        ("GNU.sparse pax", () =>
            [.. RawTar.Pax('x', ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "b"),
            ("GNU.sparse.realsize", "3")), .. RawTar.File("x", "0\nabc")]),
        ("GNU.sparse 0.1", () =>
            [.. RawTar.Pax('x', ("GNU.sparse.size", "9"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "6,3")),
            .. RawTar.File("x", "abc")]),
        ("old GNU sparse", () => RawTar.Header("x", 'S', 0)),
        ("pax path", () => [.. RawTar.Pax('x', ("path", "b")), .. RawTar.File("x", "abc")]),
        ("pax path twice", () => [.. RawTar.Pax('x', ("path", "b"), ("path", "c")), .. RawTar.File("x", "abc")]),
        ("two pax headers", () => [.. RawTar.Pax('x', ("path", "b")), .. RawTar.Pax('x', ("path", "c")), .. RawTar.File("x", "abc")]),
        ("pax global path", () => [.. RawTar.Pax('g', ("path", "b")), .. RawTar.File("x", "abc")]),
        ("pax size", () => [.. RawTar.Pax('x', ("size", "1")), .. RawTar.File("x", "abc")]),
        ("pax and GNU name", () => [.. RawTar.Pax('x', ("path", "b")), .. RawTar.Long('L', "c"), .. RawTar.File("x", "abc")]),
        ("GNU long name", () => [.. RawTar.Long('L', $"l/{new string('b', 120)}"), .. RawTar.File("x", "abc")]),
        ("two GNU long names", () => [.. RawTar.Long('L', "b"), .. RawTar.Long('L', "c"), .. RawTar.File("x", "abc")]),
        ("duplicate name", () => [.. RawTar.File("a", "1"), .. RawTar.File("a", "2")]),
        ("duplicate in another case", () => [.. RawTar.File("a", "1"), .. RawTar.File("A", "2")]),
        ("hard link", () => [.. RawTar.File("a", "1"), .. RawTar.Header("b", '1', 0, "a")]),
        ("symbolic link", () => [.. RawTar.File("a", "1"), .. RawTar.Header("b", '2', 0, "a", 0x1FF)]),
        ("symbolic link outside", () => RawTar.Header("b", '2', 0, "../../etc/passwd", 0x1FF)),
        ("file below a link", () => [.. RawTar.Header("b", '2', 0, "c", 0x1FF), .. RawTar.File("b/x", "1")]),
        ("device", () => RawTar.Header("b", '3', 0)),
        ("pipe", () => RawTar.Header("b", '6', 0)),
        ("contiguous", () => [.. RawTar.Header("b", '7', 3), .. RawTar.Padded("abc")]),
        ("absolute", () => RawTar.File("/tmp/tdxrel-matrix", "abc")),
        ("dot-dot", () => RawTar.File("../tdxrel-matrix", "abc")),
        ("file that ends in a slash", () => RawTar.File("b/", "abc")),
        ("directory with bytes", () => [.. RawTar.Header("b/", '5', 3, mode: 0x1ED), .. RawTar.Padded("abc")]),
        ("padding", () => RawTar.Changed(RawTar.File("b", "abc"), b => b[700] = 1)),
        ("base-256 size", () => RawTar.Changed(RawTar.File("b", "abc"), b => (b[124], b[135]) = ((byte)0x80, (byte)3))),
        ("mode 4755", () => RawTar.File("b", "abc", 0x9ED)),
        ("mode 0777", () => RawTar.File("b", "abc", 0x1FF)),
        ("owner 1000", () => [.. RawTar.Header("b", '0', 3, owner: 1000, user: "user"), .. RawTar.Padded("abc")]),
        ("extended attribute", () => [.. RawTar.Pax('x', ("SCHILY.xattr.user.x", "y")), .. RawTar.File("b", "abc")]),
        ("access control list", () => [.. RawTar.Pax('x', ("SCHILY.acl.access", "user::rwx,user:1000:rwx")), .. RawTar.File("b", "abc")]),
        ("star header", () => RawTar.Changed(RawTar.File("b", "abc"), b => "tar"u8.CopyTo(b.AsSpan(508)))),
        ("lone block of zeros", () => [.. new byte[512], .. RawTar.File("b", "abc")]),
    ];

    private static readonly (string Name, Func<byte[], byte[]> Change)[] Frames =
    [
        ("trailing data", packed => [.. packed, .. "x"u8]),
        ("trailing zeros", packed => [.. packed, .. new byte[512]]),
        ("second stream", packed => [.. packed, .. Compressor.Compress(RawTar.Of(RawTar.File("second", "abc")), Compression.Gzip)]),
        ("same stream again", packed => [.. packed, .. packed]),
    ];

    [Fact]
    public void What_is_accepted_every_extractor_unpacks_to_the_same_bytes()
    {
        var (refused, accepted) = (0, new List<string>());
        foreach (var (container, name, file, read, extract) in Matrix())
        {
            IReadOnlyDictionary<string, string> want;
            try
            {
                want = read(file);
            }
            catch (TdxException e)
            {
                Assert.True(e.Code is ExitCode.BadInput or ExitCode.VerificationFailed, $"{container}, {name}: {e.Message}");
                refused++;
                continue;
            }

            accepted.Add($"{container}: {name}");
            foreach (var (tool, commands) in extract)
            {
                using var temp = new TempFolder();
                File.WriteAllBytes(temp["archive"], file);
                Directory.CreateDirectory(temp["out"]);
                Tool.Run(temp["out"], "sh", "-c", commands).Ok();
                Assert.True(want.OrderBy(f => f.Key, StringComparer.Ordinal).SequenceEqual(Unpacked(temp["out"])),
                    $"{container}, {name}: {tool} unpacks something else");
            }
        }

        log.WriteLine($"{refused + accepted.Count} cases: {refused} refused, {accepted.Count} accepted and unpacked alike:\n"
            + string.Join('\n', accepted));
        Assert.True(refused > 150, $"{refused} refused");
        foreach (var container in (string[])["tar", "deb", "Arch", "rpm", "source tar", "source tar.gz", "source tar.zst"])
        {
            Assert.Contains($"{container}: nothing", accepted);
        }

        Assert.Contains("source tar.gz: GNU long name", accepted);
        Assert.Contains("source tar.gz: pax path", accepted);
        Assert.Contains("source tar.gz: owner 1000", accepted);
    }

    private delegate IReadOnlyDictionary<string, string> Reader(byte[] file);

    private static IEnumerable<(string Container, string Case, byte[] File, Reader Read, (string Tool, string Commands)[] Extract)> Matrix()
    {
        (string, string)[] tar = [("GNU tar", "tar --no-same-owner -xf ../archive"), ("bsdtar", "bsdtar --no-same-owner -xf ../archive")];
        (string, string)[] deb = [("dpkg-deb", "dpkg-deb -x ../archive .")];
        (string, string)[] rpm =
            [("rpm2cpio and cpio", "rpm2cpio ../archive | cpio -idm --quiet --no-absolute-filenames"),
            ("bsdtar", "bsdtar --no-same-owner -xf ../archive")];
        foreach (var (name, more) in TarCases)
        {
            var plain = Tar(more());
            yield return ("tar", name, plain,
                file => Written(TarReader.Read(file, "x.tar"), () => CanonicalTar.Require(file, "x.tar", TarHeaderFormat.Pax)), tar);
            yield return ("Arch", name, Compressor.Compress(Tar(more(), arch: true), Compression.Gzip), Arch, tar);
            yield return ("deb", name, Deb(Compressor.Compress(RawTar.Gnu(plain), Compression.Gzip)),
                file => Entries(DebReader.ReadWritten(file, "x.deb").Data), deb);
            yield return ("source tar", name, plain, Source, tar);
            yield return ("source tar.gz", name, Compressor.Compress(plain, Compression.Gzip), Source, tar);
            yield return ("source tar.zst", name, Compressor.Compress(plain, Compression.Zstd), Source, tar);
        }

        foreach (var (name, change) in Frames)
        {
            var packed = Compressor.Compress(Tar([]), Compression.Gzip);
            yield return ("Arch", name, change(Compressor.Compress(Tar([], arch: true), Compression.Gzip)), Arch, tar);
            var gnu = Compressor.Compress(RawTar.Gnu(Tar([])), Compression.Gzip);
            yield return ("deb", name, Deb(change(gnu)), file => Entries(DebReader.ReadWritten(file, "x.deb").Data), deb);
            yield return ("deb's end", name, change(Deb(gnu)), file => Entries(DebReader.ReadWritten(file, "x.deb").Data), deb);
            yield return ("source tar", name, change(Tar([])), Source, tar);
            yield return ("source tar.gz", name, change(packed), Source, tar);
            yield return ("source tar.zst", name, change(Compressor.Compress(Tar([]), Compression.Zstd)), Source, tar);
            yield return ("rpm", name, change(Rpm(Cpio([]))), Payload, rpm);
        }

        foreach (var (name, archive) in CpioCases())
        {
            yield return ("rpm", name, Rpm(archive), Payload, rpm);
        }
    }

    private static IEnumerable<(string Name, byte[] Archive)> CpioCases()
    {
        const int File = 0x81A4;
        CpioEntry Entry(string name, int mode = File, string content = "abc") =>
            new(name, mode, 7, 1_770_681_600, Encoding.ASCII.GetBytes(content));
        yield return ("nothing", Cpio([]));
        yield return ("another file", Cpio([Entry("b")]));
        yield return ("duplicate name", Cpio([Entry("mapping_file.json")]));
        yield return ("symbolic link", Cpio([Entry("b", 0xA1FF, "a")]));
        yield return ("device", Cpio([Entry("b", 0x21A4, "")]));
        yield return ("absolute", Cpio([Entry("/tmp/tdxrel-matrix")]));
        yield return ("dot-dot", Cpio([Entry("../tdxrel-matrix")]));
        yield return ("mode 4755", Cpio([Entry("b", 0x89ED)]));
        yield return ("mode 0777", Cpio([Entry("b", 0x81FF)]));
        yield return ("trailing data in the archive", [.. Cpio([]), .. "x"u8]);
        yield return ("trailing zeros in the archive", [.. Cpio([]), .. new byte[64]]);
        yield return ("second archive", [.. Cpio([]), .. Cpio([Entry("b")])]);
        yield return ("owner 1000", Field(2, "000003e8"));
        yield return ("two links", Field(4, "00000002"));
        yield return ("device number", Field(7, "00000001"));
        yield return ("checksum", Field(12, "00000001"));
        yield return ("another length", Field(6, "00000001"));

        static byte[] Field(int index, string value)
        {
            var archive = Cpio([]);
            Encoding.ASCII.GetBytes(value).CopyTo(archive, 6 + (8 * index));
            return archive;
        }
    }

    private static byte[] Tar(byte[] more, bool arch = false) => RawTar.Of(
        arch ? RawTar.File(".PKGINFO", "pkgname = x\npkgver = 1-1\narch = any\n")
        : [], RawTar.File("LICENSE", "text\n"), RawTar.File("mapping_file.json", Json), more);

    private static byte[] Deb(byte[] data)
    {
        var control = Compressor.Compress(
            RawTar.Gnu(RawTar.Of(
                RawTar.File("control", "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: T <t@e.invalid>\nDescription: x\n"))),
            Compression.Gzip);
        using var output = new MemoryStream();
        var writer = new ArWriter(output, SamplePackage.Time);
        writer.Write("debian-binary", "2.0\n"u8);
        writer.Write("control.tar.gz", control);
        writer.Write("data.tar.gz", data);
        writer.Write("_gpgorigin", TestRelease.OpenPgp.SignDetached((byte[])[.. "2.0\n"u8, .. control, .. data], SamplePackage.Time));
        return output.ToArray();
    }

    private static byte[] Cpio(CpioEntry[] more) => CpioWriter.Write(
        [.. new CpioEntry[] { new("mapping_file.json", 0x81A4, 1, 1_770_681_600, Encoding.ASCII.GetBytes(Json)) }.Concat(more)], "./");

    // The header lists what a lenient reader would find, so that only the payload's form decides.
    private static byte[] Rpm(byte[] archive)
    {
        var header = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
        header.Text(RpmTag.Name, "x");
        header.Text(RpmTag.Version, "1");
        header.Text(RpmTag.Release, "1");
        header.Text(RpmTag.Os, "linux");
        header.Text(RpmTag.Arch, "noarch");
        List<CpioEntry> entries;
        try
        {
            entries = [.. CpioReader.Read(archive, "c")];
        }
        catch (TdxException)
        {
            entries = [new("mapping_file.json", 0x81A4, 1, 1_770_681_600, Encoding.ASCII.GetBytes(Json))];
        }

        RpmFileTable.Source(entries.Select(e =>
            new RpmEntry(e.Name, e.Mode, e.Content, (e.Mode & 0xF000) == 0xA000 ? Encoding.UTF8.GetString(e.Content.Span) : "",
            RpmFileFlags.None)))
            .Describe(header, 1_770_681_600, source: false);
        using var output = new MemoryStream();
        RpmAssembler.Write(output, "x-1-1", source: false, header, new RpmPayload(archive, Compression.Gzip), TestRelease.OpenPgp,
            SamplePackage.Time);
        return output.ToArray();
    }

    private static Dictionary<string, string> Payload(byte[] file) =>
        RpmReader.Read(file, "x.rpm").VerifyWritten()
        .ToDictionary(e => e.Name,
        e => (e.Mode & 0xF000) == 0xA000 ? $"-> {Encoding.UTF8.GetString(e.Content.Span)}"
        : Encoding.UTF8.GetString(e.Content.Span), StringComparer.Ordinal);

    private static Dictionary<string, string> Arch(byte[] file)
    {
        var package = ArchReader.ReadWritten(file, "x.pkg.tar.gz");
        return Entries([.. package.Metadata, .. package.Content]);
    }

    // What a snapshot takes of an archive are the data files: all others must be where the archive says all the same.
    private static Dictionary<string, string> Source(byte[] file)
    {
        using var temp = new TempFolder();
        File.WriteAllBytes(temp["x"], file);
        var snapshot = new ArchiveSource(temp["x"]).FetchAsync(new FetchContext(temp["out"]), default).GetAwaiter().GetResult();
        Assert.Equal(Json, Encoding.UTF8.GetString(snapshot.Read("mapping_file.json")));
        Assert.Equal(["LICENSE", "mapping_file.json"], snapshot.Files.Select(f => f.Path).Order(StringComparer.Ordinal));
        var tar = file[0] == 0x1F ? Compressor.Decompress(file, CompressionKind.Gzip, "x")
            : file[0] == 0x28 ? Compressor.Decompress(file, CompressionKind.Zstd, "x") : file;
        return Entries(TarReader.Read(tar, "x"));
    }

    private static Dictionary<string, string> Written(IReadOnlyList<TarEntry> entries, Action require)
    {
        require();
        return Entries(entries);
    }

    private static Dictionary<string, string> Entries(IReadOnlyList<TarEntry> entries) => entries.Where(e => e.Kind != TarEntryKind.Folder)
        .ToDictionary(e => e.Path, e => e.LinkTarget is { } link ? $"-> {link}" : Encoding.UTF8.GetString(e.Content.Span),
            StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, string>> Unpacked(string folder) =>
        new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Where(e => e is FileInfo || e.LinkTarget is not null)
        .Select(e => KeyValuePair.Create(Path.GetRelativePath(folder, e.FullName),
            e.LinkTarget is { } link ? $"-> {link}" : File.ReadAllText(e.FullName)))
        .OrderBy(f => f.Key, StringComparer.Ordinal);
}
