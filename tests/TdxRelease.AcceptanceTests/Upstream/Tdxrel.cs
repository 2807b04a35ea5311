using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Acquisition;

/// <summary>The real program as a process, with a cache of its own.</summary>
internal sealed class Tdxrel(TempFolder temp)
{
    public Dictionary<string, string> Environment
    { get; } = new() { ["XDG_CACHE_HOME"] = temp["xdg"], ["SOURCE_DATE_EPOCH"] = "1770000000" };

    public string CacheRoot => temp["xdg/tdxrel"];

    /// <summary>Runs it in the test's folder.</summary>
    public ToolResult Run(int exit, params string[] arguments)
    {
        var result = Tool.RunWith(temp.Path, Environment, TdxrelProgram.Path, arguments);
        Assert.True(result.Exit == exit,
            $"tdxrel {string.Join(' ', arguments)}: exit {result.Exit}, want {exit}\n{result.Output}\n{result.Errors}");
        return result;
    }
}
