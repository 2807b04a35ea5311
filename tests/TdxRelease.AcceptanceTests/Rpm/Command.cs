using System.Diagnostics;

namespace TdxRelease.AcceptanceTests.Rpm;

/// <summary>Runs the distribution's tools in a plain environment.</summary>
internal static class Command
{
    public static (int Code, string Output) Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["HOME"] = folder;
        start.Environment.Remove("http_proxy");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    public static string Ok(string folder, string program, params string[] arguments)
    {
        var (code, output) = Run(folder, program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ends with {code}:\n{output}");
        return output;
    }

    public static string Fails(string folder, string program, params string[] arguments)
    {
        var (code, output) = Run(folder, program, arguments);
        Assert.True(code != 0, $"{program} {string.Join(' ', arguments)} accepts it:\n{output}");
        return output;
    }
}
