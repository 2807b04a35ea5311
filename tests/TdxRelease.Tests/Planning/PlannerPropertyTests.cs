using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Planning.Site;
using TdxRelease.Testing;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Planning;

public class PlannerPropertyTests
{
    [Fact]
    public void A_path_never_breaks_a_rule_nor_a_constraint() => Property.Check(400, (random, size) =>
    {
        var (planner, request) = Any(random, 12);
        var plan = planner.Plan(request);
        var source = plan.Source;
        foreach (var step in plan.Path)
        {
            Assert.Equal(source, step.Source);
            Assert.Empty(StepRules.Broken(source, step.To));
            Assert.Empty(PlanConstraints.Broken(request.Policy, null, source, step.To));
            Assert.True(step.To.Version > source.Running);
            source = source.After(step.To);
        }

        Assert.True(request.Remaining is null || plan.Path.Count <= request.Remaining);
        Assert.True(plan.Path.Count == 0 || plan.Eligible.Any(e => e.To == plan.Path[0].To));
        Assert.Equal(planner.Releases.Releases.Count - (planner.Releases.Find(request.Running) is null ? 0 : 1),
            plan.Eligible.Count + plan.Refused.Count);
        Assert.All(plan.Refused, r => Assert.NotEmpty(r.Reasons));
    });

    [Fact]
    public void More_updates_never_make_the_result_worse() => Property.Check(300, (random, size) =>
    {
        var (planner, request) = Any(random, 12);
        var before = planner.Plan(request with { Remaining = 0 });
        Assert.Empty(before.Path);
        for (var budget = 1; budget < 8; budget++)
        {
            var plan = planner.Plan(request with { Remaining = budget });
            var (old, now) = (before.Path.LastOrDefault()?.To.Version ?? default, plan.Path.LastOrDefault()?.To.Version ?? default);
            Assert.True(now >= old, $"{old} with {budget - 1}, {now} with {budget}");
            Assert.True(now > old || request.Policy.Prefer == Preference.Fewest || plan.Path.Count >= before.Path.Count);
            Assert.True(now > old || request.Policy.Prefer == Preference.Smallest
                || plan.Path.Select(s => s.To).SequenceEqual(before.Path.Select(s => s.To)));
            before = plan;
        }
    });

    [Fact]
    public void The_order_of_the_input_never_matters() => Property.Check(200, (random, size) =>
    {
        var (planner, request) = Any(random, 12);
        var shuffled = planner.Releases.Releases.ToArray();
        random.Shuffle(shuffled);
        var other = new ReleaseSet(shuffled);
        Assert.Equal(Print(planner, request), Print(new Planner(other), request));
    });

    [Fact]
    public void The_planner_equals_brute_force() => Property.Check(600, (random, size) =>
    {
        var (planner, request) = Any(random, 9);
        var plan = planner.Plan(request);
        var best = Brute(planner.Releases, request);
        Assert.Equal(best.Select(r => r.Spelling), plan.Path.Select(s => s.To.Spelling));
    });

    [Fact]
    public void The_graph_equals_the_rules() => Property.Check(150, (random, size) =>
    {
        var releases = SyntheticReleases.Any(random, 3 + (size / 4));
        foreach (var graph in StepGraph.All(releases))
        {
            for (var to = 0; to < graph.Nodes.Count; to++)
            {
                for (var from = 0; from < graph.Nodes.Count; from++)
                {
                    var (a, b) = (graph.Nodes[from].Release, graph.Nodes[to].Release);
                    var source = new StepSource(graph.Family.Signature, graph.Loader, a.Version, a.Svn, a.Features0);
                    var answer = StepRules.Answer(source, b);
                    StepAnswer? expected = a != b && answer is StepAnswer.Strict or StepAnswer.TdPreserving && a != b ? answer : null;
                    Assert.Equal(expected, graph.Between(from, to)?.Tier);
                }
            }

            Assert.Equal(graph.Edges.LongCount(), graph.CountEdges());
        }
    });

    private static (Planner Planner, PlanRequest Request) Any(Random random, int most)
    {
        var releases = SyntheticReleases.Any(random, random.Next(2, most + 1));
        var running = random.Next(3) == 0 ? new ModuleVersion(1, 5, (ushort)random.Next(1, 20))
            : releases.Releases[random.Next(releases.Releases.Count)].Version;
        var policy = new PlanPolicy
        {
            Prefer = (Preference)random.Next(2),
            Tier = (TierPolicy)random.Next(3),
            KeepAllFeatures = random.Next(4) == 0,
            RequiredFeatures = random.Next(4) == 0 ? 1UL << 24 : 0,
            Target = random.Next(3) == 0 ? releases.Releases[random.Next(releases.Releases.Count)].Version : null,
            Site = random.Next(3) == 0 ? Site(random, releases) : null,
        };
        var seamldr = ModuleVersion.Parse(random.Next(3) == 0 ? "1.5.00" : "1.5.09");
        return (new Planner(releases),
            new PlanRequest(SyntheticReleases.Red, seamldr, running)
            {
                Remaining = random.Next(3) == 0 ? null : random.Next(6),
                Policy = policy
            });
    }

    private static SitePolicy Site(Random random, ReleaseSet releases)
    {
        var version = releases.Releases[random.Next(releases.Releases.Count)].Version;
        return random.Next(2) == 0
            ? new SitePolicy { Name = "site", Barriers = [new(version, "stop here", [])] }
            : new SitePolicy { Name = "site", DeadEnds = [new(version, "go no further", [])] };
    }

    private static string Print(Planner planner, PlanRequest request)
    {
        using var text = new StringWriter();
        PlanText.Write(planner.Plan(request), planner.Releases, text);
        GraphText.Write(StepGraph.All(planner.Releases), text);
        return text.ToString();
    }

    /// <summary>Every path there is, ordered by the documented rule (docs/planning.md).</summary>
    private static List<ReleaseFacts> Brute(ReleaseSet releases, PlanRequest request)
    {
        var all = new List<(List<ReleaseFacts> Path, int Loose, long Squares)>();
        void Walk(StepSource source, List<ReleaseFacts> path, int loose, long squares)
        {
            if (path.Count > 0)
            {
                all.Add((path, loose, squares));
            }

            if (request.Remaining is { } left && path.Count >= left)
            {
                return;
            }

            foreach (var next in releases.Releases)
            {
                if (next.Version > source.Running && !StepRules.Broken(source, next).Any()
                    && !PlanConstraints.Broken(request.Policy, null, source, next).Any())
                {
                    var size = (long)(next.Version.Update - source.Running.Update);
                    var strict = next.StrictCompat?.Contains(source.Running) == true;
                    Walk(source.After(next), [.. path, next], loose + (strict ? 0 : 1), squares + (size * size));
                }
            }
        }

        Walk(StepSource.Of(releases, request.Cpu, request.Seamldr, request.Running), [], 0, 0);
        var target = request.Policy.Target ?? all.Select(p => p.Path[^1].Version).DefaultIfEmpty().Max();
        var fitting = all.Where(p => p.Path[^1].Version == target);
        var ordered = request.Policy.Prefer == Preference.Fewest
            ? fitting.OrderBy(p => p.Path.Count).ThenBy(p => p.Loose).ThenBy(p => p.Squares)
            : fitting.OrderByDescending(p => p.Path.Count).ThenBy(p => p.Squares).ThenBy(p => p.Loose);
        return ordered.ThenBy(p => string.Join(' ', p.Path.Select(r => $"{r.Version.Update:00000}")), StringComparer.Ordinal)
            .FirstOrDefault().Path ?? [];
    }
}
