using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

public sealed class DebTests(PackagesFixture packages) : IClassFixture<PackagesFixture>
{
    [Fact]
    public void Dpkg_lists_and_unpacks_it()
    {
        var info = Tool.Run("/", "dpkg-deb", "-I", packages.Deb).Ok().Output;
        Assert.Contains(" Package: intel-tdx-module\n Version: 20260210-1\n Architecture: all\n", info, StringComparison.Ordinal);
        var list = Tool.Run("/", "dpkg-deb", "-c", packages.Deb).Ok().Output;
        Assert.Contains(" 2026-02-10 12:00 ./usr/share/doc/intel-tdx-module/copyright\n", list, StringComparison.Ordinal);

        // The firmware shares its bytes with the Arch package, whose names have no dot (docs/packaging.md).
        Assert.Contains("-rw-r--r-- root/root     24096 2026-02-10 12:00 "
            + "./usr/lib/firmware/intel/tdx-module/joined_files/1.5/tdx_module_1.5.05.blob", list, StringComparison.Ordinal);
        using var temp = new TempFolder();
        Tool.Run("/", "dpkg-deb", "-R", packages.Deb, temp["x"]).Ok();
        Tool.Run(temp["x"], "md5sum", "-c", "DEBIAN/md5sums").Ok();
        Assert.Equal(SamplePackage.Firmware("any", 1),
            File.ReadAllBytes(temp["x/usr/lib/firmware/intel/tdx-module/joined_files/1.5/tdx_module_1.5.05.blob"]));
        Assert.Equal(SamplePackage.License, File.ReadAllText(temp["x/usr/share/doc/intel-tdx-module/copyright"]));
    }

    [Fact]
    public void Debsig_verify_accepts_the_origin_signature_and_refuses_any_other_member()
    {
        using var temp = new TempFolder();
        var fingerprint = TestRelease.OpenPgp.Fingerprint;
        var id = fingerprint[^16..];
        Directory.CreateDirectory(temp[$"keyrings/{id}"]);
        File.WriteAllBytes(temp[$"keyrings/{id}/release.gpg"], TestRelease.OpenPgp.Certificate);
        Tool.Write(temp[$"policies/{id}/release.pol"], $"""
            <?xml version="1.0"?>
            <!DOCTYPE Policy SYSTEM "https://www.debian.org/debsig/1.0/policy.dtd">
            <Policy xmlns="https://www.debian.org/debsig/1.0/">
              <Origin Name="test" id="{id}" Description="test"/>
              <Selection><Required Type="origin" File="release.gpg" id="{id}"/></Selection>
              <Verification MinOptional="0"><Required Type="origin" File="release.gpg" id="{id}"/></Verification>
            </Policy>

            """);
        ToolResult Debsig(string deb) =>
            Tool.Run("/", "debsig-verify", "--policies-dir", temp["policies"], "--keyrings-dir", temp["keyrings"], deb);
        Debsig(packages.Deb).Ok();
        var bytes = File.ReadAllBytes(packages.Deb);
        var members = ArReader.Read(bytes, "x.deb");
        Assert.Equal("_gpgorigin", members[^1].Name);
        for (var changed = 1; changed < members.Count; changed++)
        {
            using var output = new MemoryStream();
            var writer = new ArWriter(output, SamplePackage.Time);
            for (var i = 0; i < members.Count; i++)
            {
                var content = members[i].Content.ToArray();
                content[content.Length / 2] ^= (byte)(i == changed ? 1 : 0);
                writer.Write(members[i].Name, content);
            }

            File.WriteAllBytes(temp["bad.deb"], output.ToArray());
            Assert.NotEqual(0, Debsig(temp["bad.deb"]).Exit);
        }
    }

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    [InlineData(CompressionKind.Xz)]
    public void Dpkg_reads_every_compression(CompressionKind kind)
    {
        using var temp = new TempFolder();
        var level = kind switch { CompressionKind.None => 0, CompressionKind.Zstd => 19, _ => 9 };
        File.WriteAllBytes(temp["x.deb"],
            PackagesFixture.Package(new DebWriter(new Compression(kind, level)), SamplePackage.Spec()).Content.ToArray());
        Tool.Run(temp.Path, "dpkg-deb", "-x", "x.deb", "out").Ok();
        Assert.Equal(SamplePackage.Firmware("20260210", 2),
            File.ReadAllBytes(temp["out/usr/lib/firmware/intel/tdx-module/joined_files/2.0/tdx_module_2.0.08.blob"]));
    }

    [Fact]
    public void Long_paths_reach_dpkg()
    {
        using var temp = new TempFolder();
        var path = $"usr/share/{new string('a', 120)}/{new string('b', 130)}/file";
        var spec = SamplePackage.Spec();
        spec = spec with
        {
            Files = [.. spec.Files, new PackageFile(path, "deep"u8.ToArray()),
            new PackageFile($"{path}-link", default, LinkTarget: new string('c', 150))]
        };
        File.WriteAllBytes(temp["x.deb"], PackagesFixture.Package(new DebWriter(Compression.Xz), spec).Content.ToArray());
        Tool.Run(temp.Path, "dpkg-deb", "-x", "x.deb", "out").Ok();
        Assert.Equal("deep", File.ReadAllText(temp[$"out/{path}"]));
        Assert.Equal(new string('c', 150), new FileInfo(temp[$"out/{path}-link"]).LinkTarget);
    }

