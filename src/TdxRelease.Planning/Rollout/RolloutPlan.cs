using TdxRelease.Core.Findings;

namespace TdxRelease.Planning.Rollout;

/// <summary>How a rollout is cut.</summary>
public sealed record RolloutOptions
{
    /// <summary>The columns whose values make a group: each group has its own canaries.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = ["cpu", "running"];

    /// <summary>How many hosts of each group are done by the end of each wave.</summary>
    public required IReadOnlyList<WaveSize> Waves { get; init; }

    /// <summary>The most hosts that are updated at once.</summary>
    public int MaxParallel { get; init; } = 20;

    /// <summary>The share of a wave's hosts that may fail before the rollout stops, in percent; of the first wave none may.</summary>
    public int MaxFailedPercent { get; init; } = 5;

    /// <summary>SHA-256 of the file of plans, lower-case hex.</summary>
    public required string Plans { get; init; }

    /// <summary>Sequence of the bundle that hosts must have; null where any is taken.</summary>
    public long? Sequence { get; init; }
}

/// <summary>What verifiers must accept around a wave, as versions.</summary>
/// <param name="Before">Until the wave begins.</param>
/// <param name="During">From its begin on, until every host is done.</param>
/// <param name="After">When every host of it and of the waves before is done.</param>
public sealed record WaveAccept(IReadOnlyList<string> Before, IReadOnlyList<string> During, IReadOnlyList<string> After);

/// <summary>A wave.</summary>
/// <param name="Batches">Hosts that are updated at the same time; no two of them are in one failure domain.</param>
/// <param name="Accept">What verifiers must accept.</param>
public sealed record Wave(IReadOnlyList<IReadOnlyList<RolloutHost>> Batches, WaveAccept Accept)
{
    /// <summary>All its hosts, batch by batch.</summary>
    public IEnumerable<RolloutHost> Hosts => Batches.SelectMany(b => b);
}

/// <summary>Who is updated when. Data only: an engine such as Ansible carries it out.</summary>
/// <param name="Options">How it was cut.</param>
/// <param name="Waves">The waves, in order.</param>
/// <param name="Rest">Hosts of the plan that stay as they are, by the version that they run.</param>
public sealed record RolloutPlan(RolloutOptions Options, IReadOnlyList<Wave> Waves, IReadOnlyDictionary<string, int> Rest)
{
    /// <summary>Cuts a fleet's plan into waves: the first hosts of each group in the plan's order are its canaries.</summary>
    /// <exception cref="TdxException">Exit 3: a host would be in no wave.</exception>
    public static RolloutPlan Of(IReadOnlyList<RolloutHost> hosts, RolloutOptions options)
    {
        var waves = options.Waves.Select(_ => new List<RolloutHost>()).ToList();
        foreach (var group in hosts.Where(h => h.Path.Count > 0).GroupBy(h =>
            string.Join(' ', options.GroupBy.Select(key => Value(h, key)))))
        {
            var members = group.ToList();
            var done = 0;
            for (var i = 0; i < waves.Count; i++)
            {
                var end = Math.Max(done, options.Waves[i].Of(members.Count));
                waves[i].AddRange(members[done..end]);
                done = end;
            }

            if (done < members.Count)
            {
                throw new TdxException(
                    ExitCode.BadInput,
                    $"host \"{members[done].Host}\" and {members.Count - done - 1} more of group {group.Key} are in no wave",
                    "end --wave with 100%");
            }
        }

        var rest = hosts.Where(h => h.Path.Count == 0).GroupBy(h => h.Running).ToDictionary(g => g.Key, g => g.Count());
        var full = waves.Where(w => w.Count > 0).ToList();
        var accept = Accept(full, [.. rest.Keys]);
        return new(options, [.. full.Select((wave, i) => new Wave(Batches(wave, options.MaxParallel), accept[i]))], rest);
    }

    private static string Value(RolloutHost host, string key) => key switch
    {
        "cpu" => host.Cpu,
        "running" => host.Running,
        "seamldr" => host.Seamldr,
        _ => host.Target,
    };

    /// <summary>
    /// Hosts are dealt out to the batches like cards, sorted by failure domain: as no domain has more hosts than there are batches, no
    /// batch gets two of one.
    /// </summary>
    private static List<RolloutHost>[] Batches(List<RolloutHost> wave, int most)
    {
        var domains = wave.GroupBy(h => h.Domain.Length > 0 ? h.Domain : "\n" + h.Host).OrderByDescending(d => d.Count()).ToList();
        var batches = new List<RolloutHost>[Math.Max((wave.Count + most - 1) / most, domains[0].Count())];
        var next = 0;
        foreach (var host in domains.SelectMany(d => d))
        {
            (batches[next++ % batches.Length] ??= []).Add(host);
        }

        return batches;
    }

    /// <summary>Hosts that failed may run any module of their path from their wave on, so only the last column gets shorter.</summary>
    private static List<WaveAccept> Accept(List<List<RolloutHost>> waves, IReadOnlyCollection<string> rest)
    {
        var all = waves.SelectMany(w => w).ToList();
        var before = all.Select(h => h.Running).Concat(rest).ToHashSet();
        var accept = new List<WaveAccept>();
        var later = all.GroupBy(h => h.Running).ToDictionary(g => g.Key, g => g.Count());
        var reached = rest.ToHashSet();
        foreach (var wave in waves)
        {
            var during = before.Concat(wave.SelectMany(h => h.Versions)).ToHashSet();
            foreach (var host in wave)
            {
                later[host.Running]--;
                reached.Add(host.Target);
            }

            accept.Add(new(Sorted(before), Sorted(during), Sorted(later.Where(v => v.Value > 0).Select(v => v.Key).Concat(reached))));
            before = during;
        }

        return accept;
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<string> versions) => [.. versions.Distinct().Order(StringComparer.Ordinal)];
}
