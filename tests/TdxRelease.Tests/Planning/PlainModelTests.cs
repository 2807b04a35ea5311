using TdxRelease.Planning.Graphs;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Planning.Site;
using TdxRelease.Testing;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;
using Xunit.Abstractions;

namespace TdxRelease.Tests.Planning;

/// <summary>Planner and graph against <see cref="PlainModel"/>, over random releases, hosts and policies.</summary>
public class PlainModelTests(ITestOutputHelper output)
{
    private static readonly uint[] Cpus = [0x806F8, 0x806F0, 0xC06F2, 0xA06F3, 0xA06D1];

    [Fact]
    public void The_planner_says_what_the_plain_model_says()
    {
        var (paths, reasons) = (0, new SortedDictionary<string, int>(StringComparer.Ordinal));
        Property.Check(4000, (random, _) =>
        {
            var releases = Releases(random);
            var question = Question(random, releases);
            var model = new PlainModel(releases, question);
            var plan = new Planner(new ReleaseSet(releases.Select(Facts))).Plan(Request(question));
            Assert.Equal(model.Eligible(), plan.Eligible.Select(s => s.To.Spelling));
            Assert.Equal(model.Path(), plan.Path.Select(s => s.To.Spelling));
            Assert.Equal(model.Outcome(), plan.Outcome.ToString());
            Assert.Equal(model.Reinstall(), plan.Reinstall is not null);
            var refused = releases.Where(r => !r.Version.SequenceEqual(question.Running)
                && !model.Eligible().Contains(PlainModel.Text(r.Version))).ToList();
            Assert.Equal(refused.Select(r => PlainModel.Text(r.Version)), plan.Refused.Select(r => r.Release.Spelling));
            foreach (var (release, refusal) in refused.Zip(plan.Refused))
            {
                var broken = model.Broken(model.Start(), release, question.Remaining);
                Assert.Equal(broken, refusal.Reasons.Select(r => r.Rule.Id));
                broken.ForEach(id => reasons[id] = reasons.GetValueOrDefault(id) + 1);
            }

            paths += plan.Path.Count > 1 ? 1 : 0;
        });

        // What never happens is not compared.
        output.WriteLine($"{paths} paths of several steps; {string.Join(", ", reasons.Select(r => $"{r.Key} {r.Value}"))}");
        Assert.True(paths > 100, $"{paths} paths");
        Assert.Equal([.. StepRules.Fit.Concat(StepRules.Update).Select(r => r.Rule.Id), .. PlanConstraints.All.Select(r => r.Id)],
            reasons.Keys);
        Assert.All(reasons, r => Assert.True(r.Value > 20, $"{r.Key}: {r.Value}"));
    }

    [Fact]
    public void The_graph_has_the_steps_of_the_plain_model() => Property.Check(400, (random, size) =>
    {
        var releases = Releases(random, 2 + (size / 8));
        foreach (var graph in StepGraph.All(new ReleaseSet(releases.Select(Facts))))
        {
            var question = Question(random, releases) with
            {
                Cpu = graph.Family.Signature.Value,
                Loader = PlainModel.Numbers(graph.Loader.ToString()),
                AllowDebug = false
            };
            var model = new PlainModel(releases, question);
            var edges = new List<string>();
            foreach (var to in releases)
            {
                foreach (var from in releases.Where(r => r.Cpus.Any(c => c >> 4 == question.Cpu >> 4)
                    && Facts(r).Version < Facts(to).Version))
                {
                    if (model.Rules(new(from.Version, from.Svn, from.Features), to).Count == 0)
                    {
                        var strict = to.Strict?.Any(s => s.SequenceEqual(from.Version)) == true;
                        edges.Add($"{PlainModel.Text(from.Version)} {PlainModel.Text(to.Version)} {(strict ? "strict" : "td-preserving")}");
                    }
                }
            }

            Assert.Equal(edges, graph.Edges.Select(e => $"{e.From.Spelling} {e.To.Spelling} {e.Tier.Word()}"));
            Assert.Equal(edges.Count, graph.CountEdges());
        }
    });

    private static PlainRelease[] Releases(Random random, int count = 0)
    {
        var versions = new SortedSet<(int, int, int)>();
        count = count == 0 ? random.Next(2, 9) : count;
        while (versions.Count < count)
        {
            versions.Add(random.Next(12) switch
            {
                0 => (2, 0, random.Next(1, 9)),
                1 => (1, 4, random.Next(1, 40)),
                _ => (1, 5, random.Next(1, 40))
            });
        }

        var numbers = versions.Select(v => new[] { v.Item1, v.Item2, v.Item3 }).ToArray();
        var predates = random.Next(4) == 0;
        return [.. numbers.Select((version, i) => new PlainRelease(
            version,
            [random.Next(30) == 0 ? 2 : 1, Math.Max(0, (i / 2) + (random.Next(12) == 0 ? -1 : 1))],
            (random.Next(25) == 0 ? 0UL : 1UL << 18) | (random.Next(25) == 0 ? 0UL : 2UL)
                | ((ulong)(random.Next(3) > 0 ? 15 : random.Next(16)) << 24),
            random.Next(8) == 0 ? [Cpus[random.Next(5)]] : [0x806F8, 0xC06F0, Cpus[random.Next(5)]],
            random.Next(6) == 0 ? numbers[random.Next(i + 1)] : [version[0], version[1], random.Next(3)],
            random.Next(4) == 0 ? [[1, 5, random.Next(6)]] : [[1, 5, 0], [2, 0, random.Next(3)]],
            predates || random.Next(12) == 0 ? null
                : [.. numbers.Take(i).Where(_ => random.Next(3) > 0),
                .. random.Next(4) == 0 ? [[1, 5, random.Next(version[2] + 1)]] : Array.Empty<int[]>()],
            random.Next(10) == 0))];
    }

