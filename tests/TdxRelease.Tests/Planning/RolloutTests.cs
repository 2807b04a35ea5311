using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Build.Schemas;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Rollout;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;

namespace TdxRelease.Tests.Planning;

/// <summary>
/// Waves: canaries in each group, no failure domain twice at once, stops, resumption, and allow-lists that no host ever leaves.
/// </summary>
public sealed class RolloutTests : IDisposable
{
    private const string PlanOfA =
        """{"cpu":"0x1","host":"a","outcome":"path","path":[{"risks":[],"tier":"strict","to":"1.5.10"}]"""
        + ""","running":"1.5.05","seamldr":"1.5.02"}""";

    private static readonly string Plans = new('a', 64);

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Each_group_has_its_canaries_and_no_domain_is_touched_twice_at_once() => Property.Check(60, (random, size) =>
    {
        var hosts = Fleet(random, 1 + (size * 3));
        var options = Options("1,5,25,100%") with { MaxParallel = random.Next(1, 30) };
        var plan = RolloutPlan.Of(hosts, options);
        var moving = hosts.Where(h => h.Path.Count > 0).ToList();
        Assert.Equal(moving.Select(h => h.Host).Order(StringComparer.Ordinal), plan.Waves.SelectMany(w => w.Hosts)
            .Select(h => h.Host).Order(StringComparer.Ordinal));
        if (moving.Count == 0)
        {
            Assert.Empty(plan.Waves);
            return;
        }

        Assert.Equal(moving.Select(h => (h.Cpu, h.Running)).Distinct().Order(), plan.Waves[0].Hosts
            .Select(h => (h.Cpu, h.Running)).Order());
        Assert.All(plan.Waves.SelectMany(w => w.Batches), batch =>
        {
            Assert.InRange(batch.Count, 1, options.MaxParallel);
            var domains = batch.Where(h => h.Domain.Length > 0).Select(h => h.Domain).ToList();
            Assert.Equal(domains.Count, domains.Distinct().Count());
        });
        var json = RolloutJson.Write(plan);
        Assert.Empty(SchemaValidator.Validate("rollout.schema.json", json, "rollout"));
        var (read, id) = RolloutJson.Read(json, "rollout.json");
        Assert.Equal(json, RolloutJson.Write(read));
        Assert.Equal(64, id.Length);
    });

    [Theory]
    [InlineData(2_000)]
    [InlineData(100_000)]
    public void A_simulated_fleet_arrives_at_its_plan_and_no_host_runs_what_its_wave_does_not_accept(int count)
    {
        var random = new Random(count);
        var hosts = Fleet(random, count);
        var plan = RolloutPlan.Of(hosts, Options("1,10,1000,100%") with { MaxParallel = 500, MaxFailedPercent = 20 });
        var state = RolloutState.Read(plan, "x", default, "state");
        var runs = hosts.ToDictionary(h => h.Host, h => h.Running);
        for (var stops = 0; ;)
        {
            (int Wave, IReadOnlyList<IReadOnlyList<RolloutHost>> Batches)? next;
            try
            {
                next = state.Next();
            }
            catch (TdxException e) when (e.Code == ExitCode.Refused)
            {
                Assert.InRange(++stops, 1, 1000);
                foreach (var host in state.With(HostResult.Failed).ToList())
                {
                    state.Add(host.Host, HostResult.Pending);
                }

                continue;
            }

            if (next is not { } now)
            {
                break;
            }

            var accept = state.Accept().ToHashSet();
            Assert.Subset(plan.Waves[now.Wave].Accept.During.ToHashSet(), accept);
            Assert.All(runs.Values.Distinct(), version => Assert.Contains(version, accept));
            foreach (var host in now.Batches.SelectMany(b => b))
            {
                Update(host, runs, state, accept, random);
            }
        }

        var failed = state.With(HostResult.Failed).Select(h => h.Host).ToHashSet();
        Assert.InRange(failed.Count, 0, count / 5);
        Assert.All(hosts.Where(h => !failed.Contains(h.Host)), h => Assert.Equal(h.Target, runs[h.Host]));
        Assert.All(hosts, h => Assert.Contains(runs[h.Host], h.Versions));
    }

