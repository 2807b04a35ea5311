using TdxRelease.Core.Findings;

namespace TdxRelease.Tests;

/// <summary>What is said where something is not done, word for word.</summary>
internal static class Refusals
{
    /// <summary>Bad input with this message; nothing wrong where it is null.</summary>
    public static void Says(string? want, Action act)
    {
        if (want is null)
        {
            act();
            return;
        }

        var error = Assert.Throws<TdxException>(act);
        Assert.Equal((ExitCode.BadInput, want), (error.Code, error.Message));
    }

    /// <summary>This exit with this message and this hint.</summary>
    public static void Refused(ExitCode code, string message, string? hint, Action act)
    {
        var error = Assert.Throws<TdxException>(act);
        Assert.Equal((code, message, hint), (error.Code, error.Message, error.Hint));
    }
}
