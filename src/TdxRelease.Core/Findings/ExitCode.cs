namespace TdxRelease.Core.Findings;

/// <summary>The exit codes of every tdxrel command and build task. README documents them, a test holds the two together.</summary>
public enum ExitCode
{
    /// <summary>Everything asked for was done.</summary>
    Success = 0,

    /// <summary>A defect of tdxrel itself.</summary>
    InternalError = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>An input is malformed: mapping file, lock, policy, image, version.</summary>
    BadInput = 3,

    /// <summary>A signature, hash or cross-check does not hold.</summary>
    VerificationFailed = 4,

    /// <summary>A policy or rule forbids it, or no path leads there.</summary>
    Refused = 5,

    /// <summary>A file or a network could not be read or written.</summary>
    Io = 6,

    /// <summary>The source differs from the lock.</summary>
    Drift = 7,
}
