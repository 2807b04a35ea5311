namespace TdxRelease.Modules.Findings;

/// <summary>An expected failure: one sentence for the user, the exit code it ends in, and optionally what to do about it.</summary>
/// <param name="code">The exit code of the process.</param>
/// <param name="message">Lower case, no full stop, bad input quoted, place named: printed behind <c>error: </c>.</param>
/// <param name="hint">What the user can do, printed behind <c>hint: </c>.</param>
/// <param name="inner">The cause, if another exception was translated.</param>
public sealed class TdxException(ExitCode code, string message, string? hint = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The exit code of the process.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What the user can do about it, if anything.</summary>
    public string? Hint { get; } = hint;
}
