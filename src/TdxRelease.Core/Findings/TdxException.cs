namespace TdxRelease.Core.Findings;

/// <summary>An expected failure: one sentence for the user, the exit code it ends in, and optionally what to do about it.</summary>
/// <param name="code">The exit code of the process.</param>
/// <param name="message">Lower case, no full stop, bad input quoted, place named: printed behind <c>error: </c>.</param>
/// <param name="hint">What the user can do, printed behind <c>hint: </c>.</param>
/// <param name="inner">The cause, if another exception was translated.</param>
/// <param name="lines">What the sentence counts, one a line below it; null for none.</param>
public sealed class TdxException(ExitCode code, string message, string? hint = null, Exception? inner = null,
    IReadOnlyList<string>? lines = null)
    : Exception(string.Join("\n  ", ((IEnumerable<string>)[message, .. lines ?? []]).Select(line => UntrustedText.Visible(line))), inner)
{
    /// <summary>The sentence without the lines below it.</summary>
    public string Summary { get; } = UntrustedText.Visible(message);

    /// <summary>What the sentence counts, one a line.</summary>
    public IReadOnlyList<string> Lines { get; } = lines ?? [];

    /// <summary>The exit code of the process.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What the user can do about it, if anything.</summary>
    public string? Hint { get; } = UntrustedText.Visible(hint);
}