    // One host of twenty stops somewhere on its path.
    [Fact]
    public void Of_the_canaries_none_may_fail_and_of_later_waves_a_share()
    {
        var hosts = Fleet(new Random(5), 400);
        var plan = RolloutPlan.Of(hosts, Options("1,50%,100%") with { MaxFailedPercent = 10 });
        var state = RolloutState.Read(plan, "id", default, "state");
        Assert.Equal([0, .. plan.Waves.Skip(1).Select(w => w.Hosts.Count() / 10)], plan.Waves.Select((_, i) => state.MostFailed(i)));
        Assert.True(state.MostFailed(1) > 0);
    }

    private static void Update(RolloutHost host, Dictionary<string, string> runs, RolloutState state, HashSet<string> accept, Random random)
    {
        var fails = random.Next(20) == 0 ? random.Next(host.Path.Count) : host.Path.Count;
        foreach (var step in host.Path.SkipWhile(_ => runs[host.Host] != host.Running
            && host.Path.Any(s => s.To == runs[host.Host])).Take(fails))
        {
            Assert.Contains(step.To, accept);
            runs[host.Host] = step.To;
        }

        if (fails == host.Path.Count)
        {
            runs[host.Host] = host.Target;
        }

        state.Add(host.Host, runs[host.Host] == host.Target ? HostResult.Done : HostResult.Failed);
    }

