using System.Buffers;
using System.Text.Json;
using TdxRelease.Core.Json;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Planning.Exports;

/// <summary>A plan as JSON (schemas/plan.schema.json); canonical, and the same object for one host and for a line of a fleet.</summary>
public static class PlanJson
{
    /// <summary>Writes one plan as a document.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="releases">The releases it was made from.</param>
    /// <param name="host">The host's name, or null.</param>
    public static void Write(IBufferWriter<byte> output, PlanResult plan, ReleaseSet releases, string? host = null) =>
        JsonText.Document(output, json => Object(json, plan, releases, host));

    /// <summary>Writes a why-not account as a document: the plan's object, and below <c>whyNot</c> every rule with its verdict.</summary>
    public static void Write(IBufferWriter<byte> output, WhyNot account, ReleaseSet releases) => JsonText.Document(output, json =>
    {
        json.WriteStartObject();
        Members(json, account.Plan, releases, null);
        json.WriteStartObject("whyNot");
        json.WriteString("answer", account.Answer.Word());
        Reasons(json, "constraints", account.Constraints);
        json.WriteBoolean("eligible", account.Eligible);
        json.Objects("rules", account.Verdicts, verdict =>
        {
            json.WriteString("got", verdict.Reason.Got);
            json.WriteBoolean("holds", verdict.Holds);
            json.WriteString("message", verdict.Reason.Message);
            json.WriteString("rule", verdict.Reason.Rule.Id);
            json.WriteString("want", verdict.Reason.Want);
        });
        json.WriteString("version", account.Release.Spelling);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    internal static void Object(Utf8JsonWriter json, PlanResult plan, ReleaseSet releases, string? host)
    {
        json.WriteStartObject();
        Members(json, plan, releases, host);
        json.WriteEndObject();
    }

    private static void Members(Utf8JsonWriter json, PlanResult plan, ReleaseSet releases, string? host)
    {
        Attestation(json, AttestationEffect.Of(releases, plan));
        json.Strings("eligible", plan.Eligible.Select(s => s.To.Spelling));
        json.Strings("hints", plan.Hints);
        if (host is not null)
        {
            json.WriteString("host", host);
        }

        json.Objects("notes", plan.Notes, note =>
        {
            json.WriteString("id", note.Id);
            json.WriteString("message", note.Message);
        });
        json.WriteString("outcome", Word(plan.Outcome));
        json.Array("path", plan.Path, step => Step(json, step, releases));
        Policy(json, plan.Request.Policy);
        Refused(json, plan);
        json.Strings("reinstall", plan.Reinstall is null ? [] : [plan.Reinstall.Spelling]);
        json.Objects("risks", plan.Risks, risk =>
        {
            json.WriteString("advice", risk.Advice);
            json.WriteString("id", risk.Id);
            json.WriteString("title", risk.Title);
        });
        State(json, plan, releases);
    }

    /// <summary><c>path</c>, <c>up-to-date</c> or <c>no-path</c>.</summary>
    internal static string Word(PlanOutcome outcome) => outcome switch
    {
        PlanOutcome.Path => "path",
        PlanOutcome.UpToDate => "up-to-date",
        _ => "no-path",
    };

    private static void Attestation(Utf8JsonWriter json, AttestationEffect effect)
    {
        json.WriteStartObject("attestation");
        json.Strings("after", effect.After);
        json.Strings("before", effect.Before);
        json.Strings("during", effect.During);
        Optional(json, "teeTcbSvn2After", effect.TcbSvnAfter);
        Optional(json, "teeTcbSvnBefore", effect.TcbSvnBefore);
        json.WriteEndObject();
    }

    private static void Step(Utf8JsonWriter json, PlanStep step, ReleaseSet releases)
    {
        json.WriteStartObject();
        json.Strings("added", TdxFeatures0.NamesOf(step.Added));
        json.WriteString("from", releases.Spell(step.From));
        json.WriteString("image", step.To.ImagePath);
        json.Strings("lost", TdxFeatures0.NamesOf(step.Lost));
        json.WriteString("mrseam", step.To.MrSeam);
        json.Strings("risks", step.Risks.Select(r => r.Id));
        json.WriteStartObject("svn");
        Optional(json, "from", step.Source.Svn?.ToString());
        json.WriteString("to", step.To.Svn.ToString());
        json.WriteEndObject();
        json.WriteString("tier", step.Tier.Word());
        json.WriteString("to", step.To.Spelling);
        json.WriteEndObject();
    }

    private static void Policy(Utf8JsonWriter json, PlanPolicy policy)
    {
        json.WriteStartObject("policy");
        json.Strings("allowed", policy.Allowed.Select(PlanConstraints.Print));
        json.Strings("denied", policy.Denied.Select(PlanConstraints.Print));
        json.WriteBoolean("keepAllFeatures", policy.KeepAllFeatures);
        json.WriteString("prefer", policy.Prefer.Word());
        json.WriteString("requiredFeatures", $"0x{policy.RequiredFeatures:X}");
        Optional(json, "site", policy.Site?.Name);
        Optional(json, "target", policy.Target?.ToString());
        json.WriteString("tier", policy.Tier.Word());
        json.WriteString("usedFeatures", $"0x{policy.UsedFeatures:X}");
        json.WriteEndObject();
    }

    private static void Refused(Utf8JsonWriter json, PlanResult plan)
    {
        json.Objects("refused", plan.Refused, refusal =>
        {
            json.WriteString("answer", refusal.Answer.Word());
            Reasons(json, "reasons", refusal.Reasons);
            json.WriteString("version", refusal.Release.Spelling);
        });
    }

    private static void Reasons(Utf8JsonWriter json, string name, IEnumerable<StepReason> reasons)
    {
        json.Objects(name, reasons, reason =>
        {
            json.WriteString("got", reason.Got);
            json.WriteString("message", reason.Message);
            json.WriteString("rule", reason.Rule.Id);
            json.WriteString("want", reason.Want);
        });
    }

    private static void State(Utf8JsonWriter json, PlanResult plan, ReleaseSet releases)
    {
        json.WriteStartObject("state");
        json.WriteString("cpu", plan.Source.Cpu.ToString());
        json.WriteString("family", CpuFamily.Of(plan.Source.Cpu).Name);
        json.WriteBoolean("listed", releases.Find(plan.Source.Running) is not null);
        Optional(json, "loader", plan.LoaderClass?.ToString());
        if (plan.Request.Remaining is { } remaining)
        {
            json.WriteNumber("remaining", remaining);
        }
        else
        {
            json.WriteNull("remaining");
        }

        json.WriteString("running", releases.Spell(plan.Source.Running));
        json.WriteString("seamldr", plan.Source.Seamldr.ToString());
        Optional(json, "svn", plan.Source.Svn?.ToString());
        json.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, value);
        }
    }
}
