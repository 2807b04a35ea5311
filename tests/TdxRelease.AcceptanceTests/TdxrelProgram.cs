using TdxRelease.AcceptanceTests.Packages;

namespace TdxRelease.AcceptanceTests;

/// <summary>
/// The program under test, as users start it: the native file or the installed dotnet tool that TDXREL_PROGRAM names, else what was built
/// beside the tests.
/// </summary>
internal static class TdxrelProgram
{
    private static readonly Lazy<string> Checked = new(Check);

    /// <summary>The program as the just-in-time compiler runs it.</summary>
    public static string Built { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "tdxrel");

    /// <summary>An executable file.</summary>
    public static string Path => Checked.Value;

    // A program of another commit would pass or fail for reasons of its own.
    private static string Check()
    {
        if (Environment.GetEnvironmentVariable("TDXREL_PROGRAM") is not { Length: > 0 } program)
        {
            return Built;
        }

        Assert.Equal(Tool.Run("/", Built, "--version").Ok().Output, Tool.Run("/", program, "--version").Ok().Output);
        return program;
    }
}
