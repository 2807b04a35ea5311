using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>The packages for cold loading, the changelog of a release with a history, and how large packages are.</summary>
[Collection(RealRelease.Collection)]
public sealed class ColdTests(RealRelease release)
{
    private const string Folder = "usr/lib/firmware/intel/tdx-module-cold";

    [UpstreamFact]
    public void Packages_for_cold_loading_are_clean_hold_intels_files_and_audit()
    {
        using var temp = new TempFolder();
        var old = release.OldRepository("apt");
        RealRelease.Tdxrel(RealRelease.Time,
            [.. release.Arguments(release.Snapshot, release.Pem, temp["out"]), "--formats", "deb,rpm,arch", "--cold", "--history", old])
            .Ok();
        var name = $"{RealRelease.Name}-cold";
        var deb = temp[$"out/cold/{name}_{RealRelease.Version}-1_all.deb"];
        DebTests.Lintian(deb);
        Rpmlint(temp, temp[$"out/cold/{name}-{RealRelease.Version}-1.noarch.rpm"]);

        Tool.Run(temp.Path, "dpkg-deb", "-x", deb, temp["root"]).Ok();
        Tool.Run(temp[$"root/{Folder}"], "sha256sum", "--strict", "-c", "SHA256SUMS").Ok();
        foreach (var blob in Directory.GetFiles(Path.Combine(TestData.Snapshot, "joined_files"), "*.blob", SearchOption.AllDirectories))
        {
            // Intel's own images of February 2026 are v1.
            Assert.Equal(File.ReadAllBytes(blob),
                File.ReadAllBytes(temp[$"root/{Folder}/{Path.GetRelativePath(TestData.Snapshot, blob)}"]));
            var stem = Path.GetFileNameWithoutExtension(blob);
            var partition = Directory.CreateDirectory(temp[$"esp/{stem}"]).FullName;
            Tool.Run(partition, "tar", "-xf", temp[$"root/{Folder}/esp/{stem}.tar"], "--no-same-owner").Ok();
            var parts = Directory.GetFiles(Path.Combine(TestData.Snapshot, "separate_files"), $"{stem}.*", SearchOption.AllDirectories);
            Assert.Equal(File.ReadAllBytes(parts.Single(p => p.EndsWith(".bin", StringComparison.Ordinal))),
                File.ReadAllBytes(Path.Combine(partition, "EFI/TDX/TDX-SEAM.so")));
            Assert.Equal(File.ReadAllBytes(parts.Single(p => p.EndsWith(".sigstruct", StringComparison.Ordinal))),
                File.ReadAllBytes(Path.Combine(partition, "EFI/TDX/TDX-SEAM.so.sigstruct")));
            Assert.Equal(File.ReadAllBytes(blob), File.ReadAllBytes(Path.Combine(partition, "EFI/TDX/TDX-BLOB")));
        }

        RealRelease.Tdxrel(RealRelease.Time, "audit", temp["out"], "--key", release.PublicPem).Ok();
        Changelog(temp, temp[$"out/packages/{RealRelease.Name}_{RealRelease.Version}-1_all.deb"]);
    }

    [UpstreamFact]
    public void The_deb_is_within_a_twentieth_of_xz_9_and_the_Arch_package_within_a_quarter()
    {
        Within("dpkg-deb --fsys-tarfile", release[$"packages/{RealRelease.Name}_{RealRelease.Version}-1_all.deb"], 105);
        Within("zstd -dc", release[$"packages/{RealRelease.Name}-{RealRelease.Version}-1-any.pkg.tar.zst"], 125);

        static void Within(string open, string package, int percent)
        {
            var best = long.Parse(Tool.Run("/", "sh", "-c", $"{open} '{package}' | xz -9 -T1 | wc -c").Ok().Output,
                System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(new FileInfo(package).Length, 1, best * percent / 100);
        }
    }

    private void Rpmlint(TempFolder temp, string package)
    {
        Tool.Run(temp.Path, "rpmkeys", "--dbpath", temp["db"], "--import", release.Repository("dnf/repodata/repomd.xml.key")).Ok();
        File.WriteAllText(temp[".rpmmacros"], $"%_dbpath {temp["db"]}\n");
        var explained = File.ReadAllText(Path.Combine(TestData.Checkout, "docs/packaging-rpm.md"));
        var output = Tool.RunWith(temp.Path, new Dictionary<string, string> { ["HOME"] = temp.Path }, "rpmlint", package).All;
        Assert.Contains(" 0 errors", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output.Split('\n'),
            l => l.Split(": W: ") is [_, var warning] && !explained.Contains($"`{warning.Split(' ')[0]}`", StringComparison.Ordinal));
    }

    // The state of 2025-04 had three modules; eight came.
    private static void Changelog(TempFolder temp, string deb)
    {
        Tool.Run(temp.Path, "dpkg-deb", "-x", deb, temp["main"]).Ok();
        Tool.Run(temp.Path, "sh", "-c", $"gzip -dc '{temp[$"main/usr/share/doc/{RealRelease.Name}/changelog.Debian.gz"]}' > changelog")
            .Ok();
        var entries = Tool.Run(temp.Path, "dpkg-parsechangelog", "-l", "changelog", "--all", "--format", "rfc822").Ok().Output;
        Assert.Equal(2, entries.Split('\n').Count(l => l.StartsWith("Version:", StringComparison.Ordinal)));
        Assert.Equal(8, entries.Split('\n').Count(l => l.Contains("* New: Module ", StringComparison.Ordinal)));
    }
}
