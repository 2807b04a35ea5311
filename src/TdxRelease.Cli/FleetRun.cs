using System.Buffers;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Fleet;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Cli;

/// <summary>Plans a whole inventory: one JSON line a host on stdout, bad rows and the summary on stderr.</summary>
internal static class FleetRun
{
    private const long MaxInventory = 4L << 30; // 100 million hosts

    public static int Run(Terminal terminal, ReleaseSet releases, PlanPolicy policy, string inventory, string? summary)
    {
        OutputPath.RequireApart(summary ?? AtomicFile.Stdout, inventory);
        var format = inventory.EndsWith(".jsonl", StringComparison.Ordinal) ? InventoryFormat.Jsonl : InventoryFormat.Csv;
        var fleet = new FleetPlanner(releases, policy, format);
        int code;
        using (var input = InputFile.OpenStreaming(inventory, MaxInventory))
        {
            terminal.Output.Flush();
            try
            {
                code = (int)fleet.Run(input, terminal.Stream, error => terminal.Note($"error: {inventory}: {error}"));
            }
            catch (TdxException e) when (e.Code == ExitCode.BadInput)
            {
                throw new TdxException(e.Code, $"{inventory}: {e.Message}", "docs/planning.md describes inventories", e);
            }
        }

        foreach (var column in fleet.UnknownColumns)
        {
            terminal.Notice($"{inventory}: column \"{column}\" is unknown and not used");
        }

        if (summary is not null)
        {
            var output = new ArrayBufferWriter<byte>();
            FleetJson.Write(output, fleet.Summary);
            terminal.Save(summary, output.WrittenSpan);
        }
        else
        {
            using var text = new StringWriter { NewLine = "\n" };
            FleetJson.WriteText(text, fleet.Summary);
            terminal.Note(text.ToString().TrimEnd('\n'));
        }

        return code;
    }
}
