using System.Globalization;
using System.Text.Json.Nodes;
using TdxRelease.HostModel;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Planning;

/// <summary>
/// A fleet of model hosts through the real ansible-playbook. A host costs seconds of Ansible's processor time, so there are 12 here;
/// TDXREL_FLEET=200 runs 200.
/// The simulation of 100,000 hosts without Ansible is among the fast tests.
/// </summary>
public sealed class PlaybookTests(ITestOutputHelper output)
{
    private static int Count => int.Parse(Environment.GetEnvironmentVariable("TDXREL_FLEET") ?? "12", CultureInfo.InvariantCulture);

    [Fact]
    public void A_fleet_with_failures_stops_resumes_and_arrives_at_its_plan()
    {
        // 5 % fail, at least one in each way: the first canary's upload is refused, a module is lost, a host is down.
        var faults = new Dictionary<int, ModelSettings> { [0] = new() { RefuseAt = 1 }, [9] = new() { FailAfterShutdownAt = 1 } };
        for (var i = 60; i < Count; i += 30)
        {
            faults[i + 1] = new() { RefuseAt = 1 };
        }

        using var fleet = new ModelFleet(Count, faults);
        fleet.Ansible("-i", "hosts.json", "tdx.module.inventory", "-e", $"tdx_module_inventory={fleet["hosts.jsonl"]}").Ok();
        fleet.WriteResult("plans.jsonl", ModelFleet.Tdxrel("plan", fleet["sample"], "--policy", "sample", "--tier", "td-preserving",
            "--inventory", fleet["hosts.jsonl"]).Ok());
        ModelFleet.Tdxrel("rollout", fleet["plans.jsonl"], "--wave", "1,100%", "--max-failed", "0", "--values", fleet.Bundle, "--key",
            fleet["release.pub.pem"],
            "--policy", "sample", "--out", fleet["rollout"]).Ok();
        var plans = File.ReadAllLines(fleet["plans.jsonl"]).Select(l => JsonNode.Parse(l)!).ToDictionary(p => p["host"]!.ToString());
        fleet.WriteHosts(down: Count - 1);

        var stops = 0;
        for (var round = 0; ; round++)
        {
            Assert.InRange(round, 0, 8 + (2 * faults.Count));
            var next = Wave(fleet);
            if (next.Exit == 5)
            {
                // The operator repairs what can be repaired, then goes on without the host whose module is gone.
                if (++stops == 2)
                {
                    fleet.WriteHosts(down: null);
                }

                var onlyTheLost = next.Errors.Contains("1 of ", StringComparison.Ordinal)
                    && next.Errors.Contains(ModelFleet.Name(9), StringComparison.Ordinal);
                next = Wave(fleet, onlyTheLost && stops > 2 ? "--skip-failed" : "--retry");
            }

            if (next.Ok().Output.Contains("\"finished\":true", StringComparison.Ordinal))
            {
                break;
            }

            fleet.WriteResult("wave.json", Wave(fleet, "--format", "inventory").Ok());
            fleet.WriteResult("wave.yml", Wave(fleet, "--format", "playbook").Ok());
            var run = fleet.Ansible("-i", "hosts.json", "-i", "wave.json", "wave.yml", "-e", $"tdx_module_state={fleet["state.jsonl"]}");
            output.WriteLine($"round {round}: exit {run.Exit}\n{run.Output[Math.Max(0, run.Output.Length - 1500)..]}");
        }

        Assert.InRange(stops, 3,
            2 + faults.Count); // the canary; the lost and the absent host; the lost one again; others in a larger fleet
        for (var i = 0; i < Count; i++)
        {
            var plan = plans[ModelFleet.Name(i)];
            var path = plan["path"]!.AsArray().Select(s => s!["to"]!.ToString()).ToList();
            Assert.NotEmpty(path);
            var want = i == 9 ? null : path[^1];
            Assert.True(want == fleet.Models[i].Version, $"{ModelFleet.Name(i)}: runs {fleet.Models[i].Version}, want {want}: {plan}");
            Assert.InRange(fleet.Models[i].Commits.Count, 0, path.Count + 1);
        }

        Again(fleet);
    }

