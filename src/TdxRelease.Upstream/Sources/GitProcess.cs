using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Sources;

/// <summary>
/// Runs git on a repository of our own that has no work tree. Nothing of the
/// other side acts here: no hooks, no filters, no submodules, no helpers named by
/// a URL (<c>ext::</c>), no prompts; variables of a surrounding git (a hook that runs a build) are dropped.
/// </summary>
/// <param name="repository">The bare repository.</param>
/// <param name="limits">Time and size.</param>
/// <param name="name">How messages call the source.</param>
internal sealed class GitProcess(string repository, FetchLimits limits, string name)
{
    private static readonly string[] Hardening =
    [
        "protocol.allow=never", "protocol.https.allow=always", "protocol.http.allow=always", "protocol.ssh.allow=always",
        "protocol.git.allow=always", "protocol.file.allow=always", "protocol.ext.allow=never",
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.symlinks=false", "core.askPass=", "credential.interactive=false",
        "fetch.fsckObjects=true", "transfer.fsckObjects=true", "fetch.recurseSubmodules=no", "submodule.recurse=false",
        "fetch.writeCommitGraph=false",
        "gc.auto=0", "maintenance.auto=false", "advice.detachedHead=false", "http.lowSpeedLimit=1",
    ];

    // What a user sets on purpose to reach a server; everything else that starts with GIT_ comes from a surrounding git.
    private static readonly string[] PassedOn =
        ["GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_PROXY_COMMAND", "GIT_CONFIG_GLOBAL", "GIT_EXEC_PATH"];

    /// <summary>Runs git to its end.</summary>
    /// <param name="arguments">After the hardening options.</param>
    /// <param name="cancellation">Kills git and everything it started.</param>
    /// <param name="progress">Called with each line of git's progress.</param>
    /// <param name="input">What git reads; nothing where null.</param>
    /// <param name="output">Takes git's output; where null it is returned as text.</param>
    /// <exception cref="TdxException">Exit 6 with git's own words.</exception>
    public async Task<string> RunAsync(
        IEnumerable<string> arguments,
        CancellationToken cancellation,
        Action<string>? progress = null,
        Func<Stream, Task>? input = null,
        Func<Stream, Task>? output = null)
    {
        var (exit, text, errors) = await TryRunAsync(arguments, cancellation, progress, input, output).ConfigureAwait(false);
        return exit == 0 ? text : throw Failed(errors);
    }

    /// <summary>As <see cref="RunAsync"/>, for commands whose failure is an answer.</summary>
    public async Task<(int Exit, string Output, string Errors)> TryRunAsync(
        IEnumerable<string> arguments,
        CancellationToken cancellation,
        Action<string>? progress = null,
        Func<Stream, Task>? input = null,
        Func<Stream, Task>? output = null)
    {
        using var run = new GitRun(Start(arguments), repository, limits, name, cancellation);
        return await run.ToEndAsync(progress, input, output).ConfigureAwait(false);
    }

    /// <summary>Drops what a surrounding git left in the environment and forbids prompts.</summary>
    internal static void Harden(IDictionary<string, string?> environment)
    {
        foreach (var variable in environment.Keys.Where(k => k.StartsWith("GIT_", StringComparison.Ordinal) && !PassedOn.Contains(k))
            .ToArray())
        {
            environment.Remove(variable);
        }

        environment["GIT_CONFIG_NOSYSTEM"] = "1";
        environment["GIT_TERMINAL_PROMPT"] = "0";
        environment["GIT_NO_REPLACE_OBJECTS"] = "1";
        environment["GIT_SSH_COMMAND"] = environment.TryGetValue("GIT_SSH_COMMAND", out var ssh) ? ssh : "ssh -oBatchMode=yes";
        environment["LC_ALL"] = "C";
        if (environment.TryGetValue("SSL_CERT_FILE", out var authorities) && !string.IsNullOrEmpty(authorities))
        {
            environment["GIT_SSL_CAINFO"] = authorities;
        }
    }

    public TdxException Failed(string errors)
    {
        var lines = errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var why = lines.FirstOrDefault(l => l.StartsWith("fatal:", StringComparison.Ordinal))
            ?? lines.FirstOrDefault(l => l.StartsWith("error:", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "no reason given";
        var remote = lines.FirstOrDefault(l => l.StartsWith("remote:", StringComparison.Ordinal)
            || l.StartsWith("ERR ", StringComparison.Ordinal));
        var text = remote is null || why == remote ? why : $"{why} ({remote})";
        return new TdxException(ExitCode.Io, $"{name}: git: {Credentials.Strip(text).TrimEnd('.')}", Hint(errors));
    }

    private static string? Hint(string errors) => errors switch
    {
        _ when errors.Contains("No space left", StringComparison.Ordinal) => "free some space and try again",
        _ when errors.Contains("Could not resolve", StringComparison.Ordinal)
            || errors.Contains("unable to look up", StringComparison.Ordinal)
            || errors.Contains("Failed to connect", StringComparison.Ordinal)
            || errors.Contains("unable to connect", StringComparison.Ordinal)
            => "without a network, use --source=FOLDER, --source=sample, or --offline with a filled cache",
        _ when errors.Contains("not our ref", StringComparison.Ordinal)
            => "the commit is no longer there: a branch was force-pushed, or the lock names another repository",
        _ when errors.Contains("certificate", StringComparison.OrdinalIgnoreCase) =>
            "SSL_CERT_FILE names another set of certification authorities",
        _ => null,
    };

    private Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("git")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = repository,
        };
        Harden(start.Environment);
        start.ArgumentList.Add($"--git-dir={repository}");
        foreach (var option in Hardening.Append($"http.lowSpeedTime={Math.Max(1, (int)limits.Stall.TotalSeconds)}"))
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(option);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new TdxException(ExitCode.Io, "cannot run git",
                "install git, or use an archive or a directory without .git as the source", e);
        }
    }
}
