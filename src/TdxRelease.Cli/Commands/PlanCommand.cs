using System.Buffers;
using System.CommandLine;
using System.Globalization;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Plans;
using TdxRelease.Release.Composition;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel plan SNAPSHOT</c>.</summary>
internal sealed class PlanCommand
{
    private readonly Argument<string> snapshot = Options.Snapshot();
    private readonly Option<string?> cpu = new("--cpu") { HelpName = "CPU", Description = "family name or CPUID signature, e.g. 0x806F8" };
    private readonly Option<string?> seamldr = new("--seamldr") { HelpName = "VERSION", Description = "the running P-SEAMLDR" };
    private readonly Option<string?> running = new("--running") { HelpName = "VERSION", Description = "the running module" };
    private readonly Option<string?> svn = new("--running-svn")
    {
        HelpName = "MAJOR.MINOR",
        Description = "SEAMSVN of the running module, where upstream does not list it"
    };
    private readonly Option<string?> remaining = new("--remaining") { HelpName = "N", Description = "num_remaining_updates of the host" };
    private readonly Option<string?> whyNot = new("--why-not")
    {
        HelpName = "VERSION",
        Description = "explain, rule by rule, why a version is not next"
    };
    private readonly FleetOptions fleet = new();
    private readonly PlanPolicyOptions policies = new();
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();
    private readonly Option<bool> json = Options.Json();

    public static Command Create(Terminal terminal) => new PlanCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        var command = new Command("plan",
            "Plan the update of one host.\n\nExample: tdxrel plan ./tdx-module-binaries --cpu 0x806F8 --seamldr 1.5.02 --running 1.5.05")
        {
            snapshot, cpu, seamldr, running, svn, remaining, whyNot, policy, lenient, json,
        };
        policies.AddTo(command);
        fleet.AddTo(command);
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        var planPolicy = policies.Read(parse);
        var releases = GraphStage.Releases(Options.Verified(parse.GetRequiredValue(snapshot), parse.GetValue(policy),
            parse.GetValue(lenient)));
        if (fleet.Inventory(parse) is { } inventory)
        {
            return FleetRun.Run(terminal, new(releases, planPolicy, inventory.Format == InventoryFormat.Csv ? InventoryFormat.Csv
                : InventoryFormat.Jsonl, fleet.Output(parse)), inventory, fleet.Summary(parse));
        }

        var request = new PlanRequest(
            Options.Cpu(Needed(parse, cpu)),
            Options.Version(Needed(parse, seamldr), "--seamldr"),
            Options.Version(Needed(parse, running), "--running"))
        {
            RunningSvn = parse.GetValue(svn) is { } text ? Svn(text) : null,
            Remaining = parse.GetValue(remaining) is { } left ? Remaining(left) : null,
            Policy = planPolicy,
        };
        var planner = new Planner(releases);
        return parse.GetValue(whyNot) is { } version
            ? Explain(terminal, planner, request, Options.Version(version, "--why-not"), parse.GetValue(json))
            : Plan(terminal, planner, request, parse.GetValue(json));
    }

    private static int Plan(Terminal terminal, Planner planner, PlanRequest request, bool json)
    {
        var plan = planner.Plan(request);
        if (json)
        {
            var output = new ArrayBufferWriter<byte>();
            PlanJson.Write(output, plan, planner.Releases);
            terminal.Bytes(output.WrittenSpan);
        }
        else
        {
            PlanText.Write(plan, planner.Releases, terminal.Output);
        }

        return (int)plan.ExitCode;
    }

    private static int Explain(Terminal terminal, Planner planner, PlanRequest request, ModuleVersion version, bool json)
    {
        if (planner.Releases.Find(version) is null)
        {
            throw new TdxException(ExitCode.BadInput, $"version {version} is not in the snapshot",
                $"known: {string.Join(", ", planner.Releases.Releases.Select(r => r.Spelling))}");
        }

        var account = planner.WhyNot(request, version);
        if (json)
        {
            var output = new ArrayBufferWriter<byte>();
            PlanJson.Write(output, account, planner.Releases);
            terminal.Bytes(output.WrittenSpan);
        }
        else
        {
            PlanText.Write(account, planner.Releases, terminal.Output);
        }

        return (int)(account.Eligible ? ExitCode.Success : ExitCode.Refused);
    }

    private static string Needed(ParseResult parse, Option<string?> option) =>
        parse.GetValue(option) ?? throw new TdxException(ExitCode.Usage, $"{option.Name} is missing",
            "a plan needs --cpu, --seamldr and --running, or --inventory for a fleet");

    private static SeamSvn Svn(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 2 && byte.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && byte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? new SeamSvn(major, minor)
            : throw new TdxException(ExitCode.BadInput, $"--running-svn: \"{text}\" is not major.minor, such as 1.11");
    }

    private static long Remaining(string text) =>
        PlanRequest.TryParseRemaining(text, out var left)
            ? left
            : throw new TdxException(ExitCode.BadInput, $"--remaining: \"{text}\" is not a number of updates, want 0 to 4294967295");
}
