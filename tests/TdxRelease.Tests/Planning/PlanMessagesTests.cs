using TdxRelease.Core.Findings;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Planning.Site;
using TdxRelease.Testing;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;
using Made = TdxRelease.Testing.SyntheticReleases;

namespace TdxRelease.Tests.Planning;

/// <summary>Whole answers of the planner, word for word, one question for each thing that it can have to say.</summary>
public class PlanMessagesTests
{
    /// <summary>One line from before strict_compat_versions, in which each release is refused for a reason of its own.</summary>
    private static readonly ReleaseSet Odd = new(
    [
        Made.Release("1.5.01", "1.1", 0x20F0FBF, [Made.Red, Made.Blue], predates: true),
        Made.Release("1.5.02", "1.1", 0xB0FBF, [Made.Red], predates: true),
        Made.Release("1.5.03", "2.1", 0xF0FBF, [Made.Red], predates: true),
        Made.Release("1.5.04", "1.1", 0xF0FBD, [Made.Red], predates: true),
        Made.Release("1.5.05", "1.0", 0xF0FBF, [Made.Red, new(0x12345678)], predates: true),
        Made.Release("1.5.06", "1.2", 0xF0FBF, [Made.Red], predates: true, debug: true),
        Made.Release("1.5.07", "1.2", 0x20F0FBF, [Made.Red], predates: true, minimum: "1.5.02"),
        Made.Release("1.5.30", "1.2", 0x20F0FBF, [Made.Red], predates: true, loaders: ["1.5.07"]),
    ]);

    private static readonly SitePolicy Site = new()
    {
        Name = "hall 3",
        Barriers = [new(new(1, 5, 2), "stop and look", [])],
        Blocked = [new(Range("1.5.01"), Range("1.5.03"), "hangs", new(1, 5, 2), [Made.Red])],
        Denied = [new(Range("1.5.05"), "slow", [])],
        DeadEnds = [new(new(1, 5, 8), "stays", [])],
    };

    private static IEnumerable<(string Title, ReleaseSet Releases, PlanRequest Request)> Questions()
    {
        PlanRequest Ask(string running, string seamldr = "1.5.04", CpuSignature? cpu = null, PlanPolicy? policy = null, long? left = null,
            SeamSvn? svn = null) => new(cpu ?? Made.Red, ModuleVersion.Parse(seamldr), ModuleVersion.Parse(running))
            { Policy = policy ?? PlanPolicy.Default, Remaining = left, RunningSvn = svn };
        var free = new PlanPolicy { Tier = TierPolicy.TdPreserving };
        var strict = new PlanPolicy { Tier = TierPolicy.Strict };
        yield return ("by default", Made.Small, Ask("1.5.01"));
        yield return ("strict as asked", Made.Small, Ask("1.5.01", policy: strict));
        yield return ("TD-preserving as asked", Made.Small, Ask("1.5.01", policy: free));
        yield return ("smallest", Made.Small, Ask("1.5.01", policy: free with { Prefer = Preference.Smallest }));
        yield return ("smallest, two left", Made.Small, Ask("1.5.01", policy: free with { Prefer = Preference.Smallest }, left: 2));
        yield return ("one left", Made.Small, Ask("1.5.01", policy: free, left: 1));
        yield return ("none left", Made.Small, Ask("1.5.01", policy: free, left: 0));
        yield return ("as many left as it takes", Made.Small, Ask("1.5.01", policy: free, left: 2));
        yield return ("an island", Made.Small, Ask("1.5.03"));
        yield return ("up to date", Made.Small, Ask("1.5.10"));
        yield return ("up to date, the target runs", Made.Small, Ask("1.5.05", policy: free with { Target = new(1, 5, 5) }));
        yield return ("older target", Made.Small, Ask("1.5.05", policy: free with { Target = new(1, 5, 1) }));
        yield return ("target of another line", Made.Small, Ask("1.5.05", policy: free with { Target = new(2, 0, 3) }));
        yield return ("target out of budget", Made.Small, Ask("1.5.01", policy: free with { Target = new(1, 5, 10) }, left: 1));
        yield return ("target with nothing left", Made.Small, Ask("1.5.01", policy: free with { Target = new(1, 5, 10) }, left: 0));
        yield return ("strict target", Made.Small, Ask("1.5.01", policy: strict with { Target = new(1, 5, 5) }));
        yield return ("old loader", Made.Small, Ask("1.5.05", "1.5.00", policy: free with { Target = new(1, 5, 8) }));
        yield return ("unknown loader", Made.Small, Ask("1.5.01", "3.0.00"));
        yield return ("another processor", Made.Small, Ask("1.5.01", "2.0.00", Made.Blue, free));
        yield return ("unknown processor", Made.Small, Ask("1.5.01", cpu: new(0x12345)));
        yield return ("line 2.0", Made.Small, Ask("2.0.01", policy: free));
        yield return ("debug allowed", Made.Small, Ask("1.5.05", policy: free with { AllowDebug = true, Target = new(1, 5, 6) }));
        yield return ("debug not allowed", Made.Small, Ask("1.5.05", policy: free with { Target = new(1, 5, 6) }));
        yield return ("unlisted", Made.Small, Ask("1.5.07", policy: free));
        yield return ("unlisted with its SVN", Made.Small, Ask("1.5.07", policy: free, svn: new(1, 4)));
        yield return ("unlisted, keep all", Made.Small, Ask("1.5.07", policy: free with { KeepAllFeatures = true }));
        yield return ("unlisted line", Made.Small, Ask("1.4.07"));
        yield return ("keep all", Made.Small, Ask("1.5.03", policy: free with { KeepAllFeatures = true }));
        yield return ("required features", Made.Small, Ask("1.5.01", policy: free with { RequiredFeatures = 0x42000000 }));
        yield return ("used features", Made.Small, Ask("1.5.01", policy: free with { UsedFeatures = 0x40000000 }));
        yield return ("allowed", Made.Small, Ask("1.5.01", policy: free with { Allowed = [Range("[1.5.02,1.5.04)"), Range("1.5.08")] }));
        yield return ("denied", Made.Small, Ask("1.5.01", policy: free with { Denied = [Range("[1.5.05,)"), Range("1.5.08")] }));
        yield return ("site", Made.Small, Ask("1.5.01", policy: free with { Site = Site }));
        yield return ("site, dead end", Made.Small, Ask("1.5.08", policy: free with { Site = Site }));
        yield return ("two things in the way", Made.Small,
            Ask("1.5.01", policy: new() { Denied = [Range("[1.5.02,)")], Target = new(1, 5, 5) }));
        yield return ("two things in the way of a better path", Made.Small,
            Ask("1.5.01", policy: strict with { Denied = [Range("[1.5.05,)")] }));
        yield return ("odd", Odd, Ask("1.5.01"));
        yield return ("odd, new loader", Odd, Ask("1.5.01", "1.5.07"));
        yield return ("odd, strict", Odd, Ask("1.5.01", policy: strict));
        yield return ("odd, cannot be updated", Odd, Ask("1.5.04"));
        yield return ("odd, other processor", Odd, Ask("1.5.01", cpu: Made.Blue));
        yield return ("odd, nothing newer", Odd, Ask("1.5.30", "1.5.07"));
    }

