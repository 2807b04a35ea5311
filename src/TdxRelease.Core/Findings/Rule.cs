namespace TdxRelease.Core.Findings;

/// <summary>What a receiver of a release wants to know; each rule answers one of these.</summary>
public enum AuditQuestion
{
    /// <summary>Is it the vendor's?</summary>
    Origin,

    /// <summary>Is it unchanged?</summary>
    Unchanged,

    /// <summary>Is it what the maintainer published?</summary>
    Published,

    /// <summary>Is it the newest I have seen?</summary>
    Newest,

    /// <summary>Can it run on these CPUs?</summary>
    Runs,
}

/// <summary>A named check: every finding names the rule it comes from, and docs/rules.md lists them all.</summary>
/// <param name="Id">Stable id such as <c>SIG-012</c>; never reused, and nothing is decided by it.</param>
/// <param name="Severity">The severity of its findings unless the finding says otherwise.</param>
/// <param name="Title">What must hold, in one line.</param>
/// <param name="Source">Where the rule comes from: specification, kernel file, or the loader's source.</param>
public sealed record Rule(string Id, Severity Severity, string Title, string Source)
{
    /// <summary>The section of docs/rules.md.</summary>
    public string Category { get; init; } = "";

    /// <summary>
    /// The question of an audit that it speaks against. What nobody assigned counts against "unchanged", so that nothing is dropped.
    /// </summary>
    public AuditQuestion Question { get; init; } = AuditQuestion.Unchanged;

    /// <summary>What a run ends in where its findings fail.</summary>
    public ExitCode ExitCode { get; init; } = ExitCode.VerificationFailed;
}

/// <summary>Rules that belong together, in order of their ids.</summary>
/// <param name="category">Their section of docs/rules.md.</param>
/// <param name="question">The question of an audit that they speak against.</param>
/// <param name="exitCode">What a run ends in where their findings fail.</param>
public sealed class RuleSet(string category, AuditQuestion question = AuditQuestion.Unchanged,
    ExitCode exitCode = ExitCode.VerificationFailed)
{
    private readonly List<Rule> rules = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Rule> Rules => rules;

    /// <summary>Adds a rule; called while a class of rules is initialised.</summary>
    /// <param name="id">As <see cref="Rule.Id"/>.</param>
    /// <param name="severity">As <see cref="Rule.Severity"/>.</param>
    /// <param name="title">As <see cref="Rule.Title"/>.</param>
    /// <param name="source">As <see cref="Rule.Source"/>.</param>
    /// <param name="other">Its question where that is another than the set's.</param>
    public Rule Add(string id, Severity severity, string title, string source, AuditQuestion? other = null)
    {
        var rule = new Rule(id, severity, title, source) { Category = category, Question = other ?? question, ExitCode = exitCode };
        rules.Add(rule);
        return rule;
    }
}
