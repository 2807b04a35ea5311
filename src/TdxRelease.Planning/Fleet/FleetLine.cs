using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Exports;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;

namespace TdxRelease.Planning.Fleet;

/// <summary>A plan as a line, rendered once for all hosts in one state; the host's name goes between the two halves.</summary>
/// <param name="Before">What stands before the name.</param>
/// <param name="After">What stands behind it, the line feed included.</param>
internal sealed record FleetLine(byte[] Before, byte[] After)
{
    /// <summary>The header of the CSV; kept columns follow.</summary>
    public const string Header = "host,outcome,path,tiers,risks,cpu,seamldr,running,remaining,reason";

    private static readonly byte[] Hole = ",\"host\":\"\""u8.ToArray();

    /// <summary>Renders a plan.</summary>
    public static FleetLine Of(PlanResult plan, ReleaseSet releases, FleetFormat format)
    {
        if (format == FleetFormat.Csv)
        {
            return new([], Encoding.UTF8.GetBytes($",{Csv(plan, releases)}\n"));
        }

        var buffer = new ArrayBufferWriter<byte>();
        JsonText.Document(buffer, json =>
        {
            if (format == FleetFormat.Details)
            {
                FleetJson.Details(json, plan, releases);
            }
            else
            {
                Decision(json, plan, releases);
            }
        });
        var text = buffer.WrittenSpan;

        // Quotes inside JSON strings are escaped, so that these bytes can only be the empty name.
        var hole = text.IndexOf(Hole) + Hole.Length - 2;
        return new(text[..hole].ToArray(), text[(hole + 2)..].ToArray());
    }

    /// <summary>Writes the line of a host, with the columns that are kept.</summary>
    public void Write(InventoryRow row, FleetFormat format, IBufferWriter<byte> output)
    {
        if (format == FleetFormat.Csv)
        {
            Text(CsvText(row.Host), output);
            output.Write(row.Others.Count == 0 ? After : After.AsSpan(0, After.Length - 1));
            foreach (var (_, json) in row.Others)
            {
                Text("," + CsvText(JsonNode.Parse(json)!.GetValue<string>()), output);
            }

            output.Write(row.Others.Count == 0 ? ""u8 : "\n"u8);
            return;
        }

        if (row.Others.Count > 0)
        {
            var members = row.Others.OrderBy(o => o.Name, StringComparer.Ordinal).Select(o => $"{Json(o.Name)}:{o.Json}");
            Text($"{{\"columns\":{{{string.Join(',', members)}}},", output);
        }

        output.Write(Before.AsSpan(row.Others.Count == 0 ? 0 : 1));
        Text(Json(row.Host), output);
        output.Write(After);
    }

    /// <summary>Writes the line of all hosts in a state: their number stands where a host's name would.</summary>
    public void Write(long hosts, FleetFormat format, IBufferWriter<byte> output)
    {
        // ,"host": becomes ,"hosts":
        output.Write(Before.AsSpan(0, Math.Max(0, Before.Length - 2)));
        Text(string.Create(CultureInfo.InvariantCulture, $"{(format == FleetFormat.Csv ? "" : "s\":")}{hosts}"), output);
        output.Write(After);
    }

    /// <summary>The first rule that keeps a host without a path from what it should run, or null where no rule does.</summary>
    public static (ReleaseFacts Release, StepReason Reason)? Blocker(PlanResult plan)
    {
        var refusal = plan.Outcome != PlanOutcome.NoPath ? null
            : plan.Target is { } target ? plan.Refused.FirstOrDefault(r => r.Release == target)
            : plan.Refused.LastOrDefault(r =>
                r.Release.Version.SameLine(plan.Source.Running) && r.Release.Version > plan.Source.Running
                && r.Release.Fits(plan.Source.Cpu)
                && !r.Release.IsDebug);
        return refusal is { Reasons: [var first, ..] } ? (refusal.Release, first) : null;
    }

    /// <summary>Why a host has no path, in short, or null.</summary>
    public static string? Reason(PlanResult plan) => plan.Outcome != PlanOutcome.NoPath ? null
        : Blocker(plan) is var (release, reason) ? $"{release.Spelling}: {reason.Message} ({reason.Rule.Id})"
        : plan.Notes.FirstOrDefault(n => n.Id is "target" or "newest" or "cpu-unknown")?.Message
            ?? "no release of this line is made for this processor";

    /// <summary>The string in quotes, as canonical JSON has it.</summary>
    public static string Json(string text) =>
        $"\"{UntrustedText.Document(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString())}\"";

    /// <summary>A field of RFC 4180, in quotes where it must be.</summary>
    public static string CsvText(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n ") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void Decision(Utf8JsonWriter json, PlanResult plan, ReleaseSet releases)
    {
        json.WriteStartObject();
        json.WriteString("cpu", plan.Source.Cpu.ToString());
        json.WriteString("host", "");
        json.WriteString("outcome", PlanJson.Word(plan.Outcome));
        json.Objects("path", plan.Path, step =>
        {
            json.Strings("risks", step.Risks.Select(r => r.Id));
            json.WriteString("tier", step.Tier.Word());
            json.WriteString("to", step.To.Spelling);
        });
        json.Optional("reason", Reason(plan));
        if (plan.Request.Remaining is { } remaining)
        {
            json.WriteNumber("remaining", remaining);
        }

        json.WriteString("running", releases.Spell(plan.Source.Running));
        json.WriteString("seamldr", plan.Source.Seamldr.ToString());
        json.WriteEndObject();
    }

    private static string Csv(PlanResult plan, ReleaseSet releases) => string.Join(',', new[]
    {
        PlanJson.Word(plan.Outcome),
        string.Join(' ', plan.Path.Select(s => s.To.Spelling)),
        string.Join(' ', plan.Path.Select(s => s.Tier.Word())),
        string.Join(' ', plan.Risks.Select(r => r.Id)),
        plan.Source.Cpu.ToString(),
        plan.Source.Seamldr.ToString(),
        releases.Spell(plan.Source.Running),
        plan.Request.Remaining?.ToString(CultureInfo.InvariantCulture) ?? "",
        Reason(plan) ?? "",
    }.Select(CsvText));

    private static void Text(string text, IBufferWriter<byte> output) => Encoding.UTF8.GetBytes(text, output);
}
