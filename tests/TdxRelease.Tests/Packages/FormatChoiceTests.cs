using TdxRelease.Core.Findings;
using TdxRelease.Release.Packaging;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Tests.Packages;

public sealed class FormatChoiceTests
{
    private static readonly string Commit = new('a', 40);

    [Fact]
    public void A_list_names_each_format_once()
    {
        Assert.Null(FormatChoice.Parse(null));
        Assert.Equal(PackageFormats.Deb | PackageFormats.Oci, FormatChoice.Parse("oci,deb"));
        Assert.Equal(FormatChoice.All, FormatChoice.Parse(FormatChoice.Names));
        foreach (var bad in (string[])["", "deb,", "DEB", "deb,deb", "none", "zip", "deb rpm"])
        {
            Assert.Equal(ExitCode.Usage, Assert.Throws<TdxException>(() => FormatChoice.Parse(bad)).Code);
        }
    }

    [Fact]
    public void Repositories_without_a_certificate_are_left_out_or_refused()
    {
        List<string> notices = [];
        Assert.Equal(FormatChoice.All, FormatChoice.Resolve(null, openPgp: true, notices.Add));
        Assert.Empty(notices);
        Assert.Equal(FormatChoice.All & ~FormatChoice.Repositories, FormatChoice.Resolve(null, openPgp: false, notices.Add));
        Assert.Contains("apt, dnf, pacman", Assert.Single(notices), StringComparison.Ordinal);
        Assert.Equal(PackageFormats.Deb, FormatChoice.Resolve(PackageFormats.Deb, openPgp: false, notices.Add));
        Assert.Equal(ExitCode.Refused, Assert.Throws<TdxException>(() => FormatChoice.Resolve(PackageFormats.Deb | PackageFormats.Dnf, openPgp: false, notices.Add)).Code);
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
