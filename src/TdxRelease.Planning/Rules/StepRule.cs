using TdxRelease.Core.Findings;

namespace TdxRelease.Planning.Rules;

/// <summary>Why a rule or constraint does not hold (or, in a full account, that it does).</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Message">One sentence with got and want.</param>
/// <param name="Got">What there is.</param>
/// <param name="Want">What the rule demands.</param>
public sealed record StepReason(Rule Rule, string Message, string Got, string Want);

/// <summary>The verdict of one rule on one step.</summary>
/// <param name="Holds">Whether the step may be taken as far as this rule goes.</param>
/// <param name="Reason">The rule, got and want.</param>
public sealed record StepVerdict(bool Holds, StepReason Reason);

/// <summary>One rule: a predicate, and its explanation in words.</summary>
/// <param name="Rule">Id, title and origin.</param>
/// <param name="Holds">The predicate.</param>
/// <param name="Explain">Message, got and want; called for either verdict.</param>
public sealed record StepRule(Rule Rule, Func<StepSource, ReleaseFacts, bool> Holds,
    Func<StepSource, ReleaseFacts, (string Message, string Got, string Want)> Explain)
{
    /// <summary>The verdict with its reason.</summary>
    public StepVerdict Verdict(StepSource source, ReleaseFacts target)
    {
        var (message, got, want) = Explain(source, target);
        return new(Holds(source, target), new(Rule, message, got, want));
    }
}
