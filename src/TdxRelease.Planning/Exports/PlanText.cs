using System.Globalization;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Planning.Exports;

/// <summary>Plans and why-not accounts for people.</summary>
public static class PlanText
{
    /// <summary>Writes a plan.</summary>
    public static void Write(PlanResult plan, ReleaseSet releases, TextWriter output)
    {
        var family = CpuFamily.Of(plan.Source.Cpu);
        var left = plan.Request.Remaining is { } remaining
            ? string.Create(CultureInfo.InvariantCulture, $"{remaining} {(remaining == 1 ? "update" : "updates")} left")
            : "updates left not given";
        var running = releases.Spell(plan.Source.Running);
        output.Write($"{family.Name} ({family.Signature}), P-SEAMLDR {plan.Source.Seamldr}, running {running}, {left}\n");
        output.Write($"policy {plan.Request.Policy.Name}, target {plan.Target?.Spelling ?? "newest reachable"}\n\n");
        Path(plan, releases, output);
        Eligible(plan, output);
        foreach (var note in plan.Notes)
        {
            output.Write($"note: {note.Message}\n");
        }

        foreach (var hint in plan.Hints)
        {
            output.Write($"hint: {hint}\n");
        }

        Refused(plan, output);
    }

    /// <summary>Writes the account of one release.</summary>
    public static void Write(WhyNot account, ReleaseSet releases, TextWriter output)
    {
        var source = account.Plan.Source;
        output.Write($"{account.Release.Spelling} over running {releases.Spell(source.Running)} "
            + $"on {CpuFamily.Of(source.Cpu).Name}, P-SEAMLDR {source.Seamldr}: ");
        output.Write(account.Eligible ? $"may be loaded next ({account.Answer.Word()})\n"
            : $"may not be loaded next (the rules alone say {account.Answer.Word()})\n");
        foreach (var verdict in account.Verdicts)
        {
            output.Write($"  {(verdict.Holds ? "ok  " : "FAIL")}  {verdict.Reason.Rule.Id}  {verdict.Reason.Message}\n");
        }

        foreach (var reason in account.Constraints)
        {
            output.Write($"  FAIL  {reason.Rule.Id}  {reason.Message}\n");
        }

        output.Write('\n');
        Path(account.Plan, releases, output);
        foreach (var note in account.Plan.Notes)
        {
            output.Write($"note: {note.Message}\n");
        }

        foreach (var hint in account.Plan.Hints)
        {
            output.Write($"hint: {hint}\n");
        }
    }

    private static void Path(PlanResult plan, ReleaseSet releases, TextWriter output)
    {
        if (plan.Path.Count == 0)
        {
            output.Write(plan.Outcome == PlanOutcome.UpToDate ? "nothing to do: up to date\n\n" : "no path\n\n");
            return;
        }

        output.Write($"path: {PlanConstraints.Count(plan.Path.Count, "update")}\n");
        string[][] rows = [["", "from", "to", "tier", "SVN", "changes"], .. plan.Path.Select((s, i) => Row(s, i, releases))];
        TextTable.Write(rows, output);
        foreach (var risk in plan.Risks)
        {
            output.Write($"risk {risk.Id}: {risk.Title}; {risk.Advice}\n");
        }

        var effect = AttestationEffect.Of(releases, plan);
        output.Write("attestation: accept these MRSEAM values before the first update\n");
        foreach (var mrseam in effect.During)
        {
            var role = effect.Before.Contains(mrseam) ? "before" : effect.After.Contains(mrseam) ? "after" : "between";
            output.Write($"  {mrseam}  {role}\n");
        }

        output.Write('\n');
    }

    private static string[] Row(PlanStep step, int number, ReleaseSet releases)
    {
        var changes = TdxFeatures0.NamesOf(step.Added).Select(n => $"+{n}").Concat(TdxFeatures0.NamesOf(step.Lost).Select(n => $"-{n}"))
            .ToList();
        var text = step.Source.Features0 is null ? "unknown" : changes.Count == 0 ? "=" : string.Join(' ', changes);
        return [string.Create(CultureInfo.InvariantCulture, $"{number + 1}."), releases.Spell(step.From), step.To.Spelling,
            step.Tier.Word(), $"{step.Source.Svn?.ToString() ?? "?"} -> {step.To.Svn}", text];
    }

    private static void Eligible(PlanResult plan, TextWriter output)
    {
        var next = plan.Eligible.Select(s => $"{s.To.Spelling} ({s.Tier.Word()})");
        output.Write($"may be loaded next: {(plan.Eligible.Count == 0 ? "nothing" : string.Join(", ", next))}\n");
        if (plan.Reinstall is not null)
        {
            output.Write($"may be reinstalled: {plan.Reinstall.Spelling}\n");
        }
    }

    private static void Refused(PlanResult plan, TextWriter output)
    {
        if (plan.Refused.Count == 0)
        {
            return;
        }

        output.Write("refused as the next update:\n");
        foreach (var group in plan.Refused.GroupBy(r => Why(plan, r)))
        {
            output.Write($"  {string.Join(", ", group.Select(r => r.Release.Spelling))}: {group.Key}\n");
        }
    }

    /// <summary>The reasons in short: the first that settles it. The JSON and why-not have all of them.</summary>
    private static string Why(PlanResult plan, Refusal refusal)
    {
        bool Broken(StepRule rule) => refusal.Reasons.Any(r => r.Rule == rule.Rule);
        if (Broken(StepRules.Cpu))
        {
            return $"not made for {CpuFamily.Of(plan.Source.Cpu).Name} (STEP-001)";
        }

        if (Broken(StepRules.Line))
        {
            return $"not on line {plan.Source.Running.LineName}: {refusal.Answer.Word()} (STEP-006)";
        }

        if (Broken(StepRules.NoDowngrade))
        {
            return $"older than the running module: {refusal.Answer.Word()} (STEP-007)";
        }

        var rules = refusal.Reasons.Where(r => StepRules.All.Any(s => s.Rule == r.Rule)).ToList();
        return string.Join("; ", (rules.Count > 0 ? rules : refusal.Reasons).Select(r => $"{r.Message} ({r.Rule.Id})"));
    }
}
