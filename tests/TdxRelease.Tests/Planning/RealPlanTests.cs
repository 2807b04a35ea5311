using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Testing;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Planning;

public class RealPlanTests
{
    private static readonly CpuSignature SapphireRapids = new(0x806F8);
    private static readonly CpuSignature SierraForest = new(0xA06F3);

    [UpstreamFact]
    public void Sapphire_Rapids_at_1_5_16_reaches_1_5_34_in_one_strict_step()
    {
        var plan = Plan(SapphireRapids, "1.5.02", "1.5.16", new PlanPolicy { Tier = TierPolicy.Strict });
        Assert.Equal(["1.5.16 -> 1.5.34 strict"], Words(plan));
        Assert.Equal(["1.5.20", "1.5.24", "1.5.28", "1.5.34"], plan.Eligible.Select(s => s.To.Spelling));
        Assert.DoesNotContain(plan.Eligible, s => s.To.Spelling == "1.5.25");
    }

    [UpstreamFact]
    public void Smallest_steps_go_through_the_siblings_of_the_processor()
    {
        var policy = new PlanPolicy { Tier = TierPolicy.Strict, Prefer = Preference.Smallest };
        Assert.Equal(["1.5.16 -> 1.5.20 strict", "1.5.20 -> 1.5.24 strict", "1.5.24 -> 1.5.28 strict", "1.5.28 -> 1.5.34 strict"],
            Words(Plan(SapphireRapids, "1.5.02", "1.5.16", policy)));
        Assert.Equal(["1.5.16 -> 1.5.20 strict", "1.5.20 -> 1.5.25 strict", "1.5.25 -> 1.5.28 strict", "1.5.28 -> 1.5.34 strict"],
            Words(Plan(SierraForest, "2.0.00", "1.5.16", policy)));
    }

    [UpstreamFact]
    public void From_1_5_09_nothing_is_strict_and_the_answer_says_what_would_be()
    {
        var plan = Plan(SapphireRapids, "1.5.02", "1.5.09", PlanPolicy.Default);
        Assert.Equal(PlanOutcome.NoPath, plan.Outcome);
        Assert.Empty(plan.Eligible);
        Assert.Contains(plan.Notes, n => n.Message.Contains("1.5.09 is an island", StringComparison.Ordinal));
        Assert.Equal(["with --tier td-preserving the path would be 1.5.09 -> 1.5.34 (td-preserving)"], plan.Hints);
        Assert.Equal(5, (int)plan.ExitCode);
    }

    [UpstreamFact]
    public void Where_the_mapping_predates_strict_sets_the_answer_does_not_speak_of_islands()
    {
        var plan = new Planner(RealReleases.Early2025)
            .Plan(new PlanRequest(SapphireRapids, ModuleVersion.Parse("1.5.02"),
            ModuleVersion.Parse("1.5.05"))
            { Policy = new PlanPolicy { Tier = TierPolicy.Strict } });
        Assert.Equal(PlanOutcome.NoPath, plan.Outcome);
        Assert.Contains(plan.Notes,
            n => n.Message.EndsWith("(the mapping file predates strict_compat_versions: no step of this line is strict)",
            StringComparison.Ordinal));
        Assert.DoesNotContain(plan.Notes, n => n.Message.Contains("island", StringComparison.Ordinal));
    }

    [UpstreamFact]
    public void A_budget_of_two_explains_itself()
    {
        var plan = Plan(SapphireRapids, "1.5.02", "1.5.16", new PlanPolicy { Tier = TierPolicy.Strict, Prefer = Preference.Smallest }, 2);
        Assert.Equal(["1.5.16 -> 1.5.24 strict", "1.5.24 -> 1.5.34 strict"], Words(plan));
        Assert.Contains(plan.Notes,
            n => n is
            {
                Id: "budget",
                Message: "smallest steps would take 4 updates (1.5.16 -> 1.5.20 -> 1.5.24 -> 1.5.28 -> 1.5.34 (strict)), 2 are left: "
                    + "the path has the 2 steps that fit best"
            });
    }

    private static PlanResult Plan(CpuSignature cpu, string seamldr, string running, PlanPolicy policy, int? remaining = null) =>
        new Planner(RealReleases.Mid2026)
        .Plan(new PlanRequest(cpu, ModuleVersion.Parse(seamldr), ModuleVersion.Parse(running)) { Policy = policy, Remaining = remaining });

    private static IEnumerable<string> Words(PlanResult plan) => plan.Path.Select(s => $"{s.From} -> {s.To.Spelling} {s.Tier.Word()}");
}
