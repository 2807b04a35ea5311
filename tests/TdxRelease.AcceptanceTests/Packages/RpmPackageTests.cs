using System.Diagnostics;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Rpm;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Packages;

public sealed class RpmPackageTests(RpmFixture fixture, ITestOutputHelper output) : IClassFixture<RpmFixture>
{
    [Fact]
    public void Rpm_shows_the_package_as_it_was_specified()
    {
        var info = Tool.Run(fixture.Folder, "rpm", "-qpi", "--dbpath", fixture.File("db"), fixture.New.FileName).Ok().All;
        Assert.Contains("Name        : tdx-module-firmware\nVersion     : 20260210\nRelease     : 1\nArchitecture: noarch", info,
            StringComparison.Ordinal);
        Assert.Contains("License     : LicenseRef-Fedora-Firmware", info, StringComparison.Ordinal);
        Assert.Contains("Signature   : RSA/SHA512, ", info, StringComparison.Ordinal);
        Assert.Contains("Build Host  : reproducible", info, StringComparison.Ordinal);
        var list = Tool.Run(fixture.Folder, "rpm", "-qp", "--dbpath", fixture.File("db"), "--qf",
            "[%{FILENAMES} %{FILEMODES:perms} %{FILEFLAGS:fflags} %{FILEUSERNAME}\n]", fixture.New.FileName).Ok().All;
        Assert.Equal(
            """
            /usr/lib/firmware drwxr-xr-x  root
            /usr/lib/firmware/intel drwxr-xr-x  root
            /usr/lib/firmware/intel/tdx-module drwxr-xr-x  root
            /usr/lib/firmware/intel/tdx-module/graph.json -rw-r--r--  root
            /usr/lib/firmware/intel/tdx-module/joined_files drwxr-xr-x  root
            /usr/lib/firmware/intel/tdx-module/joined_files/1.5 drwxr-xr-x  root
            /usr/lib/firmware/intel/tdx-module/joined_files/1.5/tdx_module_1.5.05.blob -rw-r--r--  root
            /usr/lib/firmware/intel/tdx-module/joined_files/2.0 drwxr-xr-x  root
            /usr/lib/firmware/intel/tdx-module/joined_files/2.0/tdx_module_2.0.08.blob -rw-r--r--  root
            /usr/share/doc/tdx-module-firmware drwxr-xr-x  root
            /usr/share/doc/tdx-module-firmware/README.md -rw-r--r-- d root
            /usr/share/licenses/tdx-module-firmware drwxr-xr-x  root
            /usr/share/licenses/tdx-module-firmware/BINARIES_LICENSE -rw-r--r-- l root

            """,
            list);
    }

