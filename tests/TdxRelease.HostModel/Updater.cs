using System.Diagnostics;

namespace TdxRelease.HostModel;

/// <summary>What one run of the updater said.</summary>
public sealed record UpdaterRun(int Exit, string Output, string Errors)
{
    /// <summary>Both streams, for messages of failing tests.</summary>
    public string All => $"exit {Exit}\n{Output}{Errors}";
}

/// <summary>Runs <c>src/host/tdx-module-update</c> under one of the shells it must work in.</summary>
/// <param name="script">The script.</param>
/// <param name="shell"><c>dash</c>, <c>bash</c>, <c>bash --posix</c>, <c>mksh</c> or <c>busybox</c>; with busybox every tool but openssl
/// and gpgv is busybox's, too, and there is no flock.</param>
public sealed class Updater(string script, string shell)
{
    /// <summary>The shells of the matrix.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["dash", "bash", "busybox", "bash --posix", "mksh"];

    private static readonly Lazy<string> BusyboxPath = new(MakeBusyboxPath);

    /// <summary>A folder to be searched before all others, to put a tool of one's own in place.</summary>
    public string? FirstPath { get; init; }

    /// <summary>The whole PATH instead of the usual one.</summary>
    public string? OnlyPath { get; init; }

    /// <summary>More of the environment that the updater is started with.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The working directory; null = this process's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The root as the updater is told; null = its full path.</summary>
    public string? RootArgument { get; init; }

    /// <summary>Runs to the end; more than <paramref name="seconds"/> is a failure.</summary>
    public UpdaterRun Run(HostRoot root, string arguments, int seconds = 60)
    {
        using var process = Start(root, arguments);
        return Finish(process, seconds);
    }

    /// <summary>Waits for a started run; its few lines fit into the pipes.</summary>
    public static UpdaterRun Finish(Process process, int seconds = 60)
    {
        if (!process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"tdx-module-update ran longer than {seconds} s");
        }

        return new UpdaterRun(process.ExitCode, process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
    }

    /// <summary>Starts a run; the caller reads, waits or kills.</summary>
    public Process Start(HostRoot root, string arguments)
    {
        var words = shell.Split(' ');
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true
        };
        if (shell == "busybox")
        {
            start.FileName = Path.Combine(BusyboxPath.Value, "busybox");
            start.ArgumentList.Add("sh");
        }

        foreach (var option in words.Skip(1))
        {
            start.ArgumentList.Add(option);
        }

        start.ArgumentList.Add(script);
        foreach (var argument in arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add("--root");
        start.ArgumentList.Add(RootArgument ?? root.Path);
        start.WorkingDirectory = WorkingDirectory ?? "";
        var path = OnlyPath ?? (shell == "busybox" ? BusyboxPath.Value : "/usr/sbin:/usr/bin:/sbin:/bin");
        start.Environment["PATH"] = FirstPath is null ? path : FirstPath + ":" + path;
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("cannot start " + shell);
        process.StandardInput.Close();
        return process;
    }

    private static string MakeBusyboxPath()
    {
        var folder = Directory.CreateTempSubdirectory("tdxrel-busybox-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string Find(string tool) => new[] { "/usr/bin", "/bin", "/usr/sbin" }.Select(p => Path.Combine(p, tool)).First(File.Exists);
        foreach (var tool in new[] { "busybox", "openssl", "gpgv" })
        {
            File.CreateSymbolicLink(Path.Combine(folder, tool), Find(tool));
        }

        string[] applets = ["awk", "cat", "cut", "date", "dd", "env", "grep", "head", "ln", "mkdir", "mktemp", "mv", "od", "readlink", "rm",
            "sh", "sha256sum", "sleep", "tr", "wc", "kill", "cp", "touch"];
        foreach (var applet in applets)
        {
            File.CreateSymbolicLink(Path.Combine(folder, applet), Find("busybox"));
        }

        return folder;
    }
}
