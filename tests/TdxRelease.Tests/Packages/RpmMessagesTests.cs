using System.Security.Cryptography;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;
using TdxRelease.SourcePackages;
using TdxRelease.Testing;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Packages;

/// <summary>
/// What is said of packages that somebody made anew, with every digest right: a directory opt/t with a file a and a link b to it.
/// </summary>
public sealed class RpmMessagesTests
{
    private static readonly PackageSpec Spec = FirmwareSample.Spec("1") with
    {
        Files = [new PackageFile("opt/t/a", "abc"u8.ToArray()), new PackageFile("opt/t/b", default, LinkTarget: "a")],
    };

    private static readonly RpmPackage Good = RpmReader.Read(Pack(new RpmWriter(Compression.Gzip)), "x");
    private static readonly byte[] Archive = Compressor.Decompress(Good.Payload.Span, CompressionKind.Gzip, "x");
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData("abc"u8));

    [Fact]
    public void What_is_wrong_with_the_list_of_files()
    {
        Listed(null, RpmTag.DirIndexes, h => h.Int32s(RpmTag.DirIndexes, [0, 1, 1]));
        Listed("x: file 2: directory 2 of 2", RpmTag.DirIndexes, h => h.Int32s(RpmTag.DirIndexes, [0, 1, 2]));
        Listed("x: file 0: directory -1 of 2", RpmTag.DirIndexes,
            h => h.Raw(RpmTag.DirIndexes, RpmType.Int64, 3, [.. Enumerable.Repeat((byte)0xFF, 8), .. new byte[16]]));
        Listed("x: 3 file names, but the other file tags have 3, 3, 3, 2, 3, 3 values", RpmTag.FileFlags,
            h => h.Int32s(RpmTag.FileFlags, [0, 0]));
        Listed("x: file digests are not SHA-256 (algorithm 8)", RpmTag.FileDigestAlgorithm, h => h.Int32(RpmTag.FileDigestAlgorithm, 10));
        Listed("x: file digests are not SHA-256 (algorithm 8)", RpmTag.FileDigestAlgorithm, null);
        foreach (var (folder, name) in new[] { ("opt/t/", "a"), ("/opt/t", "a"), ("/opt/t/", "a/c"), ("/opt/t/", ".."), ("", "a") })
        {
            Listed($"x: file 1: \"{folder}{name}\" is not a path that a package may contain", RpmTag.DirNames,
                h => h.Texts(RpmTag.DirNames, ["/opt/", folder]), RpmTag.BaseNames, h => h.Texts(RpmTag.BaseNames, ["t", name, "b"]));
        }

        Listed("x: the header lists a path twice", RpmTag.BaseNames, h => h.Texts(RpmTag.BaseNames, ["t", "a", "a"]));
        Listed("x: file 0: mode 65536 and length 0 are out of range", RpmTag.FileModes, h => h.Int32s(RpmTag.FileModes, [65536, 0, 0]));
        Listed(null, RpmTag.FileModes, h => h.Int32s(RpmTag.FileModes, [65535, 0, 0]));
        Listed("x: file 1: mode 33188 and length 4294967296 are out of range", RpmTag.FileSizes,
            h => h.Raw(RpmTag.FileSizes, RpmType.Int64, 3, [.. new byte[11], 1, .. new byte[12]]));
        Listed(null, RpmTag.FileSizes, h => h.Int32s(RpmTag.FileSizes, [0, uint.MaxValue, 0]));
        Assert.Empty(Changed(RpmTag.BaseNames, null).Files);
        Assert.Equal(["opt/t", "opt/t/a", "opt/t/b"], Good.Files.Select(f => f.Path));
        Assert.Equal([true, false, false], Good.Files.Select(f => f.IsFolder));
        Assert.Equal([false, true, false], Good.Files.Select(f => f.IsRegular));
    }

    [Fact]
    public void What_is_wrong_between_header_and_payload()
    {
        const string Other = ": the payload differs from the header in mode, length, digest or link target";
        Verified(null, RpmTag.Summary, null);
        Verified("x: header and payload list different files", RpmTag.BaseNames, h => h.Texts(RpmTag.BaseNames, ["t", "a", "c"]));
        Verified("x: header and payload list different files", RpmTag.BaseNames, null);
        Failed($"x: \"opt/t/a\"{Other}", RpmTag.FileSizes, h => h.Int32s(RpmTag.FileSizes, [0, 4, 0]));
        Failed($"x: \"opt/t/a\"{Other}", RpmTag.FileDigests, h => h.Texts(RpmTag.FileDigests, ["", Hash.Replace('a', 'b'), ""]));
        Verified(null, RpmTag.FileDigests, h => h.Texts(RpmTag.FileDigests, ["x", Hash, "x"])); // nothing is hashed there
        Verified(null, RpmTag.FileSizes, h => h.Int32s(RpmTag.FileSizes, [9, 3, 9]));
        Failed($"x: \"opt/t/b\"{Other}", RpmTag.FileLinkTos, h => h.Texts(RpmTag.FileLinkTos, ["", "", "c"]));
        Verified(null, RpmTag.FileLinkTos, h => h.Texts(RpmTag.FileLinkTos, ["x", "x", "a"]));
        Failed($"x: \"opt/t\"{Other}", RpmTag.FileModes, h => h.Int16s(RpmTag.FileModes, [0x41EC, 0x81A4, 0xA1FF]));
    }

    [Fact]
    public void What_is_wrong_with_the_payload()
    {
        var (compressed, archive) = (Good.Header.Text(RpmTag.PayloadSha256), Good.Header.Text(RpmTag.PayloadSha256Uncompressed));
        Failed($"x: payload SHA-256 is {compressed}, the package says {archive}", RpmTag.PayloadSha256,
            h => h.Texts(RpmTag.PayloadSha256, [archive]));
        Failed("x: payload digest algorithm is 8, the package says 10", RpmTag.PayloadDigestAlgorithm,
            h => h.Int32(RpmTag.PayloadDigestAlgorithm, 10));
        Failed($"x: uncompressed payload SHA-256 is {archive}, the package says {compressed}", RpmTag.PayloadSha256Uncompressed,
            h => h.Texts(RpmTag.PayloadSha256Uncompressed, [compressed]));
        Verified(null, RpmTag.PayloadSha256Uncompressed, null);
        Verified("x: payload compressor \"lzma\", want gzip, xz or zstd", RpmTag.PayloadCompressor,
            h => h.Text(RpmTag.PayloadCompressor, "lzma"));
        Verified(null, RpmTag.PayloadCompressor, null); // gzip is what rpm takes then
        Verified("x: payload format \"drpm\", want cpio", RpmTag.PayloadFormat, h => h.Text(RpmTag.PayloadFormat, "drpm"));
        Verified(null, RpmTag.PayloadFormat, null);
        Begins("x: payload: ", () => ResealedRpm.Of(Good.Header.Raw, Good.Payload.Span, Archive.Length, RpmTag.PayloadCompressor,
            h => h.Text(RpmTag.PayloadCompressor, "xz")).Verify());
        Begins("x: payload: ", () => WithArchive(Archive[..^4]).Verify());
    }

    [Fact]
    public void What_the_signature_header_says_of_the_lengths()
    {
        var header = Good.Header.Raw.Span;
        foreach (var (more, want) in new (long, string?)[] { (0, null), (1, "x: length of header and payload is N, the package says M") })
        {
            var length = header.Length + Good.Payload.Length;
            var signature = RpmAssembler.Signature(header, default, Good.Payload.Length + more, Archive.Length);
            var package = RpmReader.Read(ResealedRpm.File(signature, header, Good.Payload.Span), "x");
            var error = Record.Exception(package.VerifyDigests);
            Assert.Equal(want?.Replace("N", $"{length}", StringComparison.Ordinal).Replace("M", $"{length + 1}", StringComparison.Ordinal),
                error?.Message);
        }

        Assert.Null(Good.Signature);
        Assert.Equal($"{Spec.Name}-1-1", Good.Nevr);
    }

    [Fact]
    public void What_no_signature_covers_is_what_a_release_has()
    {
        Assert.Equal(3, Good.VerifyWritten().Count);
        foreach (var (at, value) in new (int, byte)[] { (9, 1), (10, (byte)'x'), (75, 1), (77, 2) })
        {
            var bytes = Good.File.ToArray();
            bytes[at] = value;
            Says($"x: byte {at}, in front of what is signed, is not the one that a release has",
                () => RpmReader.Read(bytes, "x").VerifyWritten());
        }

        var owner = Archive.ToArray();
        owner[6 + 16 + 7] = (byte)'1'; // the user of the first member
        Assert.NotEmpty(WithArchive(owner).Verify());
        Says("x: payload: byte 29 is not the one that a release has", () => WithArchive(owner).VerifyWritten());
        var source = RpmLead.Write(new string('n', 80), source: true);
        Assert.Equal([(byte)'n', 0, 0, 1], [source[74], source[75], source[76], source[77]]);
        Assert.True(RpmLead.IsSource(source));
    }

    [Fact]
    public void A_source_package_holds_files_without_a_directory()
    {
        var bytes = Good.File.ToArray();
        bytes[7] = 1;
        Says("x: file 0: \"/opt/t\" is not a path that a package may contain", () => _ = RpmReader.Read(bytes, "x").Files);
        var source = FirmwareSample.Source("1", withBinaries: false);
        using var output = new MemoryStream();
        new RpmSourceWriter(Compression.Gzip).Write(source, SourceTarball.Build(source, Compression.Gzip), output);
        Assert.Equal(2, RpmReader.Read(output.ToArray(), "x").VerifyWritten().Count);
    }

    [Fact]
    public void Dependencies_have_a_name_a_sense_and_a_version_each()
    {
        Assert.NotEmpty(Good.Dependencies(RpmDependencyTags.Provides));
        Assert.Empty(Good.Dependencies(RpmDependencyTags.Suggests));
        var count = Good.Header.Texts(RpmTag.RequireName).Count;
        Says($"x: RequireName: {count} names, 1 flags, {count} versions", () =>
            Changed(RpmTag.RequireFlags, h => h.Int32s(RpmTag.RequireFlags, [0])).Dependencies(RpmDependencyTags.Requires));
        Says($"x: RequireName: {count} names, {count} flags, 1 versions", () =>
            Changed(RpmTag.RequireVersion, h => h.Texts(RpmTag.RequireVersion, ["1"])).Dependencies(RpmDependencyTags.Requires));
    }

    [Fact]
    public void A_deb_and_an_Arch_package_of_a_release_are_byte_for_byte_what_is_written()
    {
        var deb = Pack(new DebWriter(Compression.Gzip));
        var contents = DebReader.ReadWritten(deb, "x");
        Assert.Contains("opt/t/b", contents.Data.Select(e => e.Path));
        Assert.Null(contents.Signature);
        var members = ArReader.Read(deb, "x");
        Assert.Equal(members.SelectMany(m => m.Content.ToArray()), contents.Signed.ToArray());
        using var more = new MemoryStream();
        var writer = new ArWriter(more, Spec.Time);
        members.ToList().ForEach(m => writer.Write(m.Name, m.Content.Span));
        writer.Write("_gpgorigin", "s"u8);
        var signed = DebReader.ReadWritten(more.ToArray(), "x");
        Assert.Equal("s"u8, signed.Signature!.Value.Span);
        Assert.Equal(contents.Signed.ToArray(), signed.Signed.ToArray());

        var moved = deb.ToArray();
        moved[8 + 34] = (byte)'1'; // the group of the first member
        Assert.Equal(contents.Control.Control, DebReader.ReadControl(moved, "x").Control);
        Begins("x: offset 42: ", () => DebReader.ReadWritten(moved, "x"));
        for (var part = 1; part <= 2; part++)
        {
            var bytes = Remade(members, part);
            Assert.Equal(contents.Control.Control, DebReader.ReadControl(bytes, "x").Control);
            Begins($"x: {members[part].Name}: ", () => DebReader.ReadWritten(bytes, "x"));
        }

        var arch = Pack(new ArchWriter(Compression.Gzip));
        Assert.Contains("opt/t/b", ArchReader.ReadWritten(arch, "x.pkg.tar.gz").Content.Select(e => e.Path));
        var other = Owned(Compressor.Decompress(arch, CompressionKind.Gzip, "x"));
        Assert.Contains("opt/t/b", ArchReader.Read(other, "x.pkg.tar.gz").Content.Select(e => e.Path));
        Begins("x.pkg.tar.gz: ", () => ArchReader.ReadWritten(other, "x.pkg.tar.gz"));
        var small = ArchiveLimits.Default with { TotalBytes = 512 };
        Begins("x.pkg.tar.gz: ", () => ArchReader.Read(arch, "x.pkg.tar.gz", small));
        Begins("x: data.tar.gz: ", () => DebReader.ReadWritten(deb, "x", small with { TotalBytes = 4096 }));
    }

    // The same with another owner in the first header of one member.
    private static byte[] Remade(IReadOnlyList<ArMember> members, int part)
    {
        using var output = new MemoryStream();
        var writer = new ArWriter(output, Spec.Time);
        for (var i = 0; i < members.Count; i++)
        {
            writer.Write(members[i].Name, i == part ? Owned(Compressor.Decompress(members[i].Content.Span, CompressionKind.Gzip, "x"))
                : members[i].Content.Span);
        }

        return output.ToArray();
    }

    // A tar with the number 1 as the first member's user, and its checksum.
    private static byte[] Owned(byte[] tar)
    {
        tar[114] = (byte)'1';
        RawTar.FixChecksum(tar);
        return Compressor.Compress(tar, Compression.Gzip);
    }

    private static void Listed(string? want, RpmTag tag, Action<RpmHeaderBuilder>? set, RpmTag also = default,
        Action<RpmHeaderBuilder>? setAlso = null) => Says(want, () => Assert.Equal(3, Changed(tag, set, also, setAlso).Files.Count));

    private static void Verified(string? want, RpmTag tag, Action<RpmHeaderBuilder>? set) =>
        Says(want, () => Assert.Equal(3, Changed(tag, set).Verify().Count));

    private static void Failed(string want, RpmTag tag, Action<RpmHeaderBuilder> set) =>
        Refused(ExitCode.VerificationFailed, want, null, () => Changed(tag, set).Verify());

    private static void Begins(string want, Action act)
    {
        var error = Assert.Throws<TdxException>(act);
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.StartsWith(want, error.Message, StringComparison.Ordinal);
    }

    private static RpmPackage Changed(RpmTag tag, Action<RpmHeaderBuilder>? set, RpmTag also = default,
        Action<RpmHeaderBuilder>? setAlso = null) =>
        ResealedRpm.Of(Good.Header.Raw, Good.Payload.Span, Archive.Length, tag, set, also, setAlso);

    private static RpmPackage WithArchive(byte[] archive)
    {
        var payload = Compressor.Compress(archive, Compression.Gzip);
        var first = ResealedRpm.Of(Good.Header.Raw, payload, archive.Length, RpmTag.PayloadSha256,
            h => h.Texts(RpmTag.PayloadSha256, [Convert.ToHexStringLower(SHA256.HashData(payload))]));
        return ResealedRpm.Of(first.Header.Raw, payload, archive.Length, RpmTag.PayloadSha256Uncompressed,
            h => h.Texts(RpmTag.PayloadSha256Uncompressed, [Convert.ToHexStringLower(SHA256.HashData(archive))]));
    }

    private static byte[] Pack(IPackageWriter writer)
    {
        using var output = new MemoryStream();
        writer.Write(Spec, output);
        return output.ToArray();
    }
}
