using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Planning.Rollout;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel wave ROLLOUT</c>.</summary>
internal sealed class WaveCommand
{
    private readonly Argument<string> path = new("ROLLOUT") { Description = "the rollout.json" };
    private readonly Option<string> stateFile = new("--state")
    {
        HelpName = "FILE",
        Required = true,
        Description = "JSON lines with a result each; need not be there yet"
    };
    private readonly Option<string?> plans =
        new("--plans") { HelpName = "FILE", Description = "refuse a rollout of other plans than these" };
    private readonly Option<string?> format = new("--format")
    {
        HelpName = "json|inventory|playbook",
        Description = "inventory and playbook are Ansible's; default: json"
    };
    private readonly Option<bool> retry = new("--retry") { Description = "try the failed hosts again: noted in the state file" };
    private readonly Option<bool> skip = new("--skip-failed") { Description = "go on without the failed hosts: noted in the state file" };

    public static Command Create(Terminal terminal) => new WaveCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        format.AcceptOnlyFromAmong("json", "inventory", "playbook");
        var command = new Command("wave",
            "Say which hosts are next, or why none is (exit 5).\n\n"
            + "Example: tdxrel wave rollout/rollout.json --state state.jsonl --format playbook")
        {
            path, stateFile, plans, format, retry, skip,
        };
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        var (rollout, id) = RolloutStage.Read(parse.GetRequiredValue(path));
        RequirePlans(parse.GetRequiredValue(path), rollout, parse.GetValue(plans));
        var file = OutputPath.OfState(parse.GetRequiredValue(stateFile));
        var (state, lines) = RolloutStage.State(rollout, id, file);
        if (parse.GetValue(retry) || parse.GetValue(skip))
        {
            RolloutStage.Decide(state, id, file, lines, parse.GetValue(retry) ? "retry" : "skipped");
        }

        Print(terminal, state);
        var next = state.Next();
        terminal.Bytes(parse.GetValue(format) switch
        {
            "inventory" => RolloutAnsible.Inventory(state, next?.Batches ?? []),
            "playbook" => RolloutAnsible.Playbook(state, id, next?.Wave ?? 0, next?.Batches ?? []),
            _ => RolloutJson.Next(state, id, next),
        });
        return (int)ExitCode.Success;
    }

    private static void RequirePlans(string path, RolloutPlan rollout, string? plans)
    {
        if (plans is not null && RolloutStage.Hash(plans) is var hash && hash != rollout.Options.Plans)
        {
            throw new TdxException(
                ExitCode.VerificationFailed,
                $"{path}: made from plans {rollout.Options.Plans}, {plans} is {hash}",
                "tdxrel rollout makes a new one");
        }
    }

    private static void Print(Terminal terminal, RolloutState state)
    {
        var changed = state.With(HostResult.Changed).Select(h => h.Host).ToList();
        if (changed.Count > 0)
        {
            var first = string.Join(", ", changed.Take(10));
            terminal.Notice($"{changed.Count} hosts run another module than planned and need a new plan: {first}");
        }
    }
}
