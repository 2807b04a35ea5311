using System.Diagnostics;
using System.Text;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Signing;

/// <summary>What a program said.</summary>
internal sealed record Said(int Exit, byte[] Output, string Errors)
{
    public string Text => Encoding.UTF8.GetString(Output);

    /// <summary>Requires success.</summary>
    public Said Ok()
    {
        Assert.True(Exit == 0, $"exit {Exit}: {Text}{Errors}");
        return this;
    }

    /// <summary>Requires refusal.</summary>
    public Said Refused()
    {
        Assert.True(Exit != 0, $"accepted: {Text}{Errors}");
        return this;
    }
}

/// <summary>Runs the real consumers.</summary>
internal static class Tool
{
    private static readonly Lazy<string> Npm = new(InstallNpm);

    public static Said Run(string folder, string program, params string[] arguments) => RunWith(folder, null, program, arguments);

    public static Said RunWith(string folder, byte[]? input, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GNUPGHOME"] = Path.Combine(folder, "gnupg");
        start.Environment["LC_ALL"] = "C.UTF-8";
        return Converse(start, input).GetAwaiter().GetResult();
    }

    private static async Task<Said> Converse(ProcessStartInfo start, byte[]? input)
    {
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        var errors = process.StandardError.ReadToEndAsync();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        if (input is not null)
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
        }

        process.StandardInput.Close();
        await reading;
        var said = await errors;
        await process.WaitForExitAsync();
        return new Said(process.ExitCode, output.ToArray(), said);
    }

    /// <summary>Runs one of the scripts in tests/npm; its packages are installed from the lock file on first use.</summary>
    public static Said Node(string folder, string script, params string[] arguments) =>
        Run(folder, "node", [Path.Combine(Npm.Value, script), .. arguments]);

    private static string InstallNpm()
    {
        var folder = Path.Combine(Upstream.Checkout, "tests/npm");
        var installed = Path.Combine(folder, "node_modules/.package-lock.json");
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            Run(folder, "npm", "ci", "--no-audit", "--no-fund").Ok();
        }

        return folder;
    }
}

/// <summary>A folder with a gpg home in it, whose agent ends with the test.</summary>
internal sealed class GpgFolder : IDisposable
{
    private readonly TempFolder folder = new();

    public GpgFolder()
    {
        Directory.CreateDirectory(this["gnupg"]);
        File.SetUnixFileMode(this["gnupg"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Path => folder.Path;

    public string this[string name] => folder[name];

    public Said Gpg(params string[] arguments) => Tool.Run(Path, "gpg", ["--batch", "--no-tty", "--pinentry-mode", "loopback", .. arguments]);

    public void Dispose()
    {
        Tool.Run(Path, "gpgconf", "--kill", "all");
        folder.Dispose();
    }
}
