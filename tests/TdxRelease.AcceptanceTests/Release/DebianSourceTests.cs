using TdxRelease.AcceptanceTests.Acquisition;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>The real release's Debian source package, as a maintainer and a build daemon meet it.</summary>
[Collection(RealRelease.Collection)]
public sealed class DebianSourceTests(RealRelease release)
{
    private const string Name = RealRelease.Name;
    private static readonly string Deb = $"{Name}_{RealRelease.Version}-1_all.deb";

    [UpstreamFact]
    public void Apt_get_source_gives_what_builds_the_published_package()
    {
        using var temp = new TempFolder();
        using var apt = new AptRoot();
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        apt.Use(release.Repository("apt/tdx-module.sources"));
        apt.Update().Ok();
        apt.Run("env", "-C", temp.Path, "apt-get", "source", Name).Ok();
        Tool.Run(temp[$"{Name}-{RealRelease.Version}"], "dpkg-buildpackage", "-b", "-us", "-uc").Ok();
        SamePackage(temp, temp[Deb]);

        // The older release's source is there too.
        apt.Run("env", "-C", temp.Path, "apt-get", "source", "--download-only", $"{Name}={RealRelease.OldVersion}-1").Ok();
        Assert.True(File.Exists(temp[$"{Name}_{RealRelease.OldVersion}-1.dsc"]));
    }

    [DebianRootTheory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public void A_build_daemon_without_network_makes_the_published_package(string suite)
    {
        using var temp = new TempFolder();
        var root = DebianRoots.Copy(suite, temp["root"]);
        Tool.Run("/", "dpkg-source", "--no-check", "-x", Dsc, $"{root}/build/source").Ok();
        Tool.Run("/", "unshare", "--net", "chroot", root, "sh", "-ec", "cd /build/source && dpkg-buildpackage -b -us -uc").Ok();
        SamePackage(temp, $"{root}/build/{Deb}");
    }

    [DebianRootTheory]
    [InlineData("bookworm")]
    public void The_autopkgtest_passes(string suite)
    {
        using var temp = new TempFolder();
        var root = DebianRoots.Copy(suite, temp["root"]);
        var result = Tool.Run(temp.Path, "autopkgtest", "--no-built-binaries", release[$"packages/{Deb}"], Dsc, "--", "chroot", root);
        Assert.True(result.Exit == 0 && result.All.Contains("verify               PASS", StringComparison.Ordinal), result.All);
    }

    [UpstreamFact]
    public void Uscan_finds_upstream_s_newest_commit_by_debian_watch()
    {
        using var temp = new TempFolder();
        using var upstream = new UpstreamHistory(temp["upstream"]);
        Tool.Run("/", "dpkg-source", "--no-check", "-x", Dsc, temp["s"]).Ok();
        var watch = File.ReadAllText(temp["s/debian/watch"]);
        Assert.Contains(RealRelease.Url, watch, StringComparison.Ordinal);
        File.WriteAllText(temp["s/debian/watch"],
            watch.Replace(RealRelease.Url, $"file://{upstream.Repository}", StringComparison.Ordinal));
        Directory.CreateDirectory(temp["found"]);
        Tool.Run(temp["s"], "uscan", "--no-conf", "--force-download", "--destdir", temp["found"]).Ok();
        Assert.True(File.Exists(temp[$"found/{Name}_20260701.orig.tar.xz"]), string.Join(' ', Directory.EnumerateFiles(temp["found"])));
    }

    private string Dsc => release[$"sources/debian/{Name}_{RealRelease.Version}-1.dsc"];

    // Compression and the origin signature aside: every byte of both archives' contents.
    private void SamePackage(TempFolder temp, string built)
    {
        foreach (var (name, deb) in (ReadOnlySpan<(string, string)>)[("theirs", built), ("ours", release[$"packages/{Deb}"])])
        {
            Tool.Run(temp.Path, "sh", "-ec", "dpkg-deb --fsys-tarfile \"$1\" > \"$2.tar\" && dpkg-deb -e \"$1\" \"$2\"",
                "sh", deb, name).Ok();
        }

        Tool.Run(temp.Path, "diff", "-r", "ours", "theirs").Ok();
        Tool.Run(temp.Path, "cmp", "ours.tar", "theirs.tar").Ok();

        // diffoscope finds the members of the ar archive, and nothing inside of them.
        var report = Tool.Run(temp.Path, "diffoscope", "--no-progress", "--text", "-", release[$"packages/{Deb}"], built).Output
            .Split('\n');
        Assert.Equal(["├── file list", "├── control.tar.xz", "├── data.tar.xz"],
            report.Where(l => l.Contains("── ", StringComparison.Ordinal)));
        Assert.Equal(2, report.Count(l => l.Contains("no file-specific differences were detected", StringComparison.Ordinal)));
    }
}

/// <summary>Debian installations, made by debootstrap with debhelper and the packages that the release depends on.</summary>
internal static class DebianRoots
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("TDXREL_DEBIAN_ROOTS");

    public static bool Exist => Directory.Exists(Folder);

    /// <summary>A copy that a test may change.</summary>
    public static string Copy(string suite, string to)
    {
        Tool.Run("/", "cp", "-a", Path.Combine(Folder!, suite), to).Ok();
        Directory.CreateDirectory(Path.Combine(to, "build"));
        return to;
    }
}

/// <summary>Skipped, by name, where there are none.</summary>
internal sealed class DebianRootTheoryAttribute : TheoryAttribute
{
    public DebianRootTheoryAttribute()
    {
        if (!DebianRoots.Exist || TestData.Root is null)
        {
            Skip = "needs the Debian installations of .ci/run in TDXREL_DEBIAN_ROOTS, and Intel's data";
        }
    }
}
