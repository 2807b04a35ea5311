using TdxRelease.Core.Findings;
using TdxRelease.Release.History;
using TdxRelease.Testing;
using TdxRelease.Tests.Acquisition;
using TdxRelease.Tests.Verification;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Tests.Pipeline;

public sealed class DriftStageTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [UpstreamFact]
    public void The_real_history_with_its_modules_names_facts_and_consequences_and_nothing_else()
    {
        var findings = DriftStage.Run(History("2026-06-db9bc4fc.json"), History("2026-mid-14c28ce0.json"),
            DriftState.Open(TestData.Snapshot));
        Assert.Equal(
            ["DRIFT-004 1.5.05", "DRIFT-005 1.5.24", "DRIFT-005 1.5.25", "DRIFT-004 2.0.04", "DRIFT-004 2.0.05", "DRIFT-004 2.0.08",
                "DRIFT-004 2.0.12", "DRIFT-004 2.0.14"],
            findings.Where(f => f.Fails).Select(f => $"{f.Rule.Id} {f.Version}"));
        Assert.Equal(["1.5.28", "1.5.34", "2.0.16", "2.0.18"], findings.Where(f => f.Rule.Id == "DRIFT-001").Select(f => f.Version));
        Assert.Contains(findings,
            f => f.Rule.Id == "DRIFT-016" && f.Message == "Granite Rapids, Granite Rapids-D: 2.0.04 → 2.0.05 now strict");
        Assert.Contains(findings,
            f => f.Rule.Id == "DRIFT-015"
            && f.Message.EndsWith("1.5.05, 1.5.06, 1.5.08, 1.5.09, 1.5.13 → 1.5.16 not strict, no longer chosen by default",
            StringComparison.Ordinal));
        Assert.All(findings,
            f => Assert.Contains(f.Rule.Id, (string[])["DRIFT-001", "DRIFT-004", "DRIFT-005", "DRIFT-008", "DRIFT-015", "DRIFT-016"]));
    }

    [UpstreamTheory]
    [InlineData("2025-04-29-547cbc75.json", "2025-08-11-53e0e6e4.json")]
    [InlineData("2025-08-11-53e0e6e4.json", "2026-06-db9bc4fc.json")]
    public void Where_history_only_added_no_step_changed(string before, string after) =>
        Assert.All(DriftStage.Run(History(before), History(after), DriftState.Open(TestData.Snapshot)),
            f => Assert.Equal("DRIFT-001", f.Rule.Id));

    [Fact]
    public void Snapshot_and_lock_of_the_same_state_agree()
    {
        SmallUpstream.Write(temp["a"], SampleVerdicts.Files);
        var snapshot = Snapshot.Open(temp["a"]);
        var origin = new Origin(Origin.Git, "x", new string('1', 40));
        File.WriteAllBytes(temp["lock.json"],
            LockFile.Of(snapshot, [new("git", "x")], "main", DateTimeOffset.UnixEpoch, "test", origin).ToJson());
        Assert.Equal(DriftKind.Lock, DriftState.Open(temp["lock.json"]).Kind);
        Assert.Empty(DriftStage.Run(DriftState.Open(temp["lock.json"]), DriftState.Open(temp["a"])));
        Assert.Empty(DriftStage.Run(DriftState.Open(temp["a/mapping_file.json"]), DriftState.Open(temp["a"])));

        File.AppendAllText(temp["a/BINARIES_LICENSE"], "more\n");
        Assert.Equal("DRIFT-009", Assert.Single(DriftStage.Run(DriftState.Open(temp["lock.json"]), DriftState.Open(temp["a"]))).Rule.Id);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("{\"format\":\"tdxrel-upstream-lock/1\"}")]
    public void A_file_that_is_none_of_these_is_bad_input(string text)
    {
        File.WriteAllText(temp["x"], text);
        Assert.Equal(ExitCode.BadInput, Assert.Throws<TdxException>(() => DriftState.Open(temp["x"])).Code);
    }

    private static DriftState History(string name) => DriftState.Open(Path.Combine(TestData.MappingHistory, name));
}
