using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Sysext;
using TdxRelease.SourcePackages;
using TdxRelease.SourcePackages.DebianPackaging;
using TdxRelease.Testing;
using TdxRelease.Tests.Archives;

namespace TdxRelease.Tests.Packages;

public sealed class PackageWriterTests
{
    private static readonly PackageSpec Full = SamplePackage.Spec(scripts: new PackageScripts("echo installed", null, "echo removed")) with
    {
        Files = [.. SamplePackage.Spec().Files, new PackageFile("etc/tdx/b.conf", "b"u8.ToArray(), Role: FileRole.Configuration),
            new PackageFile("usr/sbin/tool", "#!/bin/sh\n"u8.ToArray(), 0x1ED)],
        Relations = PackageRelations.None with { Depends = ["a"], Recommends = ["gpgv", "b"], Conflicts = ["c"] },
    };

    public static TheoryData<string> Formats => ["deb", "arch", "sysext", "tar"];

    [Fact]
    public void The_deb_control_files_are_golden()
    {
        var control = DebReader.ReadControl(Bytes(new DebWriter(Compression.Xz), Full), "x.deb");
        Golden("deb.txt", string.Concat(control.ControlFiles.Where(f => f.Path != "md5sums")
            .Select(f => $"== {f.Path} {Convert.ToString(f.Mode, 8)}\n{Encoding.UTF8.GetString(f.Content.Span)}")));
    }

    [Fact]
    public void The_arch_metadata_is_golden()
    {
        var spec = Full with { Relations = Full.Relations with { Suggests = ["gnupg: checks signatures with gpgv"] } };
        var package = ArchReader.Read(Bytes(new ArchWriter(Compression.Zstd), spec), "x.pkg.tar.zst");
        Golden("arch.txt", string.Concat(package.Metadata.Select(f => $"== {f.Path} {Convert.ToString(f.Mode, 8)}\n{Text(f)}")));

        static string Text(TarEntry f) =>
            Encoding.UTF8.GetString(f.Path == ".MTREE" ? Compressor.Decompress(f.Content.Span, CompressionKind.Gzip, "mtree")
            : f.Content.Span);
    }

