namespace TdxRelease.Core.Findings;

/// <summary>How much a finding weighs. <see cref="Error"/> and above fail the run.</summary>
public enum Severity
{
    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>An auditor should look at it; the run passes.</summary>
    Warning,

    /// <summary>The run fails.</summary>
    Error,

    /// <summary>The run fails, and something was tampered with or two verifiers disagree.</summary>
    Critical,
}

/// <summary>Where in the input something was found.</summary>
/// <param name="File">Path as the user knows it, with forward slashes, relative to the source's root where there is one.</param>
/// <param name="Line">1-based line, or 0 where lines mean nothing.</param>
/// <param name="Column">1-based column in bytes, or 0.</param>
public readonly record struct Location(string File, int Line = 0, int Column = 0)
{
    /// <summary><c>file:line:column</c>, as compilers print it, with what cannot be seen spelled out.</summary>
    public override string ToString() => UntrustedText.Visible(Line > 0 ? $"{File}:{Line}:{Column}" : File);
}

/// <summary>One result of one rule.</summary>
/// <param name="Rule">The rule that was broken.</param>
/// <param name="Severity">How much it weighs here.</param>
/// <param name="Message">What was found, with got and want.</param>
/// <param name="Location">Where.</param>
/// <param name="Version">The module it concerns, as spelled upstream, or null.</param>
public sealed record Finding(Rule Rule, Severity Severity, string Message, Location Location, string? Version = null)
{
    /// <summary>What was found, on one line, with what cannot be seen spelled out: it goes into reports of every form.</summary>
    public string Message { get; init; } = UntrustedText.Visible(Message);

    /// <summary>The module it concerns, as spelled upstream, or null.</summary>
    public string? Version { get; init; } = UntrustedText.Visible(Version);

    /// <summary>A finding with its rule's own severity.</summary>
    public Finding(Rule rule, string message, Location place, string? version = null)
        : this(rule, rule.Severity, message, place, version)
    {
    }

    /// <summary>Whether the run fails because of it.</summary>
    public bool Fails => Severity >= Severity.Error;

    /// <summary><c>place: RULE: message</c>.</summary>
    public override string ToString() => $"{Location}: {Rule.Id}: {Message}";
}
