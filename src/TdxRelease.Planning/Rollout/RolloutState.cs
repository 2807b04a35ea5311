using System.Text.RegularExpressions;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Planning.Rollout;

/// <summary>What became of a host.</summary>
public enum HostResult
{
    /// <summary>Nothing yet, or it is to be tried again.</summary>
    Pending,

    /// <summary>It runs its target.</summary>
    Done,

    /// <summary>It does not, or it cannot be reached.</summary>
    Failed,

    /// <summary>It runs a module that its plan does not know: it needs a new plan.</summary>
    Changed,

    /// <summary>It failed, and the operator goes on without it.</summary>
    Skipped,
}

/// <summary>
/// How far a rollout is. Its file is a line of JSON a result, only ever appended to: what a killed controller or a full disk left
/// half-written at its end does not
/// count, so that the host is looked at again.
/// </summary>
public sealed partial class RolloutState
{
    private readonly Dictionary<string, (RolloutHost Host, int Wave)> places;
    private readonly Dictionary<string, HostResult> results = [];

    private RolloutState(RolloutPlan plan)
    {
        Plan = plan;
        places = plan.Waves.SelectMany((wave, i) => wave.Hosts.Select(host => (host, i)))
            .ToDictionary(p => p.host.Host, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The rollout.</summary>
    public RolloutPlan Plan { get; }

    /// <summary>Reads the state of a rollout.</summary>
    /// <param name="plan">The rollout.</param>
    /// <param name="id">Its hash.</param>
    /// <param name="lines">The state file; empty before the first wave.</param>
    /// <param name="name">How errors call it.</param>
    /// <exception cref="TdxException">Exit 3: a line that is none, of another rollout, or of a host in no wave.</exception>
    public static RolloutState Read(RolloutPlan plan, string id, ReadOnlyMemory<byte> lines, string name)
    {
        var state = new RolloutState(plan);
        var rest = lines.Span;
        for (var row = 1; rest.IndexOf((byte)'\n') is var end and >= 0; row++)
        {
            var line = StrictObject.Of(RolloutHost.Parse(rest[..end], $"{name}:{row}"), $"{name}:{row}");
            state.Add(line, id);
            rest = rest[(end + 1)..];
        }

        return rest.IsEmpty || rest[0] == '{' ? state : throw new TdxException(ExitCode.BadInput, $"{name}: the last line is not a result");
    }

    /// <summary>What became of a host of the rollout.</summary>
    public HostResult Of(string host) => results.GetValueOrDefault(host);

    /// <summary>Notes a result.</summary>
    /// <exception cref="TdxException">Exit 3: the host is in no wave.</exception>
    public void Add(string host, HostResult result, string place = "the state") =>
        results[places.TryGetValue(host, out var known) ? known.Host.Host
        : throw new TdxException(ExitCode.BadInput, $"{place}: host \"{host}\" is in no wave of this rollout")] = result;

    /// <summary>The hosts with that result, in the order of the waves.</summary>
    public IEnumerable<RolloutHost> With(HostResult result) => Plan.Waves.SelectMany(w => w.Hosts).Where(h => Of(h.Host) == result);

    /// <summary>The first wave with hosts to do, and their batches; null where all waves are through.</summary>
    /// <exception cref="TdxException">Exit 5: too many hosts of it, or of a wave before it, failed.</exception>
    public (int Wave, IReadOnlyList<IReadOnlyList<RolloutHost>> Batches)? Next()
    {
        for (var i = 0; i < Plan.Waves.Count; i++)
        {
            Require(i);
            var batches = Plan.Waves[i].Batches.Select(b => (IReadOnlyList<RolloutHost>)[.. b
                .Where(h => Of(h.Host) == HostResult.Pending)]).Where(b => b.Count > 0).ToList();
            if (batches.Count > 0)
            {
                return (i, batches);
            }
        }

        return null;
    }

    /// <summary>The versions that hosts may run now and until the end of the next wave: what verifiers must accept.</summary>
    public IReadOnlyList<string> Accept()
    {
        var wave = Plan.Waves.Select((_, i) => i).FirstOrDefault(i => Plan.Waves[i].Hosts.Any(h => Of(h.Host) == HostResult.Pending),
            Plan.Waves.Count);
        var versions = places.Values.SelectMany(p => Of(p.Host.Host) switch
        {
            HostResult.Done => [p.Host.Target],
            HostResult.Pending when p.Wave > wave => [p.Host.Running],
            _ => p.Host.Versions,
        });
        return [.. versions.Concat(Plan.Rest.Keys).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>How many hosts of a wave may fail: none of the canaries, then a share.</summary>
    public int MostFailed(int wave) => wave == 0 ? 0 : (int)((long)Plan.Waves[wave].Hosts.Count() * Plan.Options.MaxFailedPercent / 100);

    private void Require(int wave)
    {
        var failed = Plan.Waves[wave].Hosts.Where(h => Of(h.Host) == HostResult.Failed).Select(h => h.Host).ToList();
        if (failed.Count > MostFailed(wave))
        {
            throw new TdxException(
                ExitCode.Refused,
                $"wave {wave + 1} stopped: {failed.Count} of {Plan.Waves[wave].Hosts.Count()} hosts failed, "
                + $"{MostFailed(wave)} may: {string.Join(", ", failed.Take(10))}",
                "--retry tries them again, --skip-failed goes on without them; "
                + "to abort, start no further wave: a reboot brings the BIOS's module back");
        }
    }

    private void Add(StrictObject line, string id)
    {
        if (line.Text("rollout", AnyText(), "a rollout's hash") is var other && other != id)
        {
            throw new TdxException(ExitCode.BadInput, $"{line.Location}: this is the state of rollout {other}, not of {id}",
                "name the state file of this rollout");
        }

        var host = line.Text("host", AnyText(), "a host's name");
        _ = (line.Has("message"), line.Has("running"));
        Add(host, line.Text("result", Results(), "done, failed, changed, skipped or retry") switch
        {
            "done" => HostResult.Done,
            "failed" => HostResult.Failed,
            "changed" => HostResult.Changed,
            "skipped" => HostResult.Skipped,
            _ => HostResult.Pending,
        }, line.Location);
        line.Done();
    }

    [GeneratedRegex(@"\A[^\x00-\x1f\x7f]+\z")]
    private static partial Regex AnyText();

    [GeneratedRegex(@"\A(done|failed|changed|skipped|retry)\z")]
    private static partial Regex Results();
}
