using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Fleet;

/// <summary>
/// Plans any number of hosts, one line in, one line out, in input order. Hosts that differ only in their names share one answer: it is
/// planned and rendered once for each
/// (CPU family, loader, running, remaining), so that a row costs a look-up and a copy.
/// </summary>
/// <param name="releases">The releases on offer.</param>
/// <param name="policy">What is wanted, for all hosts.</param>
/// <param name="format">How the inventory is written: CSV or JSON lines.</param>
/// <param name="wanted">What is written; null: every host's decision.</param>
public sealed class FleetPlanner(ReleaseSet releases, PlanPolicy policy, InventoryFormat format, FleetOutput? wanted = null)
{
    private readonly Planner planner = new(releases);
    private readonly FleetOutput wanted = wanted ?? new();
    private readonly InventoryReader reader = new(format, wanted?.KeepColumns ?? false);
    private readonly Dictionary<HostColumns, Answer> answers = [];
    private bool begun;

    /// <summary>What is wanted, for all hosts.</summary>
    public PlanPolicy Policy { get; } = policy;

    /// <summary>What the fleet came to so far.</summary>
    public FleetSummary Summary { get; } = new();

    /// <summary>Names of columns that are not used, sorted.</summary>
    public IReadOnlyCollection<string> UnknownColumns => reader.UnknownColumns;

    /// <summary>How many plans were made: hosts in the same state share one.</summary>
    public long Planned { get; private set; }

    /// <summary>
    /// Takes one line of the inventory, without its line feed, and writes the host's plan as a line. A bad row writes nothing.
    /// </summary>
    /// <returns>What is wrong with the row, or null.</returns>
    /// <exception cref="TdxException">The header of a CSV lacks a column or names one twice.</exception>
    public InventoryError? Line(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        if (!reader.Read(line, out var row, out var error))
        {
            if (error is not null)
            {
                Summary.Add(error);
                if (wanted.OnlyErrors)
                {
                    Begin(output);
                    Write(error, output);
                }
            }

            return error;
        }

        if (!answers.TryGetValue(row.State, out var answer))
        {
            answer = Plan(row.State);
            if (answers.Count >= 1 << 14)
            {
                answers.Clear();
            }

            answers.Add(row.State, answer);
        }

        Summary.Add(answer.Group);
        if (!wanted.Counts && wanted.Includes(answer.Group.Outcome))
        {
            Begin(output);
            answer.Line.Write(row, wanted.Format, output);
        }

        return null;
    }

    /// <summary>Runs a whole inventory through; both streams are the caller's.</summary>
    /// <param name="input">The inventory.</param>
    /// <param name="output">Where the lines go.</param>
    /// <param name="report">Called for each bad row, in order.</param>
    /// <param name="progress">Called now and then with the number of rows read.</param>
    /// <returns>Success, or bad input if any row was bad.</returns>
    /// <exception cref="TdxException">Exit 3: the header lacks a column or names one twice, there is no row, or a line is longer than 1
    /// MiB.</exception>
    public ExitCode Run(Stream input, Stream output, Action<InventoryError> report, Action<long>? progress = null)
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
                progress?.Invoke(reader.Row);
            }
        }

        Begin(buffer);
        Counted(buffer);
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
        var line = FleetLine.Of(plan, releases, wanted.Format);
        return new(line, FleetGroup.Of(plan, releases, state, wanted.Counts ? line : null));
    }

    /// <summary>Writes the header of a CSV before its first line.</summary>
    private void Begin(IBufferWriter<byte> output)
    {
        if (!begun && wanted.Format == FleetFormat.Csv)
        {
            var plans = (wanted.States ? "hosts" : "host") + FleetLine.Header[4..];
            var others = wanted.KeepColumns && !wanted.States ? reader.OtherColumns : [];
            Text(string.Join(',', [wanted.OnlyErrors ? "row,column,message" : plans, .. others.Select(FleetLine.CsvText)]), output);
        }

        begun = true;
    }

    private void Write(InventoryError error, IBufferWriter<byte> output)
    {
        if (wanted.Format == FleetFormat.Csv)
        {
            Text(string.Create(CultureInfo.InvariantCulture, $"{error.Row},{error.Column},{FleetLine.CsvText(error.Message)}"), output);
            return;
        }

        JsonText.Document(output, json =>
        {
            json.WriteStartObject();
            json.Optional("column", error.Column);
            json.WriteString("message", error.Message);
            json.WriteString("outcome", "error");
            json.WriteNumber("row", error.Row);
            json.WriteEndObject();
        });
    }

    /// <summary>Writes the states or groups, sorted.</summary>
    private void Counted(ArrayBufferWriter<byte> output)
    {
        var groups = Summary.Groups.Where(g => wanted.Includes(g.Group.Outcome)).ToList();
        foreach (var state in groups.Where(_ => wanted.States).GroupBy(g => g.Group.State).OrderBy(g => g.Key))
        {
            state.First().Group.Line!.Write(state.Sum(s => s.Hosts), wanted.Format, output);
        }

        foreach (var group in groups.Where(_ => wanted.GroupBy.Count > 0).GroupBy(g => Key(g.Group))
            .OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var line = (JsonObject)CanonicalJson.Read(Encoding.UTF8.GetBytes(group.Key), "group");
            line["hosts"] = group.Sum(g => g.Hosts);
            var outcomes = group.GroupBy(g => PlanJson.Word(g.Group.Outcome))
                .Select(o => KeyValuePair.Create(o.Key, (JsonNode?)o.Sum(g => g.Hosts)));
            line["outcomes"] = new JsonObject(outcomes);
            output.Write(CanonicalJson.Write(line));
        }
    }

    private string Key(FleetGroup group) => Encoding.UTF8.GetString(CanonicalJson.Write(new JsonObject(wanted.GroupBy.Select(key =>
        KeyValuePair.Create(key, (JsonNode?)(key switch
        {
            "cpu" => group.State.Cpu.ToString(),
            "seamldr" => group.State.Seamldr.ToString(),
            "running" => releases.Spell(group.State.Running),
            "remaining" => group.State.Remaining?.ToString(CultureInfo.InvariantCulture) ?? "",
            "target" => group.Path.Count > 0 ? group.Path[^1] : "",
            _ => PlanJson.Word(group.Outcome),
        }))))));

    private static void Text(string line, IBufferWriter<byte> output) => Encoding.UTF8.GetBytes(line + "\n", output);

    /// <summary>A rendered line, and what it counts as.</summary>
    private sealed record Answer(FleetLine Line, FleetGroup Group);
}
