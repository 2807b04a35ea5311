using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Acquisition;

/// <summary>
/// Intel's real data as a git history of four states, composed anew for each test, and a git daemon that serves it on loopback.
/// </summary>
internal sealed class UpstreamHistory : IDisposable
{
    private Process? daemon;

    /// <param name="root">Folder of the served repositories; the history is in <c>up</c> below it.</param>
    public UpstreamHistory(string root)
    {
        Root = root;
        Repository = Path.Combine(root, "up");
        Directory.CreateDirectory(Repository);
        Git("init", "--quiet", "--initial-branch=main");
        File.WriteAllText(Path.Combine(Repository, "blob_join.sh"), "#!/bin/sh\nexit 1\n");
        foreach (var name in (string[])["BINARIES_LICENSE", "LICENSE"])
        {
            File.Copy(Path.Combine(TestData.Snapshot, name), Path.Combine(Repository, name));
        }

        First = State("2025-04-29-547cbc75.json", "2025-04-29T12:00:00Z", version => version is "1.5.01" or "1.5.05" or "1.5.06");
        Second = State("2025-08-11-53e0e6e4.json", "2025-08-11T12:00:00Z", _ => true);
        Third = State(null, "2026-02-10T12:00:00Z", _ => true);
        Fourth = State("2026-mid-14c28ce0.json", "2026-07-01T12:00:00Z", _ => true);
    }

    public string Root { get; }

    public string Repository { get; }

    public string First { get; }

    public string Second { get; }

    /// <summary>The snapshot of 2026-02-10, byte by byte.</summary>
    public string Third { get; }

    /// <summary>The mapping file of mid-2026 over the modules of 2026-02: rewritten facts, and releases without files.</summary>
    public string Fourth { get; }

    /// <summary>Starts <c>git daemon</c> and returns the URL.</summary>
    public async Task<string> ServeAsync()
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        daemon = Process.Start(new ProcessStartInfo(
            "git", ["daemon", "--listen=127.0.0.1", $"--port={port}", $"--base-path={Root}", "--export-all", "--reuseaddr", Root])
        { RedirectStandardError = true })!;
        for (var attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return $"git://127.0.0.1:{port}/up";
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException("git daemon does not answer");
    }

    public void Stop()
    {
        daemon?.Kill(entireProcessTree: true);
        daemon?.WaitForExit();
        daemon?.Dispose();
        daemon = null;
    }

    public string Git(params string[] arguments) => Run("2026-02-10T12:00:00Z", arguments);

    public void Dispose() => Stop();

    private string State(string? mapping, string date, Func<string, bool> takes)
    {
        foreach (var file in Directory.EnumerateFiles(TestData.Snapshot, "tdx_module_*", SearchOption.AllDirectories))
        {
            var version = Path.GetFileNameWithoutExtension(file)["tdx_module_".Length..];
            var target = Path.Combine(Repository, Path.GetRelativePath(TestData.Snapshot, file));
            if (takes(version) && !File.Exists(target))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        var source = mapping is null ? Path.Combine(TestData.Snapshot, "mapping_file.json")
            : Path.Combine(TestData.MappingHistory, mapping);
        File.Copy(source, Path.Combine(Repository, "mapping_file.json"), overwrite: true);
        Run(date, "-c", "core.compression=1", "add", "--all");
        Run(date, "commit", "--quiet", "--allow-empty", "--message", date);
        return Git("rev-parse", "HEAD").Trim();
    }

    private string Run(string date, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_AUTHOR_DATE"] = date,
            ["GIT_COMMITTER_DATE"] = date,
        };
        string[] identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
        return Tool.RunWith(Repository, environment, "git", [.. identity, .. arguments]).Ok().Output;
    }
}
