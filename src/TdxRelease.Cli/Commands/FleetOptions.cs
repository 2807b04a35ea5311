using System.CommandLine;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Plans;

namespace TdxRelease.Cli.Commands;

/// <summary>The options that plan a fleet instead of one host.</summary>
internal sealed class FleetOptions
{
    private readonly Option<string?> inventory = new("--inventory")
    {
        HelpName = "FILE",
        Description = "plan a fleet instead: CSV with the columns host, cpu, seamldr, running and, where known, remaining; "
            + ".jsonl with the same names; .json of Ansible or Prometheus; '-' reads stdin; one line a host comes out",
    };

    private readonly Option<string?> from = new("--inventory-format")
    {
        HelpName = "csv|jsonl|json",
        Description = "default: by the file's ending, else CSV"
    };
    private readonly Option<string?> summary = new("--summary")
    {
        HelpName = "FILE",
        Description = "write the fleet's summary there as JSON; default: as text to stderr"
    };
    private readonly Option<string?> format = new("--format")
    {
        HelpName = "jsonl|csv",
        Description = "of the fleet's lines; default: jsonl"
    };
    private readonly Option<bool> details = new("--details")
    {
        Description = "write every reason against every release into each host's line"
    };
    private readonly Option<string?> only = new("--only")
    {
        HelpName = "path|no-path|up-to-date|error",
        Description = "write the hosts with that outcome; error: the bad rows"
    };
    private readonly Option<bool> keep = new("--keep-columns")
    {
        Description = "write the inventory's other columns beside each host's plan"
    };
    private readonly Option<bool> states = new("--states") { Description = "write each distinct state once, with the number of its hosts" };
    private readonly Option<string?> groupBy = new("--group-by")
    {
        HelpName = "COLUMNS",
        Description = "count hosts by these: cpu,outcome,remaining,running,seamldr,target"
    };

    public FleetOptions()
    {
        from.AcceptOnlyFromAmong("csv", "jsonl", "json");
        format.AcceptOnlyFromAmong("jsonl", "csv");
        only.AcceptOnlyFromAmong("path", "no-path", "up-to-date", "error");
    }

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { inventory, from, summary, format, details, only, keep, states, groupBy })
        {
            command.Add(option);
        }
    }

    /// <summary>The inventory and how it is written; null where one host is asked for.</summary>
    public FleetInventory? Inventory(ParseResult parse)
    {
        if (parse.GetValue(inventory) is { } path)
        {
            return new(path, (parse.GetValue(from) ?? Path.GetExtension(path).TrimStart('.')) switch
            {
                "jsonl" => InventoryFormat.Jsonl,
                "json" => InventoryFormat.Json,
                _ => InventoryFormat.Csv
            });
        }

        var alone = new Option[] { from, summary, format, details, only, keep, states, groupBy }.FirstOrDefault(o =>
            parse.GetResult(o) is { Implicit: false });
        return alone is null ? null : throw new TdxException(ExitCode.Usage, $"{alone.Name} needs --inventory",
            "it says how a fleet is read or written");
    }

    public string? Summary(ParseResult parse) => parse.GetValue(summary);

    public FleetOutput Output(ParseResult parse)
    {
        var csv = parse.GetValue(format) == "csv";
        var word = parse.GetValue(only);
        var output = new FleetOutput
        {
            Format = parse.GetValue(details) ? FleetFormat.Details : csv ? FleetFormat.Csv : FleetFormat.Jsonl,
            Only = word switch
            {
                "path" => PlanOutcome.Path,
                "no-path" => PlanOutcome.NoPath,
                "up-to-date" => PlanOutcome.UpToDate,
                _ =>
                null
            },
            OnlyErrors = word == "error",
            KeepColumns = parse.GetValue(keep),
            States = parse.GetValue(states),
            GroupBy = Columns(parse.GetValue(groupBy)),
        };
        Refuse(output.Format == FleetFormat.Details && csv, "--details and --format csv exclude each other");
        Refuse(output.States && output.GroupBy.Count > 0, "--states and --group-by exclude each other");
        Refuse(output.GroupBy.Count > 0 && (csv || output.Format == FleetFormat.Details), "--group-by writes JSON lines of its own");
        Refuse(output.Counts && (output.KeepColumns || output.OnlyErrors),
            "--states and --group-by count hosts, they keep no columns and no bad rows");
        Refuse(csv && output.KeepColumns && Inventory(parse)?.Format != InventoryFormat.Csv,
            "--keep-columns with --format csv needs an inventory in CSV");
        return output;
    }

    private static string[] Columns(string? text)
    {
        string[] columns = text?.Split(',') ?? [];
        return columns.FirstOrDefault(c => !FleetOutput.Keys.Contains(c)) is { } unknown
            ? throw new TdxException(ExitCode.Usage, $"--group-by: got \"{unknown}\", want some of {string.Join(',', FleetOutput.Keys)}")
            : [.. columns.Distinct()];
    }

    private static void Refuse(bool condition, string why)
    {
        if (condition)
        {
            throw new TdxException(ExitCode.Usage, why);
        }
    }
}
