using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;
using TdxRelease.Tests.Verification;
using TdxRelease.Upstream.GitHub;
using TdxRelease.Upstream.Witnesses;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Tests.Pipeline;

public sealed class WitnessTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    private static ModuleFacts Facts { get; } = SampleVerdicts.All.First().Facts!;

    [Fact]
    public async Task Notes_that_agree_say_nothing() =>
        Assert.Empty(await RunAsync(
            new ReleaseNote("TDX", Facts.Spelling, $"{Facts.Date:yyyy-MM-dd}", $"{Facts.BuildNumber}", Facts.Svn.ToString(),
            Facts.MrSeam)));

    [Fact]
    public async Task Notes_that_say_little_contradict_nothing() =>
        Assert.Empty(await RunAsync(new ReleaseNote("TDX", Facts.Spelling, null, null, null, null),
            new ReleaseNote("other", "9.9.99", null, "1", "1.1", new string('0', 96))));

    [Theory]
    [InlineData("WIT-001", Severity.Critical)]
    [InlineData("WIT-002", Severity.Error)]
    [InlineData("WIT-003", Severity.Warning)]
    [InlineData("WIT-004", Severity.Note)]
    public async Task A_contradiction_has_its_rule(string rule, Severity severity)
    {
        var note = new ReleaseNote(
            "TDX\u0007", Facts.Spelling, rule == "WIT-004" ? "20010101" : null, rule == "WIT-003" ? "77777"
            : null, rule == "WIT-002" ? "250.250" : null, rule == "WIT-001" ? new string('0', 96) : null);
        var numbered = Facts with { BuildNumber = 859 };
        var finding = Assert.Single(await new Witness(new Notes(note), "intel/x").RunAsync([numbered], default));
        Assert.Equal((rule, severity, Facts.Spelling), (finding.Rule.Id, finding.Severity, finding.Version));
        Assert.DoesNotContain('\u0007', finding.Message);
    }

    [Fact]
    public async Task A_module_without_notes_is_a_note()
    {
        var finding = Assert.Single(await RunAsync());
        Assert.Equal(("WIT-005", false), (finding.Rule.Id, finding.Fails));
    }

    [Theory]
    [InlineData("1.11", true)]
    [InlineData("11", true)]
    [InlineData("267", true)]
    [InlineData("1", false)]
    [InlineData("1.1", false)]
    public async Task An_svn_is_written_in_three_ways(string text, bool fits)
    {
        var facts = Facts with { Svn = new(1, 11) };
        var findings = await new Witness(new Notes(new ReleaseNote("TDX", facts.Spelling, null, null, text, null)), "intel/x")
            .RunAsync([facts], default);
        Assert.Equal(fits, findings.Count == 0);
    }

    [Theory]
    [InlineData("check", "--record", "x")]
    [InlineData("check", "--replay", "x")]
    [InlineData("check", "--witness-repository", "a/b")]
    [InlineData("fetch", "--witness", "--source=sample")]
    [InlineData("check", "--witness", "--record=x", "--replay=y")]
    public void Options_that_make_no_sense_are_refused(params string[] args)
    {
        File.WriteAllText(temp["upstream.lock.json"], "{}");
        var run = Run.Tdxrel([.. args, "--out", temp["out"], "--lock", temp["upstream.lock.json"]]).Ends(2);
        Assert.StartsWith("error: --", run.Errors, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<Finding>> RunAsync(params ReleaseNote[] notes) =>
        new Witness(new Notes(notes), "intel/x").RunAsync([Facts], default);

    private sealed class Notes(params ReleaseNote[] notes) : IGitHub
    {
        public Task<string> NewestCommitAsync(string repository, string branch, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<ReleaseNote>> ReleasesAsync(string repository, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<ReleaseNote>>(notes);
    }
}
