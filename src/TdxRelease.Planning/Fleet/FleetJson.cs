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
        json.Objects("errors", summary.Errors, error =>
        {
            json.WriteString("column", error.Column);
            json.WriteString("message", error.Message);
            json.WriteNumber("row", error.Row);
        });
        json.WriteNumber("hosts", summary.Hosts);
        Counts(json, "outcomes", summary.Outcomes);
        Counts(json, "reach", summary.Reach);
        Counts(json, "risks", summary.Risks);
        json.Objects("rounds", summary.Rounds, round =>
        {
            json.WriteNumber("done", round.Done);
            Counts(json, "load", round.Load);
        });
        json.Objects("stuck", summary.Stuck, stuck =>
        {
            json.WriteNumber("hosts", stuck.Hosts);
            json.WriteString("reason", stuck.Name);
        });
        Counts(json, "upToDate", summary.UpToDate);
        json.WriteEndObject();
    });

    /// <summary>
    /// One host's line: the same names as a plan has, without what is the same for all (policy) or long (attestation values: in the
    /// summary).
    /// </summary>
    internal static void Details(Utf8JsonWriter json, PlanResult plan, ReleaseSet releases)
    {
        json.WriteStartObject();
        json.Strings("eligible", plan.Eligible.Select(s => s.To.Spelling));
        json.Strings("hints", plan.Hints);
        json.WriteString("host", "");
        json.WriteString("outcome", PlanJson.Word(plan.Outcome));
        json.Objects("path", plan.Path, step =>
        {
            json.WriteString("from", releases.Spell(step.From));
            json.Strings("risks", step.Risks.Select(r => r.Id));
            json.WriteString("tier", step.Tier.Word());
            json.WriteString("to", step.To.Spelling);
        });
        json.Objects("refused", plan.Refused, refusal =>
        {
            json.Objects("reasons", refusal.Reasons, reason =>
            {
                json.WriteString("message", reason.Message);
                json.WriteString("rule", reason.Rule.Id);
            });
            json.WriteString("version", refusal.Release.Spelling);
        });
        json.Strings("reinstall", plan.Reinstall is null ? [] : [plan.Reinstall.Spelling]);
        json.WriteEndObject();
    }

    /// <summary>Writes the summary for people: one screen, the largest numbers first, the rest counted. The JSON has everything.</summary>
    public static void WriteText(TextWriter output, FleetSummary summary)
    {
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{summary.Hosts} hosts planned, {summary.BadRows} bad rows\n"));
        Section(output, "outcome", summary.Outcomes, 3);
        Section(output, "target", summary.Reach, 5);
        Section(output, "up to date at", summary.UpToDate, 3);
        Section(output, "risk", summary.Risks, 6);
        Section(output, "in the way", summary.Blockers, 6);
    }

    private static void Section(TextWriter output, string title, IReadOnlyList<(string Name, long Hosts)> counts, int most)
    {
        foreach (var (name, hosts) in counts.OrderByDescending(c => c.Hosts).Take(most))
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"  {title} {name}: {hosts}\n"));
        }

        if (counts.Count > most)
        {
            var rest = counts.OrderByDescending(c => c.Hosts).Skip(most).Sum(c => c.Hosts);
            output.Write(string.Create(CultureInfo.InvariantCulture,
                $"  {title} any of {counts.Count - most} others: {rest} (--summary lists them)\n"));
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
}
