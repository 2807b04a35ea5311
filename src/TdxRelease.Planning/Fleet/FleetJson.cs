using System.Buffers;
using System.Globalization;
using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Fleet;

/// <summary>Lines and summary of a fleet as canonical JSON.</summary>
public static class FleetJson
{
    /// <summary>Writes the summary as a document.</summary>
    public static void Write(IBufferWriter<byte> output, FleetSummary summary) => JsonText.Document(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("attestation");
        json.Strings("after", summary.After);
        json.Strings("before", summary.Before);
        json.Strings("during", summary.During);
        json.WriteEndObject();
        json.WriteNumber("badRows", summary.BadRows);
        json.WriteStartArray("errors");
        foreach (var error in summary.Errors)
        {
            json.WriteStartObject();
            json.WriteString("column", error.Column);
            json.WriteString("message", error.Message);
            json.WriteNumber("row", error.Row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("hosts", summary.Hosts);
        Counts(json, "reach", summary.Reach);
        json.WriteStartArray("stuck");
        foreach (var (reason, hosts) in summary.Stuck)
        {
            json.WriteStartObject();
            json.WriteNumber("hosts", hosts);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Counts(json, "upToDate", summary.UpToDate);
        json.WriteStartArray("waves");
        foreach (var wave in summary.Waves)
        {
            json.WriteStartObject();
            json.WriteNumber("done", wave.Done);
            Counts(json, "load", wave.Load);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>One host's line: the same names as a plan has, without what is the same for all (policy) or long (attestation values: in the summary).</summary>
    internal static void Line(Utf8JsonWriter json, PlanResult plan, ReleaseSet releases)
    {
        json.WriteStartObject();
        json.Strings("eligible", plan.Eligible.Select(s => s.To.Spelling));
        json.Strings("hints", plan.Hints);
        json.WriteString("host", "");
        json.WriteString("outcome", PlanJson.Word(plan.Outcome));
        json.WriteStartArray("path");
        foreach (var step in plan.Path)
        {
            json.WriteStartObject();
            json.WriteString("from", releases.Spell(step.From));
            json.Strings("risks", step.Risks.Select(r => r.Id));
            json.WriteString("tier", step.Tier.Word());
            json.WriteString("to", step.To.Spelling);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("refused");
        foreach (var refusal in plan.Refused)
        {
            Refusal(json, refusal);
        }

        json.WriteEndArray();
        json.Strings("reinstall", plan.Reinstall is null ? [] : [plan.Reinstall.Spelling]);
        json.WriteEndObject();
    }

    /// <summary>Writes the summary for people.</summary>
    public static void WriteText(TextWriter output, FleetSummary summary)
    {
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{summary.Hosts} hosts planned, {summary.BadRows} bad rows\n"));
        foreach (var (version, hosts) in summary.Reach)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"  {hosts} reach {version}\n"));
        }

        foreach (var (version, hosts) in summary.UpToDate)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"  {hosts} stay at {version}, up to date\n"));
        }

        foreach (var (reason, hosts) in summary.Stuck)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"  {hosts} stuck: {reason}\n"));
        }

        for (var i = 0; i < summary.Waves.Count; i++)
        {
            var load = string.Join(", ", summary.Waves[i].Load.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Hosts} load {l.Name}")));
            output.Write(string.Create(CultureInfo.InvariantCulture, $"wave {i + 1}: {load}; {summary.Waves[i].Done} done\n"));
        }

        Values(output, "before", summary.Before);
        Values(output, "during", summary.During);
        Values(output, "after", summary.After);
    }

    private static void Values(TextWriter output, string when, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            output.Write($"accept {when}: {value}\n");
        }
    }

    private static void Counts(Utf8JsonWriter json, string name, IEnumerable<(string Name, long Hosts)> counts)
    {
        json.WriteStartObject(name);
        foreach (var (key, hosts) in counts)
        {
            json.WriteNumber(key, hosts);
        }

        json.WriteEndObject();
    }

    private static void Refusal(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteStartObject();
        json.WriteStartArray("reasons");
        foreach (var reason in refusal.Reasons)
        {
            json.WriteStartObject();
            json.WriteString("message", reason.Message);
            json.WriteString("rule", reason.Rule.Id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("version", refusal.Release.Spelling);
        json.WriteEndObject();
    }
}
