using TdxRelease.Core.Findings;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rollout;
using TdxRelease.Planning.Rules;
using TdxRelease.Testing;
using TdxRelease.Tests.Verification;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Planning;

/// <summary>Where a risk, a budget and a wave begin and end.</summary>
public class RiskBoundaryTests
{
    [Theory]
    [InlineData("1.5.23", true)]
    [InlineData("1.5.24", false)]
    [InlineData("2.0.13", true)]
    [InlineData("2.0.14", false)]
    [InlineData("1.4.01", false)]
    public void The_race_of_a_build_has_its_guard_since_1_5_24_and_2_0_14(string running, bool risk)
    {
        var version = ModuleVersion.Parse(running);
        var source = new StepSource(SyntheticReleases.Red, version, version, null, null);
        Assert.Equal(risk, StepRisks.Of(source, Release(new SeamSvn(1, 2))).Contains(StepRisks.TdBuildRace));
    }

    [Theory]
    [InlineData("1.5.30", false)]
    [InlineData("2.0.30", true)]
    [InlineData("2.1.30", false)]
    public void Line_2_0_is_a_preview(string target, bool risk)
    {
        var release = Release(new SeamSvn(1, 2)) with { Version = ModuleVersion.Parse(target) };
        var source = new StepSource(SyntheticReleases.Red, release.Version, release.Version, release.Svn, release.Features0);
        Assert.Equal(risk ? [StepRisks.UnsupportedPreview] : [], StepRisks.Of(source, release));
    }

    [Fact]
    public void What_upstream_lists_of_the_running_module_goes_before_what_the_operator_says()
    {
        var releases = new ReleaseSet([Release(new SeamSvn(1, 2)) with { Spelling = "1.5.030" }]);
        var listed = StepSource.Of(releases, SyntheticReleases.Red, default, new(1, 5, 30), new SeamSvn(1, 1));
        Assert.Equal((new SeamSvn(1, 2), 0x61F0FBFUL), (listed.Svn, listed.Features0));
        var other = StepSource.Of(releases, SyntheticReleases.Red, default, new(1, 5, 31), new SeamSvn(1, 1));
        Assert.Equal((new SeamSvn(1, 1), null), (other.Svn, other.Features0));
        Assert.Equal(("1.5.030", "1.5.31"), (releases.Spell(new(1, 5, 30)), releases.Spell(new(1, 5, 31))));
    }

    [Fact]
    public void A_release_whose_module_did_not_verify_is_no_step()
    {
        var verdicts = SampleVerdicts.All.Select(v => v.Facts!).ToList();
        var all = ReleaseSet.Join(SampleVerdicts.Mapping, verdicts);
        Assert.Equal(SampleVerdicts.Mapping.Releases.Select(r => r.Version), all.Releases.Select(r => r.Version));
        var measured = verdicts.ToDictionary(f => f.Version, f => f.MrSeam);
        Assert.Equal(SampleVerdicts.Mapping.Releases.Select(r => (r.Spelling, r.Features0, r.BlobPath, measured[r.Version])),
            all.Releases.Select(r => (r.Spelling, r.Features0, r.ImagePath, r.MrSeam)));
        var others = ReleaseSet.Join(SampleVerdicts.Mapping, verdicts.Where(f => f.Version != all.Releases[0].Version));
        Assert.Equal(all.Releases.Skip(1).Select(r => r.Version), others.Releases.Select(r => r.Version));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void Fewer_than_no_updates_are_a_misuse(long remaining, bool refused)
    {
        var planner = new Planner(new ReleaseSet([Release(new SeamSvn(1, 2))]));
        var request = new PlanRequest(SyntheticReleases.Red, ModuleVersion.Parse("1.5.00"),
            ModuleVersion.Parse("1.5.05"))
        { Remaining = remaining };
        Assert.Equal(refused ? ExitCode.Usage : null, (Record.Exception(() => planner.Plan(request)) as TdxException)?.Code);
    }

    [Fact]
    public void A_tcb_svn_begins_with_the_minor_part_and_then_the_major()
    {
        var release = Release(new SeamSvn(1, 11));
        var releases = new ReleaseSet([release]);
        var plan = new Planner(releases).Plan(new PlanRequest(SyntheticReleases.Red, ModuleVersion.Parse("1.5.00"), release.Version));
        Assert.Equal("0b01" + new string('0', 28), AttestationEffect.Of(releases, plan).TcbSvnBefore);
    }

    [Theory]
    [InlineData(100, "1%", 1)]
    [InlineData(101, "1%", 2)]
    [InlineData(199, "1%", 2)]
    [InlineData(3, "100%", 3)]
    [InlineData(3, "5", 3)]
    public void A_share_of_a_group_is_rounded_up(int hosts, string size, int want) => Assert.Equal(want, WaveSize.Parse(size)[0].Of(hosts));

    private static ReleaseFacts Release(SeamSvn svn) => new(
        ModuleVersion.Parse("1.5.30"), "1.5.30", svn, new string('a', 96), 0x61F0FBF, [SyntheticReleases.Red],
        ModuleVersion.Parse("1.5.00"),
        [ModuleVersion.Parse("1.5.00")], null, false, "i");
}