    [Fact]
    public void A_failed_canary_stops_everything_and_the_operator_decides()
    {
        var rollout = Make(PlanOfA, "b", "c");
        Wave(rollout).Ends(0);
        var id = JsonNode.Parse(File.ReadAllBytes(rollout))!["id"]!.ToString();
        File.WriteAllText(temp["state"], $$"""{"host":"A","message":"gone","result":"failed","rollout":"{{id}}","running":""}""" + "\n");
        var stopped = Wave(rollout).Ends(5);
        Assert.Equal("error: wave 1 stopped: 1 of 1 hosts failed, 0 may: a\n"
            + "hint: --retry tries them again, --skip-failed goes on without them; "
            + "to abort, start no further wave: a reboot brings the BIOS's module back\n",
            stopped.Errors);
        Assert.Empty(stopped.Output);
        Assert.Equal("[[\"a\"]]", Batches(Wave(rollout, "--retry")));
        Assert.Equal("[[\"a\"]]", Batches(Wave(rollout)));
        File.AppendAllText(temp["state"], $$"""{"host":"a","result":"failed","rollout":"{{id}}"}""" + "\n");
        Assert.Equal("[[\"b\",\"c\"]]", Batches(Wave(rollout, "--skip-failed")));
        File.AppendAllText(temp["state"],
            $$"""{"host":"b","result":"done","rollout":"{{id}}"}""" + "\n" + $$"""{"host":"c","result":"changed","rollout":"{{id}}"}"""
                + "\n{\"host\":\"b\",\"resu");
        var last = Wave(rollout).Ends(0);
        Assert.Contains("notice: 1 hosts run another module than planned and need a new plan: c\n", last.Errors, StringComparison.Ordinal);
        Assert.Contains("\"finished\":true", last.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_killed_controller_goes_on_with_the_hosts_that_have_no_result()
    {
        var rollout = Make(PlanOfA, "b", "c");
        var id = JsonNode.Parse(File.ReadAllBytes(rollout))!["id"]!.ToString();
        File.WriteAllText(temp["state"],
            $$"""{"host":"a","result":"done","rollout":"{{id}}"}""" + "\n" + $$"""{"host":"b","result":"done","rollout":"{{id}}"}""");
        Assert.Equal("[[\"b\",\"c\"]]", Batches(Wave(rollout)));
    }

    [Fact]
    public void Bad_rollouts_states_and_plans_are_one_error_each()
    {
        var rollout = Make(PlanOfA, "b", "c");
        var text = File.ReadAllText(rollout);
        Says("rollout", 3, "are in no wave\nhint: end --wave with 100%", temp["plans"], "--wave", "1,2", "--out", temp["x"]);
        Says("rollout", 2, "--wave: got \"0\", want a number of hosts or a share", temp["plans"], "--wave", "0,100%", "--out", temp["x"]);
        Says("rollout", 2, "--group-by: got \"rack\"", temp["plans"], "--wave", "100%", "--group-by", "rack", "--out", temp["x"]);
        Says("rollout", 2, "--max-parallel: got 0", temp["plans"], "--wave", "100%", "--max-parallel", "0", "--out", temp["x"]);
        Says("rollout", 3, "plans:1: no column \"rack\"\nhint: tdxrel plan --keep-columns", temp["plans"], "--wave", "100%",
            "--rack-column", "rack", "--out", temp["x"]);
        File.WriteAllText(temp["twice"], PlanOfA + "\n" + PlanOfA + "\n");
        Says("rollout", 3, "twice:2: host \"a\" is in line 1 already", temp["twice"], "--wave", "100%", "--out", temp["x"]);
        File.WriteAllText(temp["details"], "{\"eligible\":[],\"host\":\"a\"}\n");
        Says("rollout", 3, "details:1: key \"cpu\" is missing", temp["details"], "--wave", "100%", "--out", temp["x"]);
        File.WriteAllText(temp["noise"], "host,outcome\n");
        Says("rollout", 3, "noise:1: not JSON", temp["noise"], "--wave", "100%", "--out", temp["x"]);
        Assert.False(Path.Exists(temp["x"]));

        Says("wave", 4, "made from plans ", rollout, "--state", temp["state"], "--plans", temp["twice"]);
        File.WriteAllText(temp["changed.json"], text.Replace("1.5.10", "1.5.16", StringComparison.Ordinal));
        Says("wave", 4, "the rollout was changed after it was made", temp["changed.json"], "--state", temp["state"]);
        var id = JsonNode.Parse(text)!["id"]!.ToString();
        File.WriteAllText(temp["state"], $$"""{"host":"z","result":"done","rollout":"{{id}}"}""" + "\n");
        Says("wave", 3, "state:1: host \"z\" is in no wave of this rollout", rollout, "--state", temp["state"]);
        File.WriteAllText(temp["state"], $$"""{"host":"a","result":"done","rollout":"{{Plans}}"}""" + "\n");
        Says("wave", 3, $"state:1: this is the state of rollout {Plans}, not of {id}", rollout, "--state", temp["state"]);
        File.WriteAllText(temp["state"], $$"""{"host":"a","result":"perhaps","rollout":"{{id}}"}""" + "\n");
        Says("wave", 3, "state:1.result: \"perhaps\", want done, failed, changed, skipped or retry", rollout, "--state", temp["state"]);
    }

    [Fact]
    public void Allow_lists_of_the_waves_are_of_the_form_that_verifiers_read()
    {
        var sample = temp["sample"];
        Run.Tdxrel("sample", "create", sample).Ends(0);
        File.WriteAllText(temp["hosts.csv"],
            "host,cpu,seamldr,running,rack\na,0x806F8,1.5.02,1.5.51,r1\nb,0x806F8,1.5.02,1.5.51,r1\nc,0x806F8,1.5.02,1.5.67,r2\n");
        File.WriteAllText(temp["plans"], Run.Tdxrel("plan", sample, "--policy", "sample", "--inventory", temp["hosts.csv"],
            "--keep-columns").Ends(0).Output);
        Run.Tdxrel("rollout", temp["plans"], "--wave", "100%", "--rack-column", "rack", "--values", sample, "--policy", "sample", "--out",
            temp["r"]).Ends(0);
        foreach (var (when, modules) in new[] { ("before", 2), ("during", 2), ("after", 1) })
        {
            var list = File.ReadAllBytes(temp[$"r/accept/wave-1-{when}.json"]);
            Assert.Empty(SchemaValidator.Validate("reference-values.schema.json", list, when));
            Assert.True(JsonNode.Parse(list)!["accepted_mr_seams"]!.AsArray().Count >= modules, when);
        }

        Assert.Equal("[[\"a\"],[\"b\"]]", Batches(Run.Tdxrel("wave", temp["r/rollout.json"], "--state", temp["s"]).Ends(0)));
        var inventory = JsonNode.Parse(Run.Tdxrel("wave", temp["r/rollout.json"], "--state", temp["s"], "--format",
            "inventory").Ends(0).Output)!;
        Assert.Equal(["a", "b"], inventory["tdx_wave"]!["hosts"]!.AsObject().Select(h => h.Key));
        var play = JsonNode.Parse(Run.Tdxrel("wave", temp["r/rollout.json"], "--state", temp["s"], "--format",
            "playbook").Ends(0).Output)![0]!;
        Assert.Equal("[1,1]", play["serial"]!.ToJsonString());
    }

    [Fact]
    public void A_module_that_upstream_does_not_list_is_in_the_allow_lists_by_its_measurement()
    {
        const string Unlisted = """{"cpu":"0x806f0","host":"a","outcome":"no-path","path":[],"running":"1.5.99","seamldr":"1.5.02"}""";
        const string Listed =
            """{"cpu":"0x806f0","host":"b","outcome":"path","path":[{"risks":[],"tier":"strict","to":"1.5.67"}]"""
            + ""","running":"1.5.51","seamldr":"1.5.02"}""";
        Run.Tdxrel("sample", "create", temp["sample"]).Ends(0);
        File.WriteAllText(temp["plans"], Unlisted + "\n" + Listed + "\n");
        var mrSeam = new string('A', 96);
        string[] all = [temp["plans"], "--wave", "100%", "--values", temp["sample"], "--policy", "sample", "--out", temp["r"]];
        Says("rollout", 3, "a host runs module 1.5.99, whose measurement is not there\nhint: take it from a quote", all);
        Says("rollout", 2, "--measurement: got \"1.5.99\", want VERSION:SVN:MRSEAM", [.. all, "--measurement", "1.5.99"]);
        Says("rollout", 2, "want VERSION:SVN:MRSEAM", [.. all, "--measurement", $"1.5.99:1:{mrSeam}"]);
        Says("rollout", 2, "want VERSION:SVN:MRSEAM", [.. all, "--measurement", $"1.5.99:1.256:{mrSeam}"]);
        Says("rollout", 2, "want VERSION:SVN:MRSEAM", [.. all, "--measurement", $"1.5.99:1.2:{mrSeam[1..]}g"]);
        Says("rollout", 3, "upstream lists 1.5.51", [.. all, "--measurement", $"1.5.51:1.2:{mrSeam}"]);
        Says("rollout", 2, "--measurement needs --values", temp["plans"], "--wave", "100%", "--out", temp["r"],
            "--measurement", $"1.5.99:1.2:{mrSeam}");
        Assert.False(Path.Exists(temp["r"]));
        Run.Tdxrel(["rollout", .. all, "--measurement", $"1.5.99:1.2:{mrSeam}"]).Ends(0);
        foreach (var when in new[] { "before", "during", "after" })
        {
            var list = JsonNode.Parse(File.ReadAllBytes(temp[$"r/accept/wave-1-{when}.json"]))!;
            Assert.Contains(mrSeam.ToLowerInvariant(), list["accepted_mr_seams"]!.AsArray().Select(v => v!.ToString()));
            Assert.Equal("0201" + new string('0', 28), list["minimum_tee_tcb_svn"]!.ToString());
        }
    }

    private void Says(string command, int code, string error, params string[] args) =>
        Assert.Contains(error, Run.Tdxrel([command, .. args]).Ends(code).Errors, StringComparison.Ordinal);

    private Run Wave(string rollout, params string[] args) => Run.Tdxrel(["wave", rollout, "--state", temp["state"], .. args]);

    private static string Batches(Run run) => JsonNode.Parse(run.Ends(0).Output)!["batches"]!.ToJsonString();

    private string Make(string line, params string[] others)
    {
        File.WriteAllText(temp["plans"], string.Concat(others.Prepend("a")
            .Select(h => line.Replace("\"a\"", $"\"{h}\"", StringComparison.Ordinal) + "\n")));
        Run.Tdxrel("rollout", temp["plans"], "--wave", "1,100%", "--out", temp["rollout"]).Ends(0);
        return temp["rollout/rollout.json"];
    }

    private static RolloutOptions Options(string waves) => new() { Waves = WaveSize.Parse(waves), Plans = Plans };

    private static List<RolloutHost> Fleet(Random random, int count)
    {
        string[] versions = ["1.5.05", "1.5.06", "1.5.08", "1.5.16"];
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var at = random.Next(versions.Length);
            var path = versions.Skip(at + 1).Where(v => v == "1.5.16" || random.Next(2) == 0)
                .Select(v => new RolloutStep(v, "td-preserving"));
            return new RolloutHost($"node{i}", $"0x{random.Next(4)}", "1.5.02", versions[at], [.. path], random.Next(5) == 0 ? ""
                : $"rack{random.Next(1 + (count / 20))}");
        })];
    }
}
