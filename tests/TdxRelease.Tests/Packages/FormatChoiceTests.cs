using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Release.Packaging;
using TdxRelease.Testing;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Tests.Packages;

public sealed class FormatChoiceTests
{
    private static readonly string Commit = new('a', 40);

    [Fact]
    public void A_list_names_each_format_once()
    {
        Assert.Null(PackageFormats.Parse(null));
        Assert.Equal(["oci", "deb"], PackageFormats.Parse("oci,deb")!.Select(f => f.Name));
        Assert.Equal(PackageFormats.All, PackageFormats.Parse(PackageFormats.Names));
        foreach (var bad in (string[])["", "deb,", "DEB", "deb,deb", "none", "zip", "deb rpm"])
        {
            Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => PackageFormats.Parse(bad)).Code);
        }
    }

    [Fact]
    public void The_readme_lists_every_format() =>
        Assert.Contains($"`--formats {PackageFormats.Names}`", File.ReadAllText(Path.Combine(TestData.Checkout, "README.md")),
            StringComparison.Ordinal);

    [Fact]
    public void Repositories_without_a_certificate_are_left_out_or_refused()
    {
        List<string> notices = [];
        Assert.Equal(PackageFormats.All, PackageFormats.Resolve(null, openPgp: true, notices.Add));
        Assert.Empty(notices);
        Assert.Equal(PackageFormats.All.Where(f => f.Serves is null), PackageFormats.Resolve(null, openPgp: false, notices.Add));
        Assert.Contains("apt, dnf, pacman", Assert.Single(notices), StringComparison.Ordinal);
        Assert.Equal([DistributionFormats.Deb], PackageFormats.Resolve([DistributionFormats.Deb], openPgp: false, notices.Add));
        Assert.Equal(ExitCode.Refused,
            Assert.Throws<TdxException>(() => PackageFormats.Resolve(PackageFormats.Parse("deb,dnf"), openPgp: false, notices.Add)).Code);
        Assert.Single(notices);
    }

    [Theory]
    [InlineData("https://github.com/intel/x", "https://github.com/intel/x/raw/")]
    [InlineData("https://github.com/intel/x.git", "https://github.com/intel/x/raw/")]
    [InlineData("https://github.com/intel/x/", "https://github.com/intel/x/raw/")]
    [InlineData("https://github.com/intel", null)]
    [InlineData("https://github.com/intel/x/y", null)]
    [InlineData("http://github.com/intel/x", null)]
    [InlineData("https://github.com.example.org/intel/x", null)]
    [InlineData("/srv/x", null)]
    [InlineData(null, null)]
    public void Single_files_are_served_for_known_commits_on_the_forge(string? url, string? want)
    {
        Assert.Equal(want is null ? null : want + Commit, ReleaseSources.RawUrl(new Origin(Origin.Git, url, Commit)));
        Assert.Null(ReleaseSources.RawUrl(new Origin(Origin.Git, url, "main")));
        Assert.Null(ReleaseSources.RawUrl(new Origin(Origin.Git, url)));
    }
}
