using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Fleet;

/// <summary>
/// Plans any number of hosts, one line in, one line out, in input order. Hosts that differ only in their names share one answer: it is planned and rendered once for each
/// (CPU family, loader, running, remaining), so that a row costs a look-up and a copy.
/// </summary>
/// <param name="releases">The releases on offer.</param>
/// <param name="policy">What is wanted, for all hosts.</param>
/// <param name="format">How the inventory is written.</param>
public sealed class FleetPlanner(ReleaseSet releases, PlanPolicy policy, InventoryFormat format)
{
    private static readonly byte[] Hole = ",\"host\":\"\","u8.ToArray();

    private readonly Planner planner = new(releases);
    private readonly InventoryReader reader = new(format);
    private readonly Dictionary<HostColumns, Answer> answers = [];

    /// <summary>What is wanted, for all hosts.</summary>
    public PlanPolicy Policy { get; } = policy;

    /// <summary>What the fleet came to so far.</summary>
    public FleetSummary Summary { get; } = new();

    /// <summary>Names of columns that are not used, sorted.</summary>
    public IReadOnlyCollection<string> UnknownColumns => reader.UnknownColumns;

    /// <summary>How many plans were made: hosts in the same state share one.</summary>
    public long Planned { get; private set; }

    /// <summary>Takes one line of the inventory, without its line feed, and writes the host's plan as a line of JSON. A bad row writes nothing.</summary>
    /// <returns>What is wrong with the row, or null.</returns>
    /// <exception cref="TdxException">The header of a CSV lacks a column or names one twice.</exception>
    public InventoryError? Line(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        if (!reader.Read(line, out var host, out var state, out var error))
        {
            if (error is not null)
            {
                Summary.Add(error);
            }

            return error;
        }

        if (!answers.TryGetValue(state, out var answer))
        {
            answer = Plan(state);
            if (answers.Count >= 1 << 14)
            {
                answers.Clear();
            }

            answers.Add(state, answer);
        }

        Summary.Add(answer.Group);
        output.Write(answer.Before);
        Name(host, output);
        output.Write(answer.After);
        return null;
    }

    /// <summary>Runs a whole inventory through; both streams are the caller's.</summary>
    /// <param name="input">The inventory.</param>
    /// <param name="output">Where the lines go.</param>
    /// <param name="report">Called for each bad row, in order.</param>
    /// <returns>Success, or bad input if any row was bad.</returns>
    /// <exception cref="TdxException">Exit 3: the header lacks a column or names one twice, there is no row, or a line is longer than 1 MiB.</exception>
    public ExitCode Run(Stream input, Stream output, Action<InventoryError> report)
    {
        var lines = new LineBuffer(input);
        var buffer = new ArrayBufferWriter<byte>(1 << 17);
        while (lines.TryRead(out var line))
        {
            if (Line(line, buffer) is { } error)
            {
                report(error);
            }

            if (buffer.WrittenCount >= 1 << 16)
            {
                output.Write(buffer.WrittenSpan);
                buffer.ResetWrittenCount();
            }
        }

        output.Write(buffer.WrittenSpan);
        if (Summary.Hosts + Summary.BadRows == 0)
        {
            throw new TdxException(ExitCode.BadInput, reader.Row == 0 ? "the inventory is empty" : "the inventory names no host");
        }

        return Summary.BadRows > 0 ? ExitCode.BadInput : ExitCode.Success;
    }

    private Answer Plan(HostColumns state)
    {
        Planned++;
        var plan = planner.Plan(new PlanRequest(state.Cpu, state.Seamldr, state.Running) { Remaining = state.Remaining, Policy = Policy });
        var buffer = new ArrayBufferWriter<byte>();
        JsonText.Document(buffer, json => FleetJson.Line(json, plan, releases));
        var text = buffer.WrittenSpan;

        // Quotes inside JSON strings are escaped, so that these bytes can only be the empty name.
        var hole = text.IndexOf(Hole) + Hole.Length - 3;
        return new(text[..hole].ToArray(), text[(hole + 2)..].ToArray(), FleetGroup.Of(plan, releases));
    }

    private static void Name(string host, IBufferWriter<byte> output)
    {
        var encoded = JsonEncodedText.Encode(host, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
        output.Write("\""u8);
        output.Write(Encoding.UTF8.GetBytes(ForeignText.Document(encoded)));
        output.Write("\""u8);
    }

    /// <summary>A rendered line around the host's name, and what it counts as.</summary>
    private sealed record Answer(byte[] Before, byte[] After, FleetGroup Group);
}
