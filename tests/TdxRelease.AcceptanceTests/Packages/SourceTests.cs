using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Arch;
using TdxRelease.SourcePackages;
using TdxRelease.SourcePackages.DebianPackaging;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

public sealed class SourceTests
{
    [Fact]
    public void Dpkg_buildpackage_makes_the_same_firmware_and_the_same_source_again()
    {
        using var temp = new TempFolder();
        var source = Source(temp, withBinaries: true);
        var files = SampleSource.Files("https://github.com/example/upstream.git");
        Write(temp["s"], DebianSource.Build(source, files, Compression.Xz, TestRelease.OpenPgp));
        File.WriteAllBytes(temp["key.pgp"], TestRelease.OpenPgp.Certificate);
        var dsc = Directory.GetFiles(temp["s"], "*.dsc").Single();
        Tool.Run("/", "gpgv", "--keyring", temp["key.pgp"], dsc).Ok();
        Tool.Run(temp["s"], "dpkg-source", "--no-check", "-x", dsc, temp["s/tree"]).Ok();
        var before = Listing(temp["s/tree"]);
        Tool.Run(temp["s/tree"], "dpkg-buildpackage", "-b", "-us", "-uc", "--no-check-builddeps").Ok();
        var deb = Directory.GetFiles(temp["s"], "*.deb").Single();
        Assert.Equal("intel-tdx-module_20260210-1_all.deb", Path.GetFileName(deb));
        Tool.Run("/", "dpkg-deb", "-x", deb, temp["out"]).Ok();
        Same(source, temp["out"]);
        Assert.Equal(SamplePackage.License, File.ReadAllText(temp["out/usr/share/doc/intel-tdx-module/copyright"]));

        // After a build the tree is as it was, and packs again.
        Tool.Run(temp["s/tree"], "dpkg-buildpackage", "-S", "-us", "-uc", "--no-check-builddeps").Ok();
        Tool.Run(temp["s/tree"], temp["s/tree/debian/rules"], "clean").Ok();
        Assert.Equal(before, Listing(temp["s/tree"]));
    }