    [Fact]
    public void What_the_planner_says_is_what_was_last_read_and_agreed_to()
    {
        using var text = new StringWriter();
        foreach (var (title, releases, request) in Questions())
        {
            text.Write($"# {title}\n");
            Write(text, releases, new Planner(releases).Plan(request));
        }

        GoldenFile.Equal("tests/TdxRelease.Tests/Planning/golden/plans.txt", text.ToString());
    }

    [Fact]
    public void What_why_not_says_is_what_was_last_read_and_agreed_to()
    {
        using var text = new StringWriter();
        foreach (var (title, releases, request) in Questions().Where(q => q.Title is "by default" or "odd" or "odd, cannot be updated"
            or "unlisted with its SVN" or "unlisted" or "debug allowed"))
        {
            text.Write($"# {title}\n");
            foreach (var release in releases.Releases)
            {
                var why = new Planner(releases).WhyNot(request, release.Version);
                text.Write($"{release.Spelling} {why.Answer.Word()}{(why.Eligible ? ", may be loaded next" : "")}\n");
                why.Verdicts.ToList().ForEach(v => text.Write($"  {(v.Holds ? "holds" : "FAILS")} {Words(v.Reason)}\n"));
                why.Constraints.ToList().ForEach(c => text.Write($"  {Words(c)}\n"));
            }
        }

        GoldenFile.Equal("tests/TdxRelease.Tests/Planning/golden/why-not.txt", text.ToString());
    }

    [Fact]
    public void What_a_graph_holds_is_what_was_last_read_and_agreed_to()
    {
        using var text = new StringWriter();
        foreach (var graph in (StepGraph[])[.. StepGraph.All(Made.Small), .. StepGraph.All(Odd)])
        {
            text.Write($"# {graph.Family.Name} {graph.Loader}, {graph.CountEdges()} steps\n");
            text.Write($"{string.Join(' ', graph.Nodes.Select(n => n.Loadable ? n.Release.Spelling : $"({n.Release.Spelling})"))}\n");
            graph.Edges.ToList().ForEach(e => text.Write(
                $"{e.From.Spelling} -> {e.To.Spelling} {e.Tier.Word()} +0x{e.Added:X} -0x{e.Lost:X}{Ids(e.Risks)}\n"));
            graph.ColdTransitions().ToList().ForEach(c => text.Write($"cold: {c.From.Spelling} -> {c.To.Spelling}\n"));
            text.Write($"islands: {string.Join(" | ", graph.Islands().Select(i => string.Join(' ', i.Select(r => r.Spelling))))}\n");
            text.Write($"covering: {string.Join(' ', CoveringSteps.Of(graph).Select(s => $"{s.From}-{s.To}-{s.Tier.Word()}"))}\n");
        }

        GoldenFile.Equal("tests/TdxRelease.Tests/Planning/golden/graphs.txt", text.ToString());
    }

