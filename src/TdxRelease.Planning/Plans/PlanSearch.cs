using TdxRelease.Core.Findings;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Plans;

/// <summary>One request against the releases: the allowed steps of the running line, and the paths in them.</summary>
internal sealed class PlanSearch
{
    private readonly ReleaseSet releases;
    private readonly PlanPolicy policy;
    private readonly List<ReleaseFacts> nodes;
    private readonly StepSource[] sources;
    private readonly PathFinder finder;
    private readonly int[] distances;

    public PlanSearch(ReleaseSet releases, PlanRequest request)
    {
        if (request.Remaining < 0)
        {
            throw new TdxException(ExitCode.Usage, $"updates left is {request.Remaining}, want 0 to 4294967295");
        }

        this.releases = releases;
        Request = request;
        policy = request.Policy;
        Source = StepSource.Of(releases, request.Cpu, request.Seamldr, request.Running, request.RunningSvn);
        Target = policy.Target is { } wanted ? releases.Find(wanted) ?? throw Unknown(wanted) : null;
        nodes = [.. releases.Releases.Where(r => r.Version.SameLine(Source.Running) && r.Version > Source.Running
            && StepRules.Runs(Source, r, policy.AllowDebug))];
        sources = [Source, .. nodes.Select(Source.After)];
        finder = new PathFinder([.. sources.Select(s => s.Running)], (from, to) => Edge(sources[from], nodes[to - 1]), policy.Prefer);
        distances = finder.Distances();
    }

    public PlanRequest Request { get; }

    public StepSource Source { get; }

    /// <summary>The target asked for, if any.</summary>
    public ReleaseFacts? Target { get; }

    /// <summary>The newest release of the running line that fits the host, if newer than the running one.</summary>
    public ReleaseFacts? Newest => nodes.Count > 0 ? nodes[^1] : null;

    /// <summary>
    /// Releases of the running line for this processor that are newer than the running one, whether the loader takes them or not.
    /// </summary>
    public IEnumerable<ReleaseFacts> Newer =>
        releases.Releases.Where(r => OnLine(r) && r.Version > Source.Running && (policy.AllowDebug || !r.IsDebug));

    /// <summary>The running release, if it may be loaded over itself.</summary>
    public ReleaseFacts? Reinstall =>
        releases.Find(Source.Running) is { } running && StepRules.Updates(Source, running, policy.AllowDebug) && Request.Remaining != 0
        ? running : null;

    /// <summary>Whether no strict step leaves the running module.</summary>
    public bool IsIsland() => !nodes.Exists(r => StepRules.Updates(Source, r, policy.AllowDebug) && StepRules.Strict.Holds(Source, r));

    public bool IsEligible(ReleaseFacts release)
    {
        var node = nodes.IndexOf(release);
        return node >= 0 && Request.Remaining != 0 && finder.Allows(0, node + 1);
    }

    public Refusal Refuse(ReleaseFacts release)
    {
        var reasons = StepRules.Broken(Source, release, policy.AllowDebug)
            .Concat(PlanConstraints.Broken(policy, Request.Remaining, Source, release));
        return new(release, StepRules.Answer(Source, release, policy.AllowDebug), [.. reasons]);
    }

    /// <summary>The least number of updates that lead to a release, budget aside; null where none do.</summary>
    public int? Distance(ReleaseFacts release) =>
        nodes.IndexOf(release) is var node and >= 0 && distances[node + 1] > 0 ? distances[node + 1] : null;

    /// <summary>The best path to the target, or to the newest release reachable within the budget.</summary>
    public IReadOnlyList<PlanStep> Path()
    {
        for (var node = nodes.Count; node > 0; node--)
        {
            if ((Target is null || nodes[node - 1] == Target) && distances[node] > 0
                && (Request.Remaining is null || distances[node] <= Request.Remaining))
            {
                return PathTo(node, Request.Remaining);
            }
        }

        return [];
    }

    /// <summary>The best path to every release that can be reached without a budget, sorted by target.</summary>
    public IEnumerable<IReadOnlyList<PlanStep>> Paths() =>
        Enumerable.Range(1, nodes.Count).Where(n => distances[n] > 0).Select(n => PathTo(n, null));

    /// <summary>The best path to a release without a budget; empty where there is none.</summary>
    public IReadOnlyList<PlanStep> PathWithoutBudget(ReleaseFacts release) =>
        nodes.IndexOf(release) is var node and >= 0 ? PathTo(node + 1, null) : [];

    public PlanOutcome Outcome(IReadOnlyList<PlanStep> path)
    {
        if (path.Count > 0)
        {
            return PlanOutcome.Path;
        }

        var done = Target is null ? !Newer.Any() && releases.Releases.Any(OnLine) : Target.Version == Source.Running;
        return done ? PlanOutcome.UpToDate : PlanOutcome.NoPath;
    }

    private List<PlanStep> PathTo(int node, long? budget)
    {
        var steps = new List<PlanStep>();
        var at = 0;
        foreach (var next in finder.Path(node, budget))
        {
            steps.Add(PlanStep.Of(sources[at], nodes[next - 1]));
            at = next;
        }

        return steps;
    }

    private (bool Allowed, bool Strict) Edge(StepSource source, ReleaseFacts target) =>
        (StepRules.Updates(source, target, policy.AllowDebug) && !PlanConstraints.Broken(policy, null, source, target).Any(),
            StepRules.Strict.Holds(source, target));

    private bool OnLine(ReleaseFacts release) => release.Version.SameLine(Source.Running) && release.Fits(Source.Cpu);

    private TdxException Unknown(ModuleVersion version) => new(
        ExitCode.Usage,
        $"\"{version}\" is not a release of this snapshot",
        $"releases: {string.Join(", ", releases.Releases.Select(r => r.Spelling))}");
}
