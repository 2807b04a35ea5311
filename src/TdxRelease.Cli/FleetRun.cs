using System.Buffers;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Fleet;

namespace TdxRelease.Cli;

/// <summary>Where the hosts stand.</summary>
/// <param name="Path">The file; <c>-</c> is stdin.</param>
/// <param name="Format">How it is written.</param>
internal sealed record FleetInventory(string Path, InventoryFormat Format);

/// <summary>Plans a whole inventory: one line a host on stdout, bad rows and the summary on stderr.</summary>
internal static class FleetRun
{
    private const long MaxInventory = 4L << 30; // 100 million hosts
    private const long MaxDocument = 512L << 20; // documents of other programs are read as a whole

    public static int Run(Terminal terminal, FleetPlanner fleet, FleetInventory inventory, string? summary)
    {
        OutputPath.RequireApart(summary ?? AtomicFile.Stdout, inventory.Path);
        int code;
        try
        {
            using var input = Open(inventory);
            terminal.Output.Flush();
            code = (int)fleet.Run(input, terminal.Stream, error => terminal.Note($"error: {inventory.Path}: {error}"), rows =>
                terminal.Progress.Report("hosts planned:", rows, null));
        }
        catch (TdxException e) when (e.Code == ExitCode.BadInput)
        {
            throw new TdxException(e.Code, $"{inventory.Path}: {e.Message}", e.Hint ?? "docs/planning.md describes inventories", e);
        }

        if (fleet.UnknownColumns.Count > 0)
        {
            terminal.Notice($"{inventory.Path}: columns that are unknown and not used: {string.Join(", ", fleet.UnknownColumns)}");
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

    private static Stream Open(FleetInventory inventory) => inventory.Format == InventoryFormat.Json
        ? new MemoryStream(InventoryDocument.Lines(InputFile.Read(inventory.Path, MaxDocument)))
        : InputFile.OpenStreaming(inventory.Path, MaxInventory);
}