    [Fact]
    public void What_a_risk_says_is_what_was_last_read_and_agreed_to() =>
        GoldenFile.Equal("tests/TdxRelease.Tests/Planning/golden/risks.txt",
            string.Concat(StepRisks.All.Select(r => $"{r.Id}\n  {r.Title}\n  {r.Advice}\n")));

    [Fact]
    public void A_target_that_is_no_release_and_a_release_given_twice_are_refused()
    {
        var planner = new Planner(Odd);
        var request = new PlanRequest(Made.Red, new(1, 5, 0), new(1, 5, 1)) { Policy = new() { Target = new(1, 5, 9) } };
        var e = Assert.Throws<TdxException>(() => planner.Plan(request));
        Assert.Equal((ExitCode.Usage, "\"1.5.09\" is not a release of this snapshot",
            "releases: 1.5.01, 1.5.02, 1.5.03, 1.5.04, 1.5.05, 1.5.06, 1.5.07, 1.5.30"), (e.Code, e.Message, e.Hint));
        e = Assert.Throws<TdxException>(() => planner.Plan(request with { Remaining = -1, Policy = new() }));
        Assert.Equal((ExitCode.Usage, "updates left is -1, want 0 to 4294967295"), (e.Code, e.Message));
        e = Assert.Throws<TdxException>(() => new ReleaseSet([.. Odd.Releases, Odd.Releases[3]]));
        Assert.Equal((ExitCode.BadInput, "release \"1.5.04\" is given twice"), (e.Code, e.Message));
    }

    [Theory]
    [InlineData("0", true, 0)]
    [InlineData("4294967295", true, 4294967295)]
    [InlineData("4294967296", false, 0)]
    [InlineData("-1", false, 0)]
    [InlineData(" 1", false, 0)]
    [InlineData("", false, 0)]
    public void Updates_left_are_read_as_Linux_prints_them(string text, bool good, long want)
    {
        Assert.Equal(good, PlanRequest.TryParseRemaining(text, out var remaining));
        Assert.Equal(want, remaining);
    }

    [Fact]
    public void A_picture_has_at_most_250_releases()
    {
        Assert.NotEmpty(CoveringSteps.Of(StepGraph.All(Made.Row(CoveringSteps.MaxNodes))[0]));
        var e = Assert.Throws<TdxException>(() => CoveringSteps.Of(StepGraph.All(Made.Row(CoveringSteps.MaxNodes + 1))[0]));
        Assert.Equal((ExitCode.Refused, "251 releases for Sapphire Rapids make no picture, want at most 250", "use the JSON or the text"),
            (e.Code, e.Message, e.Hint));
    }

    private static void Write(StringWriter text, ReleaseSet releases, PlanResult plan)
    {
        text.Write($"{plan.Request.Policy.Name}: {plan.Outcome}, {plan.ExitCode}, target {plan.Target?.Spelling ?? "none"}, "
            + $"loader class {plan.LoaderClass?.ToString() ?? "none"}, reinstall {plan.Reinstall?.Spelling ?? "none"}\n");
        plan.Path.ToList().ForEach(s => text.Write($"  path: {Words(s)}\n"));
        plan.Eligible.ToList().ForEach(s => text.Write($"  next: {Words(s)}\n"));
        foreach (var refusal in plan.Refused)
        {
            // The rules' words are those of why-not.
            text.Write($"  refused: {refusal.Release.Spelling} {refusal.Answer.Word()}"
                + $"{string.Concat(refusal.Reasons.Select(r => $" {r.Rule.Id}"))}\n");
            refusal.Reasons.Where(r => PlanConstraints.All.Contains(r.Rule) && r.Rule != PlanConstraints.Tier).ToList()
                .ForEach(r => text.Write($"    {Words(r)}\n"));
        }

        plan.Notes.ToList().ForEach(n => text.Write($"  {n.Id}: {n.Message}\n"));
        plan.Hints.ToList().ForEach(h => text.Write($"  hint: {h}\n"));
        var effect = AttestationEffect.Of(releases, plan);
        string Short(IEnumerable<string> measurements) => string.Join(' ', measurements.Select(m => m[..8]));
        text.Write($"  quotes: {Short(effect.Before)} | {Short(effect.During)} | {Short(effect.After)} | "
            + $"{effect.TcbSvnBefore ?? "unknown"} | {effect.TcbSvnAfter ?? "unknown"}; risks{Ids(plan.Risks)}\n");
    }

    private static string Words(PlanStep step) =>
        $"{step.From} -> {step.To.Spelling} {step.Tier.Word()} +0x{step.Added:X} -0x{step.Lost:X}{Ids(step.Risks)}";

    private static string Words(StepReason reason) => $"{reason.Rule.Id} {reason.Message} [got {reason.Got}, want {reason.Want}]";

    private static string Ids(IEnumerable<StepRisk> risks) => string.Concat(risks.Select(r => $" {r.Id}"));

    private static NuGet.Versioning.VersionRange Range(string text) => VersionRanges.Parse(text, out _)!;
}
