using System.Globalization;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>The whole output folder of the real program, twice, from runs that differ in all that must not matter.</summary>
[Collection(RealRelease.Collection)]
public sealed class SameBytesTests(RealRelease release)
{
    [UpstreamFact]
    public void Another_user_zone_locale_umask_folder_and_processor_count_give_the_same_output()
    {
        using var temp = new TempFolder();
        var other = Path.Combine(temp.Path, "somewhere else");
        Directory.CreateDirectory(other);
        Tool.Run(temp.Path, "cp", "-a", release.Snapshot, temp["snapshot"]).Ok();
        Tool.Run(temp.Path, "cp", release.Pem, release.Certificate, temp.Path).Ok();
        Tool.Run(temp.Path, "chown", "-R", "65534:65534", temp.Path).Ok();
        var here = release.Folder("again");
        RealRelease.Tdxrel(RealRelease.Time, release.Arguments(release.Snapshot, release.Pem, Path.Combine(here, "out"))).Ok();

        var arguments = string.Join(' ',
            release.Arguments(temp["snapshot"], temp["release.pem"], Path.Combine(other, "out")).Select(a => $"'{a}'"));
        var environment = new Dictionary<string, string>
        {
            ["SOURCE_DATE_EPOCH"] = RealRelease.Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["TZ"] = "Pacific/Kiritimati",
            ["LC_ALL"] = "tr_TR.UTF-8",
            ["LANG"] = "tr_TR.UTF-8",
            ["HOME"] = temp.Path,
            ["USER"] = "nobody",
            ["DOTNET_PROCESSOR_COUNT"] = "1",
        };
        Tool.RunWith(other, environment, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c",
            $"umask 077; exec '{TdxrelProgram.Path}' {arguments}").Ok();
        var want = CleanTests.Listing(Path.Combine(here, "out"));
        Assert.True(want.Count > 60, $"{want.Count} files");
        Assert.Equal(want, CleanTests.Listing(Path.Combine(other, "out")));
    }
}