    private static List<string> Listing(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/.pc/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Makepkg_agrees_with_the_srcinfo(bool withBinaries)
    {
        using var temp = new TempFolder();
        _ = Arch(temp, withBinaries);
        Tool.Run(temp["s"], "bash", "-n", "PKGBUILD").Ok();
        var printed = AsNobody(temp, "--printsrcinfo").Ok().Output;
        Assert.Contains("\toptdepends = gnupg: checks signatures with the OpenPGP certificate where openssl cannot\n", printed,
            StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(temp["s/.SRCINFO"]).Trim(), printed.Trim());
    }

    [BsdtarTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Makepkg_makes_the_same_firmware(bool withBinaries)
    {
        using var temp = new TempFolder();
        var source = Arch(temp, withBinaries);
        AsNobody(temp, "--nodeps", "--noconfirm").Ok();
        Directory.CreateDirectory(temp["out"]);
        Tool.Run(temp["out"], "tar", "-xzf", Directory.GetFiles(temp["s"], "*.pkg.tar.gz").Single()).Ok();
        Same(source, temp["out"]);
        Assert.Contains("\noptdepend = gnupg: checks signatures", File.ReadAllText(temp["out/.PKGINFO"]), StringComparison.Ordinal);
        Assert.Equal(SamplePackage.License, File.ReadAllText(temp["out/usr/share/licenses/intel-tdx-module/BINARIES_LICENSE"]));
    }

    [Fact]
    public void The_source_without_binaries_carries_none()
    {
        using var temp = new TempFolder();
        var source = Source(temp, withBinaries: false);
        var tar = TarReader.Read(Compressor.Decompress(SourceTarball.Build(source, Compression.Xz).Content, CompressionKind.Xz, "t"), "t");
        Assert.Equal(
            ["build.sh", "files.tsv", "licenses/BINARIES_LICENSE", "tree/usr/lib/firmware/intel/tdx-module/steps.tsv"],
            tar.Where(e => e.Kind == TarEntryKind.File).Select(e => e.Path["intel-tdx-module-20260210+ds/".Length..]));
    }

    [Theory]
    [InlineData("dash", "separate_files/2.0/2.0.08/tdx_module_2.0.08.bin")]
    [InlineData("busybox", "separate_files/2.0/2.0.08/tdx_module_2.0.08.sigstruct")]
    [InlineData("dash", "BINARIES_LICENSE")]
    public void A_changed_upstream_file_stops_the_build(string shell, string changed)
    {
        using var temp = new TempFolder();
        var source = Source(temp, withBinaries: false);
        Directory.CreateDirectory(temp["s"]);
        File.WriteAllBytes(temp["s/t.tar.xz"], SourceTarball.Build(source, Compression.Xz).Content);
        Tool.Run(temp["s"], "tar", "-xJf", "t.tar.xz", "--strip-components=1").Ok();
        string[] script = shell == "busybox" ? ["sh", "./build.sh"] : ["./build.sh"];
        Tool.Run(temp["s"], shell, [.. script, "install", temp["good"]]).Ok();
        Same(source, temp["good"]);

        Directory.Delete(temp["s/parts"], recursive: true);
        File.AppendAllText(Path.Combine(temp["upstream"], changed), "x");
        Tool.Run(temp["s"], shell, [.. script, "install", temp["bad"]]).Refused("want ");
        Assert.False(Directory.Exists(temp["bad"]));
    }

    [Fact]
    public void The_build_script_is_clean_shell()
    {
        using var temp = new TempFolder();
        Tool.Write(temp["build.sh"], Script(temp));
        Tool.Run(temp.Path, "shellcheck", "-s", "sh", "build.sh").Ok();

        static string Script(TempFolder temp)
        {
            var tar = TarReader.Read(
                Compressor.Decompress(SourceTarball.Build(Source(temp, false), Compression.Gzip).Content, CompressionKind.Gzip, "t"), "t");
            return System.Text.Encoding.UTF8.GetString(tar.Single(e => e.Path.EndsWith("build.sh", StringComparison.Ordinal)).Content.Span);
        }
    }

    // makepkg refuses to run as root: nobody owns the folder.
    private static SourceSpec Arch(TempFolder temp, bool withBinaries)
    {
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        var source = Source(temp, withBinaries, arch: true);
        Write(temp["s"], ArchSource.Build(source, SourceTarball.Build(source, Compression.Xz)));
        Tool.Write(temp["makepkg.conf"],
            "DLAGENTS=('file::/usr/bin/curl -qgC - -o %o %u')\nVCSCLIENTS=()\nCARCH=x86_64\nCHOST=x86_64\n"
                + "BUILDENV=(!distcc color !ccache check !sign)\n"
                + "OPTIONS=(!strip docs libtool staticlibs emptydirs !zipman !purge !debug !lto)\n"
                + "INTEGRITY_CHECK=(sha256)\nPKGEXT=.pkg.tar.gz\nSRCEXT=.src.tar.gz\nCOMPRESSGZ=(gzip -c -f -n)\n");
        Tool.Run("/", "chown", "-R", "nobody", temp["s"]).Ok();
        return source;
    }

    private static SourceSpec Source(TempFolder temp, bool withBinaries, bool arch = false)
    {
        SampleSource.WriteUpstream(temp["upstream"]);
        var source = SampleSource.Spec($"file://{temp["upstream"]}", withBinaries);
        var relations = PackageRelations.None with { Suggests = new ArchFormat().Suggests };
        return arch ? source with { Package = source.Package with { Relations = relations } } : source;
    }

    private static ToolResult AsNobody(TempFolder temp, params string[] arguments) => Tool.RunWith(
        temp["s"],
        new Dictionary<string, string> { ["HOME"] = temp["s"], ["PACKAGER"] = "Test <t@tdxrel.invalid>" },
        "setpriv",
        ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "makepkg", "--config", temp["makepkg.conf"], .. arguments]);

    private static void Write(string folder, IReadOnlyDictionary<string, byte[]> files)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, content) in files)
        {
            File.WriteAllBytes(Path.Combine(folder, name), content);
        }
    }

    private static void Same(SourceSpec source, string root)
    {
        foreach (var file in source.Files.Where(f => f.File.Path.StartsWith("usr/lib/firmware/", StringComparison.Ordinal)))
        {
            Assert.Equal(file.File.Content.ToArray(), File.ReadAllBytes(Path.Combine(root, file.File.Path)));
        }
    }
}

/// <summary>
/// makepkg unpacks and packs with bsdtar, which its Debian package only recommends: skipped, by name, where it is absent.
/// </summary>
internal sealed class BsdtarTheoryAttribute : TheoryAttribute
{
    public BsdtarTheoryAttribute()
    {
        if (!File.Exists("/usr/bin/bsdtar"))
        {
            Skip = "needs bsdtar: apt-get install libarchive-tools";
        }
    }
}
