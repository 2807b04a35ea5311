using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Rpm;
using TdxRelease.Repositories;
using TdxRelease.Signing;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>The real release as apt and dnf install it, and the host updater that came with it.</summary>
[Collection(RealRelease.Collection)]
public sealed class InstalledTests(RealRelease release)
{
    private const string Firmware = "usr/lib/firmware/intel/tdx-module";

    [UpstreamFact]
    public void Apt_installs_upgrades_and_purges_the_release_and_the_updater_runs_there()
    {
        using var apt = new AptRoot();
        apt.HasPackage("openssl");
        apt.Use(release.OldRepository("apt/tdx-module.sources"), from: release.Repository(""), to: release.OldRepository(""));
        apt.Update().Ok();
        apt.Get("install", RealRelease.Name).Ok();
        RunUpdater(apt.Root(""), modules: 3);
        Assert.Empty(Directory.EnumerateFileSystemEntries(apt.Root("etc/tdx-module-update/pre.d")));
        Assert.False(Directory.Exists(apt.Root("etc/systemd")), "the unit is enabled");
        File.AppendAllText(apt.Root("etc/tdx-module-update/config"), "quiesce=always\n");

        apt.Use(release.Repository("apt/tdx-module.sources"));
        apt.Update().Ok();
        apt.Get("upgrade").Ok();
        RunUpdater(apt.Root(""), modules: 11);
        Assert.EndsWith("quiesce=always\n", File.ReadAllText(apt.Root("etc/tdx-module-update/config")), StringComparison.Ordinal);
        Assert.Contains($"{RealRelease.OldVersion}-1", apt.Run("apt-cache", "policy", RealRelease.Name).Ok().Output,
            StringComparison.Ordinal);

        apt.Get("purge", RealRelease.Name).Ok();
        foreach (var folder in (string[])["usr/lib/firmware", "usr/lib/systemd", "usr/sbin", "usr/share/tdx-module-update",
            $"usr/share/doc/{RealRelease.Name}", "etc/tdx-module-update"])
        {
            Assert.False(Directory.Exists(apt.Root(folder)), $"removal leaves {folder}");
        }
    }

    [UpstreamFact]
    public void Dnf_installs_upgrades_and_removes_the_release_and_the_updater_runs_there()
    {
        using var temp = new TempFolder();
        PublishBase(release.Pem, release.Certificate, temp["base"]);
        Dnf(temp, release.OldRepository("dnf"), "install", RealRelease.Name);
        RunUpdater(temp["root"], modules: 3);
        File.AppendAllText(temp["root/etc/tdx-module-update/config"], "quiesce=always\n");

        Dnf(temp, release.Repository("dnf"), "upgrade", RealRelease.Name);
        RunUpdater(temp["root"], modules: 11);
        Assert.EndsWith("quiesce=always\n", File.ReadAllText(temp["root/etc/tdx-module-update/config"]), StringComparison.Ordinal);
        Assert.Contains(RealRelease.Version, Tool.Run(temp.Path, "rpm", "--root", temp["root"], "-q", RealRelease.Name).Ok().All,
            StringComparison.Ordinal);

        Dnf(temp, release.Repository("dnf"), "remove", RealRelease.Name);
        Assert.False(Directory.Exists(temp["root/usr/lib/firmware"]), "removal leaves firmware");
        Assert.False(Path.Exists(temp["root/usr/sbin/tdx-module-update"]), "removal leaves the program");
    }

    [UpstreamFact]
    public void An_image_changed_after_the_installation_is_found()
    {
        using var temp = new TempFolder();
        Tool.Run(temp.Path, "dpkg-deb", "-x", release[$"packages/{RealRelease.Name}_{RealRelease.Version}-1_all.deb"], temp["root"]).Ok();
        RunUpdater(temp["root"], modules: 11);
        var image = Directory.EnumerateFiles(temp[$"root/{Firmware}/joined_files"], "*.blob", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).First();
        var bytes = File.ReadAllBytes(image);
        bytes[^1] ^= 1;
        File.WriteAllBytes(image, bytes);
        var result = Tool.Run("/", "dash", temp["root/usr/sbin/tdx-module-update"], "verify", "--root", temp["root"]);
        Assert.True(result.Exit == 4 && result.Errors.Contains(Path.GetFileName(image), StringComparison.Ordinal), result.Errors);
    }

