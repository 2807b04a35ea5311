using Cake.Core;
using Cake.Core.Diagnostics;
using TdxRelease.Core.Findings;

namespace TdxRelease.Build.CommandLine;

/// <summary>From an exception to two lines on stderr and the exit code of the process.</summary>
internal static class Failure
{
    public static int Report(IConsole console, Exception exception, Verbosity? verbosity)
    {
        var cause = Cause(exception);
        console.WriteErrorLine("{0}", $"error: {cause.Message}");
        if (cause is TdxException { Hint: { } hint })
        {
            console.WriteErrorLine("{0}", $"hint: {hint}");
        }

        if (cause is TdxException expected)
        {
            return (int)expected.Code;
        }

        if (verbosity is Verbosity.Diagnostic)
        {
            console.WriteErrorLine("{0}", exception.ToString());
        }
        else
        {
            console.WriteErrorLine("{0}", "hint: --verbosity=diagnostic shows where it was thrown");
        }

        return (int)ExitCode.InternalError;
    }

    /// <summary>The expected failure in the chain of exceptions, or else the innermost one: Cake wraps what a task throws.</summary>
    private static Exception Cause(Exception exception)
    {
        for (var each = exception; ; each = each.InnerException)
        {
            if (each is TdxException || each.InnerException is null)
            {
                return each;
            }
        }
    }
}
