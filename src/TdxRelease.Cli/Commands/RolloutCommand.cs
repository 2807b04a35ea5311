using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Pipeline;
using TdxRelease.Planning.Rollout;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Attestation;
using TdxRelease.Release.Rebuild;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel rollout PLANS</c>.</summary>
internal sealed class RolloutCommand
{
    private static readonly string[] Keys = ["cpu", "running", "seamldr", "target"];

    private readonly Argument<string> plans = new("PLANS") { Description = "JSON lines of tdxrel plan --inventory" };
    private readonly Option<string> waves = new("--wave")
    {
        HelpName = "SIZES",
        Required = true,
        Description = "how many hosts of each group are done by the end of each wave, such as 1,5,25,100%"
    };
    private readonly Option<string?> groupBy = new("--group-by")
    {
        HelpName = "COLUMNS",
        Description = "each group has its own canaries; some of cpu,running,seamldr,target; default: cpu,running"
    };
    private readonly Option<int> parallel = new("--max-parallel")
    {
        HelpName = "N",
        DefaultValueFactory = _ => 20,
        Description = "the most hosts at once"
    };
    private readonly Option<int> failed = new("--max-failed")
    {
        HelpName = "PERCENT",
        DefaultValueFactory = _ => 5,
        Description = "the share of a wave that may fail; of the first none may"
    };
    private readonly Option<string?> rack = new("--rack-column")
    {
        HelpName = "NAME",
        Description = "kept column of the inventory; no two hosts with one value at once"
    };
    private readonly Option<string?> values = new("--values")
    {
        HelpName = "SUBJECT",
        Description = "snapshot or bundle that measurements come from: writes allow-lists for each wave; "
            + "a bundle is also required of each host"
    };
    private readonly Option<string[]> measurements = new("--measurement")
    {
        HelpName = "VERSION:SVN:MRSEAM",
        Description = "the measurement of a module that hosts run and upstream does not list; may be repeated"
    };
    private readonly Option<string?> key = ReportCommand.Key();
    private readonly Option<bool> unsigned = ReportCommand.Unsigned();
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();
    private readonly Option<string> output = new("--out")
    {
        HelpName = "DIR",
        Required = true,
        Description = "where rollout.json and the allow-lists go"
    };

    public static Command Create(Terminal terminal) => new RolloutCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        var command = new Command("rollout",
            "Cut a fleet's plan into waves.\n\nExample: tdxrel rollout plans.jsonl --wave 1,5,25,100% --rack-column rack --out rollout")
        {
            plans, waves, groupBy, parallel, failed, rack, values, measurements, key, unsigned, policy, lenient, output,
        };
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        var path = parse.GetRequiredValue(plans);
        var subject = parse.GetValue(values);
        using var folder = new AtomicFolder(parse.GetRequiredValue(output));
        folder.RequireApart(path, subject);
        var (releases, sequence) = subject is null ? (null, null)
            : ReportCommand.Releases(subject, parse.GetValue(key), parse.GetValue(policy), parse.GetValue(unsigned),
                parse.GetValue(lenient));
        var references = References(releases, parse.GetValue(measurements) ?? []);
        var rollout = RolloutStage.Plan(path, parse.GetValue(rack), new()
        {
            Waves = WaveSize.Parse(parse.GetRequiredValue(waves)),
            GroupBy = Columns(parse.GetValue(groupBy) ?? "cpu,running"),
            MaxParallel = Within(parse.GetValue(parallel), 1, 1_000_000, "--max-parallel"),
            MaxFailedPercent = Within(parse.GetValue(failed), 0, 100, "--max-failed"),
            Plans = RolloutStage.Hash(path),
            Sequence = sequence,
        });
        RolloutStage.Write(rollout, references, folder);
        folder.Commit();
        for (var i = 0; i < rollout.Waves.Count; i++)
        {
            terminal.Line($"wave {i + 1}: {rollout.Waves[i].Hosts.Count()} hosts, {rollout.Waves[i].Batches.Count} batches");
        }

        terminal.Line($"{rollout.Rest.Values.Sum()} hosts stay as they are");
        return (int)ExitCode.Success;
    }

    private static List<ModuleReference>? References(ReleaseSet? releases, string[] measurements) =>
        releases is not null ? [.. ReferenceStage.Of(releases, null), .. measurements.Select(m => ReferenceStage.Measurement(m, releases))]
        : measurements.Length == 0 ? null
        : throw new TdxException(ExitCode.Usage, "--measurement needs --values", "allow-lists are written only with it");

    private static string[] Columns(string text) => text.Split(',') is var columns
        && columns.FirstOrDefault(c => !Keys.Contains(c)) is { } unknown
        ? throw new TdxException(ExitCode.Usage, $"--group-by: got \"{unknown}\", want some of {string.Join(',', Keys)}")
        : columns;

    private static int Within(int value, int least, int most, string option) =>
        value >= least && value <= most ? value : throw new TdxException(ExitCode.Usage, $"{option}: got {value}, want {least} to {most}");
}
