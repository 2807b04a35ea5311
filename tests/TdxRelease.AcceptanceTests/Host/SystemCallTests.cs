using System.Security.Cryptography;
using TdxRelease.HostModel;
using TdxRelease.Testing;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Host;

/// <summary>The updater under strace: what it writes, and what is left of it wherever it ends.</summary>
public sealed class SystemCallTests(ITestOutputHelper output)
{
    // What makes, changes or removes a file, and what starts or ends a process.
    private const string Calls = "openat,write,rename,renameat,renameat2,unlink,unlinkat,symlink,symlinkat,mkdir,mkdirat,rmdir,dup2,fcntl,"
        + "clone,vfork,execve,wait4,kill,exit_group";

    private static string Script => Path.Combine(TestData.Checkout, "src/host/tdx-module-update");

    private static readonly HashSet<string> Genuine =
        [.. FixtureModule.All.Where(m => m.Line == "1.5").Select(m => Convert.ToHexStringLower(SHA256.HashData(m.Image())))];

    /// <summary>Every call in dash, every fifth in busybox sh.</summary>
    [Theory]
    [InlineData("dash", 1)]
    [InlineData("busybox sh", 5)]
    public void Killed_at_each_of_its_system_calls_it_never_leaves_a_wrong_module_and_the_next_run_ends_the_work(string shell, int every)
    {
        var killed = 0;
        for (var call = 1; ; call += every)
        {
            Assert.True(call < 3000, "it does not end");
            using var temp = new TempFolder();
            var root = new HostRoot(temp["root"], new());
            using var model = new KernelModel(root.Path, new() { StateTime = TimeSpan.FromMilliseconds(1) });
            var traced = $"strace -qq -o {temp["log"]} -e trace={Calls} -e inject={Calls}:signal=KILL:when={call} {shell}";
            var run = new Updater(Script, traced).Run(root, "apply --policy smallest/default");
            if (run.Exit == 0)
            {
                Assert.Equal("1.5.16", model.Version);
                break;
            }

            Assert.True(run.Exit == 137, $"call {call}: {run.All}");
            Assert.All(model.Commits, c => Assert.Contains(c.Sha256, Genuine));
            var status = new Updater(Script, "dash").Run(root, "status");
            Assert.True(status.Exit == 0, $"call {call}: {status.All}");
            var last = new Updater(Script, "dash").Run(root, "apply");
            Assert.True(last.Exit == 0, $"call {call}: {last.All}");
            Assert.Equal("1.5.16", model.Version);
            Assert.Empty(Directory.GetDirectories(root["run"], "*.apply.*"));
            killed++;
        }

        output.WriteLine($"{shell}: killed at {killed} system calls");
        Assert.InRange(killed, 100 / every, 1000);
    }

    /// <summary>
    /// A power cut takes the module and /run with it. Nothing else is written, so that there is nothing that it could leave behind.
    /// </summary>
    [Theory]
    [InlineData("apply --policy smallest/default", "1.5.16")]
    [InlineData("apply --dry-run", "1.5.05")]
    [InlineData("plan", "1.5.05")]
    [InlineData("status --json", "1.5.05")]
    [InlineData("verify", "1.5.05")]
    public void It_writes_to_run_and_to_the_kernel_and_nowhere_else(string command, string module)
    {
        using var temp = new TempFolder();
        var root = new HostRoot(temp["root"], new());
        using var model = new KernelModel(root.Path, new() { StateTime = TimeSpan.FromMilliseconds(1) });
        Tool.Write(temp["read-only"], ReadOnly);
        File.SetUnixFileMode(temp["read-only"], (UnixFileMode)0x1ED);
        var updater = new Updater(Script, $"strace -f -qq -o {temp["log"]} -e trace=%file {temp["read-only"]}")
        {
            Environment = new Dictionary<string, string> { ["HOST_ROOT"] = root.Path },
        };
        var run = updater.Run(root, command);
        Assert.True(run.Exit == 0, run.All);
        Assert.Equal(module, model.Version);
        var calls = File.ReadAllLines(temp["log"]);
        var start = Array.FindIndex(calls, l => l.Contains("[\"dash\", ", StringComparison.Ordinal));
        Assert.Contains(calls[..start], l => l.Contains("EROFS", StringComparison.Ordinal));
        Assert.DoesNotContain(calls[start..], l => l.Contains("EROFS", StringComparison.Ordinal));
    }

    /// <summary>The kernel tells the version of the P-SEAMLDR to root only: without it there is no plan.</summary>
    [Theory]
    [InlineData("status --json", 0, "")]
    [InlineData("plan", 6, "run as root")]
    [InlineData("verify", 0, "")]
    [InlineData("apply", 6, "run as root")]
    [InlineData("apply --dry-run", 6, "run as root")]
    public void Somebody_who_is_not_root(string command, int exit, string sentence)
    {
        using var temp = new TempFolder();
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        var root = new HostRoot(temp["root"], new());
        using var model = new KernelModel(root.Path, new() { StateTime = TimeSpan.FromMilliseconds(1) });
        var run = new Updater(Script, "setpriv --reuid=nobody --regid=nogroup --clear-groups dash").Run(root, command);
        Assert.True(run.Exit == exit && run.Errors.Contains(sentence, StringComparison.Ordinal), run.All);
        Assert.Equal("1.5.05", model.Version);
        Assert.Empty(Directory.EnumerateFileSystemEntries(root["run"]));
    }

    // Everything but /run and the kernel's files is read-only for whoever is started; a try to write elsewhere is EROFS.
    private const string ReadOnly = """
        #!/bin/sh
        exec unshare --mount sh -euc '
          for folder in . run sys; do mount --bind "$HOST_ROOT/$folder" "$HOST_ROOT/$folder"; done
          for folder in "$HOST_ROOT" / /tmp /var/tmp /run /dev/shm; do
            if mountpoint -q "$folder"; then mount -o remount,bind,ro "$folder"; fi
          done
          if touch "$HOST_ROOT/etc/x" 2>&1 || touch /var/x 2>&1; then exit 99; fi
          exec dash "$@"' sh "$@"

        """;
}