    /// <summary>verify says yes with either verifier; status explains that this machine has no TDX node.</summary>
    private static void RunUpdater(string root, int modules)
    {
        root = root.TrimEnd('/');
        Assert.Equal(modules,
            Directory.GetFiles(Path.Combine(root, Firmware, "joined_files"), "*.blob", SearchOption.AllDirectories).Length);
        var program = Path.Combine(root, "usr/sbin/tdx-module-update");
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(program));
        Tool.Run("/", program, "verify", "--root", root).Ok();
        var status = Tool.Run("/", program, "status", "--json", "--root", root);
        Assert.True(status.Exit == 10 && status.Output.StartsWith('{'), $"exit {status.Exit}: {status.Output}{status.Errors}");

        // Without the key for openssl, gpgv decides.
        var pem = Path.Combine(root, "usr/share/tdx-module-update/release.pem");
        File.Move(pem, $"{pem}.away");
        Tool.Run("/", program, "verify", "--root", root).Ok();
        File.Move($"{pem}.away", pem);
    }

    // What the package needs of the distribution, under the names that Fedora has; the shell runs its scripts.
    // A root that has a shell already is only told so.
    internal static void PublishBase(string pem, string certificate, string folder, bool hasShell = false)
    {
        using var signer = ReleaseSigner.FromFile(pem, certificate);
        var sample = FirmwareSample.Spec("1");
        var spec = sample with
        {
            Name = "test-base",
            Time = RealRelease.OldTime,
            Files = hasShell
                ? [new PackageFile("usr/share/doc/test-base", "base"u8.ToArray())]
                : [new PackageFile("usr/bin/busybox", File.ReadAllBytes("/bin/busybox"), 0x1ED),
                    new PackageFile("bin/sh", default, LinkTarget: "../usr/bin/busybox")],
            Relations = PackageRelations.None with
            {
                Provides = [.. hasShell ? (string[])["/bin/sh"] : [], "coreutils", "gawk", "openssl",
                "util-linux"]
            },
        };
        var writer = new RpmWriter(Compression.Gzip, signer.OpenPgp);
        using var stream = new MemoryStream();
        writer.Write(spec, stream);
        new DnfRepository(new DnfRepositoryOptions("base", "Base", $"file://{folder}", RealRelease.OldTime, Compression.Gzip),
            signer.OpenPgp!).Publish(folder, [new DnfPackage(writer.FileName(spec), stream.ToArray())]);
    }

    private static void Dnf(TempFolder temp, string repository, params string[] verb)
    {
        Directory.CreateDirectory(temp["repos.d"]);
        Configure(temp["base/base.repo"], temp["base"], temp["repos.d/base.repo"]);
        var repo = File.ReadAllLines(Path.Combine(repository, "tdx-module.repo"));
        Assert.Contains("gpgcheck=1", repo);
        Assert.Contains("repo_gpgcheck=1", repo);

        Configure(Path.Combine(repository, "tdx-module.repo"), repository, temp["repos.d/tdx-module.repo"]);
        File.WriteAllText(temp["dnf.conf"], "[main]\n");
        Tool.Run(temp.Path, "dnf", [
            "-y", "-c", temp["dnf.conf"], $"--installroot={temp["root"]}", "--releasever=1", "--disableplugin=*",
            $"--setopt=reposdir={temp["repos.d"]}",
            $"--setopt=cachedir={temp["cache"]}", "--setopt=metadata_expire=0", "--setopt=install_weak_deps=0", .. verb,
        ]).Ok();
    }

    // The older state lies elsewhere than where it was published, and the user has not installed its key where the file says.
    internal static void Configure(string file, string repository, string target) =>
        File.WriteAllLines(target, File.ReadAllLines(file).Select(l =>
        l.StartsWith("baseurl=", StringComparison.Ordinal) ? $"baseurl=file://{repository}"
        : l.StartsWith("gpgkey=", StringComparison.Ordinal) ? $"gpgkey=file://{repository}/repodata/repomd.xml.key" : l));
}