    /// <summary>The commands of docs/fleet.md, as they stand there, on a fleet of four; wave by wave until it is finished.</summary>
    [Fact]
    public void The_page_leads_from_an_inventory_to_a_finished_rollout()
    {
        using var fleet = new ModelFleet(4, new Dictionary<int, ModelSettings>());
        var blocks = File.ReadAllText(Path.Combine(TestData.Checkout, "docs/fleet.md")).Split("```sh\n").Skip(1)
            .Select(b => b.Split("```")[0]).ToList();
        Assert.Equal(3, blocks.Count);
        fleet.Shell("ln -s sample snapshot && cp release/*.tar.gz bundle.tar.gz").Ok();
        fleet.Shell(blocks[0]).Ok();
        fleet.Shell(blocks[1]).Ok();
        for (var wave = 0; !Wave(fleet).Ok().Output.Contains("\"finished\":true", StringComparison.Ordinal); wave++)
        {
            Assert.InRange(wave, 0, 2);
            fleet.Shell(blocks[2]).Ok();
        }

        var targets = File.ReadAllLines(fleet["plans.jsonl"]).Select(l => JsonNode.Parse(l)!["path"]!.AsArray()[^1]!["to"]!.ToString());
        Assert.Equal(targets, fleet.Models.Select(m => m.Version!));
    }

    /// <summary>A plan of another bundle, a host with another module, a full disk: the host is not touched, and it is said.</summary>
    [Theory]
    [InlineData("\"tdx_module_sequence\":\"9\"", 2, "is installed, the plan is of 9", "failed")]
    [InlineData("\"tdx_module_running\":\"1.5.62\"", 0, "failed=0", "changed")]
    [InlineData("\"tdx_module_state\":\"/dev/full\"", 2, "No space left on device", null)]
    public void A_host_that_is_not_as_planned_is_not_touched(string variables, int exit, string says, string? result)
    {
        using var fleet = new ModelFleet(1, new Dictionary<int, ModelSettings>());
        File.WriteAllText(fleet["play.yml"], """[{"name":"one","hosts":"all","gather_facts":false,"roles":["tdx.module.update"]}]""");
        var plan = """{"tdx_module_running":"1.5.67","tdx_module_path":[{"to":"1.5.68","tier":"strict"}]"""
            + $$""","tdx_module_rollout":"x","tdx_module_state":"{{fleet["s"]}}"}""";
        var run = fleet.Ansible("-i", "hosts.json", "play.yml", "-e", plan, "-e", $"{{{variables}}}");
        Assert.True(run.Exit == exit && (run.Output + run.Errors).Contains(says, StringComparison.Ordinal), run.Output + run.Errors);
        Assert.Equal(result, File.Exists(fleet["s"]) ? JsonNode.Parse(File.ReadAllLines(fleet["s"])[^1])!["result"]!.ToString() : null);
        Assert.Empty(fleet.Models[0].Commits);
    }

    [Fact]
    public void The_collection_is_lint_clean()
    {
        using var fleet = new ModelFleet(0, new Dictionary<int, ModelSettings>());
        var run = fleet.Shell("cd ansible_collections/tdx/module && ansible-lint --offline --nocolor -q");
        Assert.True(run.Exit == 0, run.Output + run.Errors);
    }

    [Fact]
    public void The_alert_rules_and_the_metrics_satisfy_promtool()
    {
        using var fleet = new ModelFleet(1, new Dictionary<int, ModelSettings>());
        var updater = Path.Combine(TestData.Checkout, "src/host/tdx-module-update");
        fleet.Shell($"promtool check rules '{updater}.rules.yml'").Ok();
        fleet.Shell($"'{updater}' status --prometheus --root hosts/node000 | promtool check metrics").Ok();
    }

    // What has arrived is not touched again, and a dry run touches nothing.
    private static void Again(ModelFleet fleet)
    {
        var before = fleet.Models.Sum(m => m.Commits.Count);
        var run = fleet.Ansible("-i", "hosts.json", "-i", "wave.json", "wave.yml", "--check");
        Assert.Contains("changed=0", run.Output, StringComparison.Ordinal);
        Assert.Equal(before, fleet.Models.Sum(m => m.Commits.Count));
    }

    private static ToolResult Wave(ModelFleet fleet, params string[] options) =>
        ModelFleet.Tdxrel(["wave", fleet["rollout/rollout.json"], "--state", fleet["state.jsonl"], .. options]);
}