    [Fact]
    public void A_system_extension_holds_what_is_merged_and_says_what_it_is()
    {
        var read = new SysextFormat().Read(Bytes(new SysextWriter(Compression.Xz), Full), "x.sysext.tar.xz");
        Assert.Equal("20260210-1", read.Version);
        const string Marker = "usr/lib/extension-release.d/extension-release.intel-tdx-module";
        Assert.Equal("ID=_any\nEXTENSION_RELOAD_MANAGER=1\nIMAGE_ID=intel-tdx-module\nIMAGE_VERSION=20260210-1\n",
            Encoding.UTF8.GetString(read.Entries.Single(e => e.Path == Marker).Content.Span));
        Assert.Equal(
            PackageTree.WithLicenseFolder(Full).Select(e => e.Path).Where(p => p != "etc/tdx/b.conf")
                .Append(Marker).Order(StringComparer.Ordinal),
            read.Entries.Where(e => e.Kind == TarEntryKind.File).Select(e => e.Path).Order(StringComparer.Ordinal));
        using var other = new MemoryStream();
        TarWriter.WriteTree(other, [new TarEntry("usr/lib/firmware/x", default)], SamplePackage.Time);
        var packed = Compressor.Compress(other.ToArray(), Compression.Xz);
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => new SysextFormat().Read(packed, "x.sysext.tar.xz")).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_source_forms_are_golden(bool withBinaries)
    {
        // Gzip, whose length does not depend on a library of the system.
        var source = SampleSource.Spec("https://example.invalid/tree", withBinaries);
        var archive = SourceTarball.Build(source, Compression.Gzip);
        var arch = ArchSource.Build(source, archive);
        var obs = ObsSource.Build(source, archive).Where(f => f.Key != archive.FileName)
            .Select(f => $"== {f.Key}\n{Encoding.UTF8.GetString(f.Value)}");
        var debian = DebianSource.Build(source, SampleSource.Files("https://github.com/example/upstream"), Compression.Gzip, null);
        var name = debian.Keys.Single(k => k.Contains(".debian.tar", StringComparison.Ordinal));
        var files = TarReader.Read(Compressor.Decompress(debian[name], CompressionKind.Gzip, name), name)
            .Where(f => f.Kind == TarEntryKind.File);
        Golden(
            withBinaries ? "source.txt" : "source-fetched.txt",
            $"{string.Concat(files.Select(f => $"== {f.Path}\n{Plain(f)}"))}== PKGBUILD\n{WithoutTarball(arch["PKGBUILD"])}"
                + $"== .SRCINFO\n{WithoutTarball(arch[".SRCINFO"])}{string.Concat(obs)}");

        // What gzip makes of it depends on the version of .NET.
        static string Plain(TarEntry file) =>
            file.Path.EndsWith(".gz", StringComparison.Ordinal) ? "(packed)\n" : Encoding.UTF8.GetString(file.Content.Span);

        string WithoutTarball(byte[] text) => Encoding.UTF8.GetString(text).Replace(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(arch[archive.FileName])), "TARBALL",
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_moment_in_another_zone_and_another_order_gives_the_same_bytes(string format)
    {
        var writer = Writer(format);
        var other = Full with
        {
            Time = Full.Time.ToOffset(TimeSpan.FromHours(9)),
            Files = [.. Full.Files.Reverse()],
            Changelog = [.. Full.Changelog.Select(c => c with { Time = c.Time.ToOffset(TimeSpan.FromHours(-5)) })]
        };
        Assert.Equal(Bytes(writer, Full), Bytes(writer, other));
    }

    [Theory]
    [InlineData("deb", "2026-02", "1", "deb version \"2026-02\"")]
    [InlineData("deb", "v1", "1", "deb version \"v1\"")]
    [InlineData("deb", "1", "1 2", "deb revision \"1 2\"")]
    [InlineData("deb", "1:2", "1", "deb version \"1:2\"")]
    [InlineData("arch", "2026-02", "1", "Arch version \"2026-02\"")]
    [InlineData("arch", "1", "1a", "Arch release \"1a\"")]
    [InlineData("arch", "1:2", "1", "Arch version \"1:2\"")]
    [InlineData("sysext", "1-2", "1", "version \"1-2\"")]
    [InlineData("sysext", "1", "1 2", "revision \"1 2\"")]
    [InlineData("tar", "../1", "1", "deb version \"../1\"")]
    public void A_version_that_the_format_cannot_hold_is_refused(string format, string version, string revision, string message) =>
        Refused(format, Full with { Version = version, Revision = revision }, message);

    [Fact]
    public void What_could_break_out_of_its_line_is_refused()
    {
        Refused("deb", Full with { Name = "with space" }, "name \"with space\"");
        Refused("deb", Full with { Name = "../x" }, "name \"../x\"");
        Refused("deb", Full with { Summary = "a\nEssential: yes" }, "summary \"a\\x0aEssential: yes\"");
        Refused("arch", Full with { Homepage = "x\nbackup = etc/passwd" }, "homepage");
        Refused("deb", Full with { Maintainer = "nobody" }, "maintainer \"nobody\"");
        Refused("deb", Full with { Changelog = [] }, "the changelog is empty");
        Refused("deb", Full with { Files = [new PackageFile("../etc/passwd", default)] }, "is not a safe relative path");
        Refused("arch", Full with { Files = [new PackageFile("usr/x", default, 0x9ED)] }, "mode \"4755\"");
        Refused("arch", Full with { Files = [new PackageFile("usr/x", default), new PackageFile("usr/x", default)] }, "stands twice");
        Refused("arch", Full with { Files = [new PackageFile("usr/x", default), new PackageFile("usr/x/y", default)] },
            "is a file and the directory");
    }

    [Fact]
    public void Mutated_packages_end_in_bad_input() => Property.Check(100, (random, _) =>
    {
        var deb = SmallDeb.ToArray();
        var arch = SmallArch.ToArray();
        deb[random.Next(deb.Length)] ^= (byte)(1 + random.Next(255));
        arch[random.Next(arch.Length)] ^= (byte)(1 + random.Next(255));
        Try(() => DebReader.ReadControl(deb, "x.deb"));
        Try(() => DebReader.ReadWritten(deb, "x.deb"));
        Try(() => ArchReader.Read(arch, "x.pkg.tar.gz"));

        static void Try(Func<object> read)
        {
            try
            {
                Assert.NotNull(read());
            }
            catch (TdxException e)
            {
                Assert.Equal(ExitCode.BadInput, e.Code);
            }
        }
    });

    [UpstreamFact]
    public void Deb_is_within_5_percent_of_xz_9_on_the_real_images_and_arch_within_25()
    {
        var files = Directory.GetFiles(Path.Combine(TestData.Snapshot, "joined_files"), "*", SearchOption.AllDirectories)
            .Select(f => new PackageFile($"usr/lib/firmware/intel/tdx-module/{Path.GetRelativePath(TestData.Snapshot, f)}",
                File.ReadAllBytes(f))).ToList();
        var spec = SamplePackage.Spec() with { Files = [.. files, .. SamplePackage.Spec().Files.Where(f => f.Role == FileRole.License)] };
        using var tar = new MemoryStream();
        TarWriter.WriteTree(tar, files.Select(PackageTree.Entry), SamplePackage.Time);
        var best = Compressor.Compress(tar.ToArray(), new Compression(CompressionKind.Xz, 9)).Length;
        Assert.InRange(Bytes(new DebWriter(Compression.Xz), spec).Length, 1, best * 105L / 100);
        Assert.InRange(Bytes(new ArchWriter(Compression.Zstd), spec).Length, 1, best * 125L / 100);
    }

    private static byte[] SmallDeb { get; } = Bytes(new DebWriter(CompressorTests.Low(CompressionKind.Gzip)), Small);

    private static byte[] SmallArch { get; } = Bytes(new ArchWriter(CompressorTests.Low(CompressionKind.Gzip)), Small);

    private static PackageSpec Small => Full with { Files = [.. Full.Files.Where(f => f.Content.Length < 1000)] };

    internal static IPackageWriter Writer(string format) => format switch
    {
        "deb" => new DebWriter(Compression.Xz),
        "arch" => new ArchWriter(Compression.Zstd),
        "sysext" => new SysextWriter(Compression.Zstd),
        _ => new TarPackageWriter(Compression.Xz),
    };

    internal static byte[] Bytes(IPackageWriter writer, PackageSpec spec)
    {
        using var stream = new MemoryStream();
        writer.Write(spec, stream);
        return stream.ToArray();
    }

    private static void Refused(string format, PackageSpec spec, string message)
    {
        using var stream = new MemoryStream();
        var e = Assert.Throws<TdxException>(() => Writer(format).Write(spec, stream));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Equal(0, stream.Length);
    }

    /// <summary>TDXREL_UPDATE=1 writes the file anew.</summary>
    private static void Golden(string name, string got)
    {
        var path = Path.Combine(TestData.Checkout, "tests/TdxRelease.Tests/Packages/golden", name);
        if (Environment.GetEnvironmentVariable("TDXREL_UPDATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, got);
        }

        Assert.Equal(File.ReadAllText(path), got);
    }
}