    [Fact]
    public void Rpm_shows_scripts_that_are_guarded()
    {
        var scripts = Tool.Run(fixture.Folder, "rpm", "-qp", "--scripts", "--dbpath", fixture.File("db"), fixture.New.FileName).Ok().All;
        Assert.Contains("postinstall scriptlet (using /bin/sh):\n[ -d /run/systemd/system ] || exit 0\necho installed", scripts,
            StringComparison.Ordinal);
        Assert.Contains("preuninstall scriptlet (using /bin/sh):\n[ -d /run/systemd/system ] || exit 0\n"
            + "[ \"$1\" -eq 0 ] || exit 0\necho removing", scripts, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tdx-module-firmware-20260101-1.noarch.rpm")]
    [InlineData("tdx-module-firmware-20260210-1.noarch.rpm")]
    [InlineData("xz.rpm")]
    [InlineData("tdx-module-firmware-20260210-1.src.rpm")]
    [InlineData("tdx-module-firmware-20260210-1.nosrc.rpm")]
    public void Rpmkeys_accepts_digests_and_signature(string file)
    {
        var verdict = Tool.Run(fixture.Folder, "rpmkeys", "-Kv", "--dbpath", fixture.File("db"), "--define", "_pkgverify_level all", file)
            .Ok().All;
        Assert.Matches("Header V4 RSA/SHA512 Signature, key ID [0-9a-f]+: OK", verdict);
        Assert.Contains("Header SHA256 digest: OK", verdict, StringComparison.Ordinal);
        Assert.Contains("Payload SHA256 digest: OK", verdict, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tdx-module-firmware-20260210-1.noarch.rpm")]
    [InlineData("tdx-module-firmware-20260210-1.src.rpm")]
    public void Sqv_and_gpgv_accept_the_header_signature(string file)
    {
        var package = RpmReader.Read(File.ReadAllBytes(fixture.File(file)), file);
        File.WriteAllBytes(fixture.File($"{file}.header"), package.Header.Raw.Span);
        File.WriteAllBytes(fixture.File($"{file}.sig"), package.Signature!.Value.Span);
        Assert.Contains(TestRelease.Certificate.Fingerprint,
            Tool.Run(fixture.Folder, "sqv", "--keyring", fixture.File("key.pgp"), $"{file}.sig", $"{file}.header").Ok()
            .All, StringComparison.Ordinal);
        Tool.Run(fixture.Folder, "gpgv", "--keyring", fixture.File("key.pgp"), $"{file}.sig", $"{file}.header").Ok();
    }

    [Theory]
    [InlineData("payload")]
    [InlineData("header")]
    [InlineData("signature")]
    public void Rpmkeys_and_the_reader_refuse_a_tampered(string part)
    {
        var bytes = fixture.New.Content.ToArray();
        var package = RpmReader.Read(bytes, "a");
        bytes[part switch
        {
            "payload" => bytes.Length - 100,
            "header" => package.HeaderStart + package.Header.Raw.Length - 200,
            _ => bytes.AsSpan().IndexOf(package.Signature!.Value.Span) + 300
        }] ^= 1;
        File.WriteAllBytes(fixture.File($"tampered-{part}.rpm"), bytes);
        var verdict = Tool.Run(fixture.Folder, "rpmkeys", "-Kv", "--dbpath", fixture.File("db"), $"tampered-{part}.rpm").Refused().All;
        Assert.Contains("BAD", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Payload_unpacks_to_the_specified_bytes()
    {
        var folder = fixture.NewFolder("unpacked");
        foreach (var file in new[] { fixture.Old.FileName, fixture.New.FileName, "xz.rpm" })
        {
            Tool.Run(folder, "sh", "-c", $"rpm2cpio {fixture.File(file)} | cpio -idmu --quiet").Ok();
            var seed = file == fixture.Old.FileName ? 1 : 2;
            foreach (var expected in FirmwareSample.Spec("1", seed).Files.Where(f => f.Path.EndsWith(".blob", StringComparison.Ordinal)))
            {
                Assert.Equal(expected.Content.ToArray(), File.ReadAllBytes(Path.Combine(folder, expected.Path)));
            }
        }
    }

    [Theory]
    [InlineData("tdx-module-firmware-20260210-1.noarch.rpm")]
    [InlineData("tdx-module-firmware-20260210-1.src.rpm")]
    [InlineData("tdx-module-firmware-20260210-1.nosrc.rpm")]
    public void Rpmlint_finds_no_error_and_only_the_explained_warnings(string file)
    {
        var explained = File.ReadAllText(Path.Combine(TestData.Checkout, "docs/packaging-rpm.md"));
        var home = fixture.NewFolder($"lint-{file}");
        File.WriteAllText(Path.Combine(home, ".rpmmacros"), $"%_dbpath {fixture.File("db")}\n");
        var found = Tool.RunWith(home, new Dictionary<string, string> { ["HOME"] = home }, "rpmlint", fixture.File(file)).All;
        Assert.Contains("1 packages and 0 specfiles checked; 0 errors", found, StringComparison.Ordinal);
        foreach (var line in found.Split('\n'))
        {
            if (line.Split(": W: ") is [_, var warning])
            {
                Assert.True(explained.Contains($"`{warning.Split(' ')[0]}`", StringComparison.Ordinal), $"not explained: {line}\n{found}");
            }
        }
    }

    [UpstreamFact]
    public void Intels_real_files_go_through_rpm_unchanged()
    {
        var joined = Path.Combine(TestData.Snapshot, "joined_files");
        PackageFile[] files =
            [.. Directory.GetFiles(joined, "*.blob", SearchOption.AllDirectories)
            .Select(f => new PackageFile($"{FirmwareSample.Folder}/joined_files/{Path.GetRelativePath(joined, f)}", File.ReadAllBytes(f)))];
        Assert.NotEmpty(files);
        var unpacked = files.Sum(f => f.Content.Length);
        var folder = fixture.NewFolder("real");
        foreach (var compression in new[] { Compression.Gzip, Compression.Xz, Compression.Zstd })
        {
            var clock = Stopwatch.StartNew();
            var package = RpmFixture.Pack(FirmwareSample.Spec("20260210") with { Files = files }, compression);
            output.WriteLine($"{compression.Kind}: {package.Content.Length} bytes in {clock.ElapsedMilliseconds} ms, of {unpacked}");
            File.WriteAllBytes(Path.Combine(folder, "a.rpm"), package.Content.Span);
            Tool.Run(folder, "rpmkeys", "-K", "--dbpath", fixture.File("db"), "a.rpm").Ok();
            Tool.Run(folder, "sh", "-c", "rm -rf usr; rpm2cpio a.rpm | cpio -idm --quiet").Ok();
            Assert.All(files, f => Assert.True(f.Content.Span.SequenceEqual(File.ReadAllBytes(Path.Combine(folder, f.Path))), f.Path));
        }
    }

    [Fact]
    public void The_reader_takes_what_rpmbuild_writes()
    {
        var folder = fixture.NewFolder("foreign");
        File.WriteAllText(Path.Combine(folder, "a.spec"),
            "Name: a\nVersion: 1\nRelease: 1\nSummary: a\nLicense: MIT\nBuildArch: noarch\n%description\na\n%install\n"
                + "mkdir -p %{buildroot}/usr/share/a\necho hi > %{buildroot}/usr/share/a/b\n"
                + "ln -s b %{buildroot}/usr/share/a/c\n%files\n/usr/share/a\n");
        Tool.Run(folder, "rpmbuild", "-D", $"_topdir {folder}", "-ba", "a.spec").Ok();
        foreach (var file in Directory.EnumerateFiles(folder, "*.rpm", SearchOption.AllDirectories))
        {
            var package = RpmReader.Read(File.ReadAllBytes(file), file);
            var entries = package.Verify();
            Assert.Contains(entries, e => e.Name is "usr/share/a/b" or "a.spec");
            Assert.Equal(package.Header.Raw.ToArray(), package.Header.Serialize(RpmTag.HeaderImmutable));
        }
    }
}
