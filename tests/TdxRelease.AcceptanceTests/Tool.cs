using System.Diagnostics;
using System.Text;

namespace TdxRelease.AcceptanceTests;

/// <summary>What a distribution's own tool said.</summary>
internal sealed record ToolResult(string Command, int Exit, string Output, string Errors)
{
    /// <summary>Both streams, stdout first.</summary>
    public string All => Output + Errors;

    /// <summary>Requires success.</summary>
    public ToolResult Ok()
    {
        Assert.True(Exit == 0, $"{Command}: exit {Exit}\n{Output}\n{Errors}");
        return this;
    }

    /// <summary>Requires refusal and, where reasons are given, that one of them was said.</summary>
    public ToolResult Refused(params string[] reasons)
    {
        Assert.True(Exit != 0, $"{Command}: was accepted\n{Output}\n{Errors}");
        Assert.True(reasons.Length == 0 || reasons.Any(r => All.Contains(r, StringComparison.OrdinalIgnoreCase)),
            $"{Command}: refused for another reason\n{Output}\n{Errors}");
        return this;
    }
}

/// <summary>Runs a real tool with a time limit, in a plain environment. A directory `gnupg` in its folder is its GnuPG home.</summary>
internal static class Tool
{
    private static readonly Dictionary<string, string> NoEnvironment = [];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public static ToolResult Run(string folder, string program, params string[] arguments) =>
        RunWith(folder, NoEnvironment, program, arguments);

    public static ToolResult RunWith(string folder, IReadOnlyDictionary<string, string> environment, string program,
        params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
        if (Path.Combine(folder, "gnupg") is var home && Directory.Exists(home))
        {
            start.Environment["GNUPGHOME"] = home;
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program}: did not end within {Limit}");
        }

        return new ToolResult($"{program} {string.Join(' ', arguments)}", process.ExitCode, output.Result, errors.Result);
    }

    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, new UTF8Encoding(false));
    }
}