    [Theory]
    [InlineData("tdx-module-update.service", "multi-user.target")]
    [InlineData("tdx-module-report.timer", "timers.target")]
    public void What_the_administrator_enabled_survives_an_upgrade_and_goes_with_a_purge(string unit, string target)
    {
        using var temp = new TempFolder();
        var link = temp[$"root/etc/systemd/system/{target}.wants/{unit}"];
        Directory.CreateDirectory(temp["root/usr/bin"]);
        File.Copy("/usr/bin/deb-systemd-helper", temp["root/usr/bin/deb-systemd-helper"]);
        Tool.Write(temp[$"root/usr/lib/systemd/system/{unit}"], File.ReadAllText(Path.Combine(TestData.Checkout, $"src/host/{unit}")));
        Directory.CreateSymbolicLink(temp["root/lib"], "usr/lib");
        var package = PackagesFixture.Package(new DebWriter(Compression.Gzip),
            SamplePackage.Spec(scripts: new DebFormat().Scripts(["tdx-module-update.service", "tdx-module-report.timer"])));
        File.WriteAllBytes(temp["x.deb"], package.Content.ToArray());
        Tool.Run("/", "dpkg-deb", "-e", temp["x.deb"], temp["control"]).Ok();
        void Script(string name, params string[] arguments) => Tool.RunWith(
            "/", new Dictionary<string, string> { ["DPKG_ROOT"] = temp["root"], ["DPKG_MAINTSCRIPT_PACKAGE"] = SamplePackage.Name },
            temp[$"control/{name}"], arguments).Ok();

        Script("postinst", "configure");
        Assert.False(Path.Exists(link) || new FileInfo(link).LinkTarget is not null, "installing enables");
        Tool.Run("/", "systemctl", $"--root={temp["root"]}", "enable", unit).Ok();
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Script("postinst", "configure", "20250811-1");
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Script("prerm", "remove");
        File.Delete(temp[$"root/usr/lib/systemd/system/{unit}"]);
        Script("postrm", "remove");
        Script("postrm", "purge");
        Assert.Null(new FileInfo(link).LinkTarget);
        Assert.False(Directory.Exists(temp["root/var/lib/systemd/deb-systemd-helper-enabled"])
            && Directory.EnumerateFiles(temp["root/var/lib/systemd/deb-systemd-helper-enabled"], "*", SearchOption.AllDirectories).Any());
    }

    [Fact]
    public void Lintian_finds_no_error_and_only_what_the_docs_explain() => Lintian(packages.Deb);

    [UpstreamFact]
    public void Lintian_accepts_the_real_images_and_licences()
    {
        using var temp = new TempFolder();
        var sample = SamplePackage.Spec();
        var files = Directory.GetFiles(TestData.Snapshot, "*", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/separate_files/", StringComparison.Ordinal))
            .Select(f => new PackageFile($"usr/lib/firmware/intel/tdx-module/{Path.GetRelativePath(TestData.Snapshot, f)}",
                File.ReadAllBytes(f)));
        var license = new PackageFile("BINARIES_LICENSE", File.ReadAllBytes(Path.Combine(TestData.Snapshot, "BINARIES_LICENSE")),
            Role: FileRole.License);
        var metainfo = new PackageFile(TdxRelease.Packages.Metadata.AppStream.Path("org.example.tdx_module"),
            TdxRelease.Packages.Metadata.AppStream.Build(sample, "org.example.tdx_module"));
        var package = PackagesFixture.Package(new DebWriter(Compression.Xz), sample with { Files = [.. files, license, metainfo] });
        File.WriteAllBytes(temp[package.FileName], package.Content.ToArray());
        Lintian(temp[package.FileName]);
    }

    // Lintian 2 expects members with an underscore nowhere; debsigs appends them, and dpkg passes over them.
    private const string OriginTag = "misplaced-extra-member-in-deb";

    internal static void Lintian(string deb)
    {
        Assert.Contains($"`{OriginTag}`", File.ReadAllText(Path.Combine(TestData.Checkout, "docs/packaging.md")), StringComparison.Ordinal);
        var result = Tool.Run("/", "lintian", "--no-cfg", "--allow-root", "--pedantic", "--display-info", "--suppress-tags", OriginTag,
            deb);
        var tags = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.Length > 2 && l[1] == ':').ToList();
        Assert.True(result.Exit == 0 && !tags.Any(t => t.StartsWith("E:", StringComparison.Ordinal)), result.Output + result.Errors);
        var docs = File.ReadAllText(Path.Combine(TestData.Checkout, "docs/packaging.md"));
        var unexplained = tags.Where(t => !docs.Contains($"`{t.Split(": ")[2].Split(' ')[0]}`", StringComparison.Ordinal)).ToList();
        Assert.True(unexplained.Count == 0, $"not explained in docs/packaging.md:\n{string.Join('\n', unexplained)}");
    }
}
