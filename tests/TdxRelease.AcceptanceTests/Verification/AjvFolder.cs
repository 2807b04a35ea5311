using System.Diagnostics;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Verification;

/// <summary>ajv in a folder of its own, installed from the lock file of tests/npm.</summary>
public sealed class AjvFolder : IDisposable
{
    private readonly TempFolder folder = new();

    public AjvFolder()
    {
        foreach (var name in new[] { "package.json", "package-lock.json", "validate.mjs" })
        {
            File.Copy(Path.Combine(Upstream.Checkout, "tests", "npm", name), folder[name]);
        }

        var (exit, text) = Run("npm", "ci", "--no-audit", "--no-fund");
        Assert.True(exit == 0, text);
    }

    /// <summary>Writes the documents and gives back the names of those that ajv calls valid.</summary>
    public IReadOnlySet<string> Valid(string schemaPath, IReadOnlyDictionary<string, byte[]> documents)
    {
        foreach (var (name, bytes) in documents)
        {
            File.WriteAllBytes(folder[name], bytes);
        }

        var (_, text) = Run("node", ["validate.mjs", schemaPath, .. documents.Keys]);
        var lines = text.Split('\n');
        Assert.True(lines.Count(l => documents.Keys.Any(d => l == $"valid {d}" || l.StartsWith($"{d}: ", StringComparison.Ordinal))) == documents.Count, text);
        return lines.Where(l => l.StartsWith("valid ", StringComparison.Ordinal)).Select(l => l[6..]).ToHashSet(StringComparer.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private (int Exit, string Text) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}
