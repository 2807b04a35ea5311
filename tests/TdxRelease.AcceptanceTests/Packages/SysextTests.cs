using System.Security.Cryptography;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Sysext;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>
/// The real systemd-sysext merges the extension into the <c>/usr</c> of a made-up host. The mounts live in a namespace of their own and go
/// with the process that made it.
/// </summary>
public sealed class SysextTests : IDisposable
{
    private const string Image = "usr/lib/firmware/intel/tdx-module/joined_files/2.0/tdx_module_2.0.08.blob";
    private readonly TempFolder temp = new();

    public SysextTests()
    {
        var spec = SamplePackage.Spec();
        var package = PackagesFixture.Package(new SysextWriter(Compression.Xz), spec with
        {
            Files =
            [
                .. spec.Files,
                new PackageFile("usr/bin/tdx-module-update", "#!/bin/sh\n"u8.ToArray(), 0x1ED),
                new PackageFile("usr/lib/systemd/system/tdx-module-update.service", "[Service]\nExecStart=/bin/true\n"u8.ToArray()),
                new PackageFile("etc/tdx-module-update/config", "#\n"u8.ToArray(), Role: FileRole.Configuration),
            ],
        });
        File.WriteAllBytes(temp[package.FileName], package.Content.Span);
        Directory.CreateDirectory(Extension(SamplePackage.Name));
        Tool.Run(temp.Path, "tar", "-xf", package.FileName, "-C", Extension(SamplePackage.Name)).Ok();
    }

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("ID=fedora\nVERSION_ID=43\nVARIANT_ID=coreos\n")]
    [InlineData("ID=flatcar\nVERSION_ID=4230.2.0\nSYSEXT_LEVEL=1.0\n")]
    [InlineData("ID=opensuse-microos\nVERSION_ID=20260210\n")]
    public void Any_host_merges_it_and_keeps_its_own_files(string host)
    {
        Host(host);
        var seen = Merge($"ls root/usr/sbin/; sha256sum <root/{Image}; cat root/usr/bin/own");
        Assert.Contains("Merged extensions into", seen.Ok().Errors, StringComparison.Ordinal);
        var image = Convert.ToHexStringLower(SHA256.HashData(SamplePackage.Firmware("20260210", 2)));
        Assert.Equal($"own\ntdx-module-update\n{image}  -\nowned\n", seen.Output);
        Assert.False(Path.Exists(temp[$"root/{Image}"]), "the host itself was written to");
    }

    /// <summary>The image that docs/packaging.md makes of it.</summary>
    [Fact]
    public void As_an_image_it_is_an_extension_too()
    {
        Host("ID=fedora\nVERSION_ID=43\n");
        var image = $"{Extension(SamplePackage.Name)}.raw";
        Tool.Run(temp.Path, "mksquashfs", Extension(SamplePackage.Name), image, "-all-root", "-all-time", "0", "-mkfs-time", "0").Ok();
        Directory.Delete(Extension(SamplePackage.Name), recursive: true);
        Assert.Contains("\"useSystemExtension\":true", Tool.Run(temp.Path, "systemd-dissect", "--json=short", image).Ok().Output,
            StringComparison.Ordinal);
        var want = Convert.ToHexStringLower(SHA256.HashData(SamplePackage.Firmware("20260210", 2)));
        Assert.Contains(want, Merge($"sha256sum <root/{Image}").Ok().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_another_name_is_no_extension()
    {
        Host("ID=fedora\nVERSION_ID=43\n");
        Directory.Move(Extension(SamplePackage.Name), Extension("other"));
        Assert.DoesNotContain("Merged", Merge("true").All, StringComparison.Ordinal);
    }

    [Fact]
    public void Systemd_lists_it()
    {
        Host("ID=fedora\nVERSION_ID=43\n");
        Assert.Matches("\nintel-tdx-module +directory ",
            Tool.Run(temp.Path, "systemd-sysext", $"--root={temp["root"]}", "list").Ok().Output);
    }

    private string Extension(string name) => temp[$"root/var/lib/extensions/{name}"];

    // As Fedora has it since version 42: sbin is a link to bin.
    private void Host(string release)
    {
        Tool.Write(temp["root/usr/lib/os-release"], release);
        Tool.Write(temp["root/usr/bin/own"], "owned\n");
        File.CreateSymbolicLink(temp["root/usr/sbin"], "bin");
        Directory.CreateDirectory(temp["root/etc"]);
        File.CreateSymbolicLink(temp["root/etc/os-release"], "../usr/lib/os-release");
    }

    // systemd-sysext hands its overlay over through shared mounts, and keeps its state below /run.
    private ToolResult Merge(string look) => Tool.Run(temp.Path, "unshare", "--mount", "sh", "-ec",
        "mount --make-rshared /; mount -t tmpfs tmpfs /run; "
        + $"systemd-sysext --root={temp["root"]} merge; {look}; systemd-sysext --root={temp["root"]} unmerge");
}