    private static PlainQuestion Question(Random random, PlainRelease[] releases)
    {
        int[] Version() => random.Next(3) > 0 ? releases[random.Next(releases.Length)].Version : [1, 5, random.Next(40)];
        string Range()
        {
            var (a, b) = (Version(), Version());
            var (low, high) = Comparer<(int, int, int)>.Default.Compare((a[0], a[1], a[2]), (b[0], b[1], b[2])) <= 0 ? (a, b) : (b, a);
            return random.Next(6) switch
            {
                0 => PlainModel.Text(a),
                1 => $"[{PlainModel.Text(a)}]",
                2 => $"[{PlainModel.Text(low)},{PlainModel.Text(high)}]",
                3 => $"{"[("[random.Next(2)]}{PlainModel.Text(low)},)",
                4 => $"(,{string.Join('.', high)}{"])"[random.Next(2)]}",
                _ => random.Next(3) == 0 ? "*" : $"({PlainModel.Text(low)},{high[0]}.{high[1]}.{high[2] + 2})",
            };
        }

        string[] Ranges() => random.Next(4) == 0 ? [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Range())] : [];
        PlainSiteRule Rule()
        {
            var kind = new[] { "denied", "blocked", "barrier", "deadEnd" }[random.Next(4)];
            var (from, to) = (kind == "deadEnd" ? PlainModel.Text(Version()) : Range(),
                kind == "barrier" ? PlainModel.Text(Version()) : Range());
            return new(kind, from, to, random.Next(3) == 0 ? [Cpus[random.Next(5)]] : []);
        }

        long? remaining = random.Next(3) == 0 ? random.Next(5) : null;
        var plain = random.Next(3) == 0;
        return new(
            random.Next(4) == 0 ? Cpus[random.Next(5)] : 0x806F8,
            random.Next(5) switch { 0 => [2, 0, random.Next(4)], 1 => [1, 5, random.Next(6)], _ => [1, 5, 9] },
            random.Next(4) > 0 ? releases[random.Next((releases.Length + 1) / 2)].Version : Version(),
            random.Next(3) == 0 ? [1, random.Next(5)] : null,
            remaining ?? (random.Next(6) == 0 ? uint.MaxValue : null),
            new[] { "default", "strict", "td-preserving" }[random.Next(3)],
            random.Next(2) == 0,
            random.Next(4) == 0 ? releases[random.Next(releases.Length)].Version : null,
            !plain && random.Next(4) == 0 ? 1UL << random.Next(24, 28) : 0,
            !plain && random.Next(4) == 0 ? 1UL << random.Next(24, 28) : 0,
            !plain && random.Next(4) == 0,
            plain ? [] : Ranges(),
            plain ? [] : Ranges(),
            random.Next(4) == 0,
            !plain && random.Next(3) == 0 ? [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Rule())] : []);
    }

    private static ReleaseFacts Facts(PlainRelease release) => new(
        Version(release.Version),
        PlainModel.Text(release.Version),
        new SeamSvn((byte)release.Svn[0], (byte)release.Svn[1]),
        new string('0', 96),
        release.Features,
        [.. release.Cpus.Select(c => new CpuSignature(c))],
        Version(release.Minimum),
        [.. release.Loaders.Select(Version)],
        release.Strict is null ? null : [.. release.Strict.Select(Version)],
        release.Debug,
        $"{PlainModel.Text(release.Version)}.blob");

    private static PlanRequest Request(PlainQuestion question) =>
        new(new(question.Cpu), Version(question.Loader), Version(question.Running))
        {
            RunningSvn = question.RunningSvn is { } svn ? new SeamSvn((byte)svn[0], (byte)svn[1]) : null,
            Remaining = question.Remaining,
            Policy = new PlanPolicy
            {
                Tier = question.Tier switch
                {
                    "strict" => TierPolicy.Strict,
                    "td-preserving" => TierPolicy.TdPreserving,
                    _ => TierPolicy.Default
                },
                Prefer = question.Smallest ? Preference.Smallest : Preference.Fewest,
                Target = question.Target is { } target ? Version(target) : null,
                RequiredFeatures = question.Required,
                UsedFeatures = question.Used,
                KeepAllFeatures = question.KeepAll,
                Allowed = [.. question.Allowed.Select(Range)],
                Denied = [.. question.Denied.Select(Range)],
                AllowDebug = question.AllowDebug,
                Site = question.Site.Length == 0 ? null : Site(question.Site),
            },
        };

    private static SitePolicy Site(PlainSiteRule[] rules)
    {
        IEnumerable<PlainSiteRule> Of(string kind) => rules.Where(r => r.Kind == kind);
        static CpuSignature[] Families(PlainSiteRule rule) => [.. rule.Cpus.Select(c => new CpuSignature(c))];
        return new SitePolicy
        {
            Name = "site",
            Denied = [.. Of("denied").Select(r => new SiteDenial(Range(r.To), "r", Families(r)))],
            Blocked = [.. Of("blocked").Select(r => new BlockedStep(Range(r.From), Range(r.To), "r", null, Families(r)))],
            Barriers = [.. Of("barrier").Select(r => new SiteVersion(ModuleVersion.Parse(r.To), "r", Families(r)))],
            DeadEnds = [.. Of("deadEnd").Select(r => new SiteVersion(ModuleVersion.Parse(r.From), "r", Families(r)))],
        };
    }

    private static NuGet.Versioning.VersionRange Range(string text) => VersionRanges.Parse(text, out _)!;

    private static ModuleVersion Version(int[] numbers) => new((ushort)numbers[0], (ushort)numbers[1], (ushort)numbers[2]);
}
