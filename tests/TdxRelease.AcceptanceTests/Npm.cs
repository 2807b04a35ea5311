using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests;

/// <summary>The scripts in tests/npm; their packages are installed from the lock file on first use.</summary>
internal static class Npm
{
    private static readonly Lazy<string> Folder = new(Install);

    /// <summary>Runs one of the scripts with node.</summary>
    public static ToolResult Run(string folder, string script, params string[] arguments) =>
        Tool.Run(folder, "node", [Path.Combine(Folder.Value, script), .. arguments]);

    private static string Install()
    {
        var folder = Path.Combine(TestData.Checkout, "tests/npm");
        var installed = Path.Combine(folder, "node_modules/.package-lock.json");
        if (!File.Exists(installed)
            || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            Tool.Run(folder, "npm", "ci", "--no-audit", "--no-fund").Ok();
        }

        return folder;
    }
}
