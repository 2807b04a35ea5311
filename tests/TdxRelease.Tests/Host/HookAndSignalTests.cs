using System.Diagnostics;
using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Host;

public sealed class HookAndSignalTests
{
    [Theory]
    [ClassData(typeof(ShellData))]
    public void Hooks_run_in_order_around_each_step_and_know_it(string shell)
    {
        using var machine = new Machine(new());
        machine.Root.Write("proc/4711/cmdline", "qemu\0-object\0tdx-guest\0");
        machine.Root.WriteHook("pre", "20-b", "echo \"b $TDX_FROM $TDX_TO $TDX_RESULT\" >>\"$TDX_ROOT/log\"\n");
        machine.Root.WriteHook("pre", "10-a", "echo \"a $TDX_FROM $TDX_TO $TDX_RESULT\" >>\"$TDX_ROOT/log\"\n");
        machine.Root.WriteHook("pre", "30-c~", "exit 1\n");
        machine.Root.WriteHook("post", "10-z", "echo \"z $TDX_FROM $TDX_TO $TDX_RESULT\" >>\"$TDX_ROOT/log\"\n");
        var run = machine.Run("apply --to 1.5.08 --policy smallest/default", shell);
        Assert.True(run.Exit == 0, run.All);
        Assert.Equal(
            ["a 1.5.05 1.5.06 none", "b 1.5.05 1.5.06 none", "z 1.5.05 1.5.06 updated", "a 1.5.06 1.5.08 none", "b 1.5.06 1.5.08 none",
                "z 1.5.06 1.5.08 updated"],
            File.ReadAllLines(machine.Root["log"]));
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void A_failing_pre_hook_stops_everything_and_post_hooks_run(string shell)
    {
        using var machine = new Machine(new());
        machine.Root.WriteHook("pre", "10-a", "exit 3\n");
        machine.Root.WriteHook("pre", "20-b", "touch \"$TDX_ROOT/b-ran\"\n");
        machine.Root.WriteHook("post", "10-z", "touch \"$TDX_ROOT/post-ran\"\n");
        var run = machine.Run("apply", shell);
        Assert.True(run.Exit == 13, run.All);
        Assert.Contains("/etc/tdx-module-update/pre.d/10-a failed: nothing was updated", run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(machine.Root["b-ran"]));
        Assert.True(File.Exists(machine.Root["post-ran"]));
        Assert.Empty(machine.Model!.Commits);
    }

    [Fact]
    public void Post_hooks_hear_that_the_module_is_gone()
    {
        using var machine = new Machine(new() { FailAfterShutdownAt = 1 });
        machine.Root.WriteHook("post", "10-z", "echo \"$TDX_RESULT\" >\"$TDX_ROOT/log\"\n");
        Assert.Equal(21, machine.Run("apply").Exit);
        Assert.Equal("reboot\n", File.ReadAllText(machine.Root["log"]));
    }

    [Fact]
    public void A_failing_post_hook_has_its_own_code_and_stops_the_path()
    {
        using var machine = new Machine(new());
        machine.Root.WriteHook("post", "10-z", "exit 1\n");
        var run = machine.Run("apply --policy smallest/default");
        Assert.True(run.Exit == 15, run.All);
        Assert.Equal("1.5.06", machine.Model!.Version);
        Assert.Contains("TD creation may still be stopped", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hook_that_is_not_executable_is_not_passed_over()
    {
        using var machine = new Machine(new());
        machine.Root.Write("etc/tdx-module-update/pre.d/10-a", "#!/bin/sh\nexit 0\n");
        var run = machine.Run("apply");
        Assert.True(run.Exit == 13, run.All);
        Assert.Contains("is not executable", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void Preconditions_are_checked_again_after_the_hooks(string shell)
    {
        using var machine = new Machine(new());
        machine.Root.WriteHook("pre", "10-a", "echo 0-2 >\"$TDX_ROOT/sys/devices/system/cpu/online\"\n");
        var run = machine.Run("apply", shell);
        Assert.True(run.Exit == 11, run.All);
        Assert.Contains("not all CPUs are online", run.Errors, StringComparison.Ordinal);
        Assert.Empty(machine.Model!.Commits);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void An_image_swapped_after_the_check_is_not_uploaded(string shell)
    {
        using var machine = new Machine(new());
        var image = FixtureModule.All.Single(m => m.Version == "1.5.16");
        machine.Root.WriteHook("pre", "10-a", $"head -c 172032 /dev/zero >\"$TDX_ROOT/usr/lib/firmware/intel/tdx-module/{image.Path}\"\n");
        var run = machine.Run("apply", shell);
        Assert.True(run.Exit == 0, run.All); // the private copy that was hashed is what was written
        Assert.Equal("installed", Assert.Single(machine.Model!.Commits).Outcome);
        Assert.Equal(4, machine.Run("verify", shell).Exit);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void A_private_copy_that_changes_while_hooks_run_is_not_uploaded(string shell)
    {
        using var machine = new Machine(new());
        var image = FixtureModule.All.Single(m => m.Version == "1.5.16");
        machine.Root.WriteHook("pre", "10-a",
            $"printf xyz | dd of=\"/proc/$PPID/cwd/{image.Path}\" bs=1 seek=100000 conv=notrunc 2>/dev/null\n");
        var run = machine.Run("apply", shell);
        Assert.True(run.Exit == 4, run.All);
        Assert.Empty(machine.Model!.Commits);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void A_signal_during_the_upload_aborts_it(string shell)
    {
        using var machine = new Machine(new());
        using var tools = new TempFolder();
        Machine.WriteTool(tools["dd"], "kill -TERM $PPID\nhead -c 40960\n");
        var run = new Updater(Machine.Script, shell) { FirstPath = tools.Path }.Run(machine.Root, "apply");
        if (shell == "busybox" && run.Exit == 0)
        {
            return; // this busybox prefers its own dd to the one in PATH; the kill test covers it
        }

        Assert.True(run.Exit == 23, run.All);
        Assert.Contains("the upload was aborted before the kernel acted on it: module 1.5.05 still runs", run.Errors,
            StringComparison.Ordinal);
        Assert.Equal("1.5.05", machine.Model!.Version);
        Assert.Empty(machine.Model.Commits);
        machine.AssertClean();
        Assert.Equal(0, machine.Run("apply", shell).Exit);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void A_signal_after_the_commit_waits_for_the_kernel_and_stops_before_the_next_step(string shell)
    {
        using var machine = new Machine(new() { StateTime = TimeSpan.FromMilliseconds(300) });
        using var process = new Updater(Machine.Script, shell).Start(machine.Root, "apply --policy smallest/default");
        machine.AwaitUpload();
        Process.Start("kill", ["-TERM", $"{process.Id}"]).WaitForExit();
        var run = Updater.Finish(process);
        Assert.True(run.Exit == 23, run.All);
        Assert.Contains("stopped by SIGTERM after 1.5.06; 2 step(s) are left", run.Errors, StringComparison.Ordinal);
        Assert.Equal("1.5.06", machine.Model!.Version);
        machine.AssertClean();
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void Two_at_once_one_is_told_so(string shell)
    {
        using var machine = new Machine(new() { StateTime = TimeSpan.FromMilliseconds(300) });
        using var first = new Updater(Machine.Script, shell).Start(machine.Root, "apply");
        machine.AwaitUpload();
        var second = machine.Run("apply", shell);
        Assert.True(second.Exit == 14, second.All);
        Assert.Contains("another tdx-module-update is running", second.Errors, StringComparison.Ordinal);
        first.WaitForExit();
        Assert.Equal(0, first.ExitCode);
        Assert.Single(machine.Model!.Commits);
    }

    [Fact]
    public void Without_flock_the_lock_is_a_link_that_names_its_process()
    {
        using var machine = new Machine(new());
        using var tools = new TempFolder();
        var updater = new Updater(Machine.Script, "dash") { OnlyPath = Machine.PathWithout(tools, "flock", "logger") };
        File.CreateSymbolicLink(machine.Root["run/tdx-module-update.lock.owner"],
            $"{Environment.ProcessId}.1"); // this process, but another start time
        var run = updater.Run(machine.Root, "apply --to 1.5.06");
        Assert.True(run.Exit == 0, run.All);
        Assert.Empty(Directory.GetFileSystemEntries(machine.Root["run"]));
        var start = File.ReadAllText($"/proc/{Environment.ProcessId}/stat").Split(") ")[^1].Split(' ')[19];
        File.CreateSymbolicLink(machine.Root["run/tdx-module-update.lock.owner"], $"{Environment.ProcessId}.{start}");
        run = updater.Run(machine.Root, "apply");
        Assert.True(run.Exit == 14, run.All);
        Assert.Contains($"another tdx-module-update is running (process {Environment.ProcessId})", run.Errors, StringComparison.Ordinal);
    }
}
