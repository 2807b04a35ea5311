namespace TdxRelease.Upstream.Sources;

/// <summary>
/// A transfer broke in a way that another attempt may mend. It never leaves a fetch: after the last attempt it becomes exit 6.
/// </summary>
/// <param name="message">What happened, lower case.</param>
/// <param name="inner">The cause.</param>
public sealed class BrokenTransferException(string message, Exception? inner = null) : Exception(message, inner);
