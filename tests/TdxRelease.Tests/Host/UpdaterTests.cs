using System.Security.Cryptography;
using System.Text.Json;
using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Host;

public sealed class UpdaterTests
{
    [Theory]
    [ClassData(typeof(ShellData))]
    public void Applies_a_path_of_three_steps_and_ends_at_the_planned_version(string shell)
    {
        using var machine = new Machine(new());
        var run = machine.Run("apply --policy smallest/default", shell);
        Assert.True(run.Exit == 0, run.All);
        Assert.Contains("done: module 1.5.16 runs until the next reboot", run.Errors, StringComparison.Ordinal);
        Assert.Equal("1.5.16", machine.Model!.Version);
        Assert.Equal(["installed", "installed", "installed"], machine.Model.Commits.Select(c => c.Outcome));
        machine.AssertClean();
        Assert.Contains("nothing to do", machine.Run("apply", shell).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void Says_reboot_when_the_module_is_gone_and_never_tries_again(string shell)
    {
        using var machine = new Machine(new() { FailAfterShutdownAt = 2 });
        var run = machine.Run("apply --policy smallest/default", shell);
        Assert.True(run.Exit == 21, run.All);
        Assert.Contains("the TDX module is gone: every TD on this machine is lost", run.Errors, StringComparison.Ordinal);
        Assert.Contains("hint: reboot", run.Errors, StringComparison.Ordinal);
        var again = machine.Run("apply", shell);
        Assert.True(again.Exit == 21, again.All);
        Assert.Equal(2, machine.Model!.Commits.Count);
        Assert.Equal(21, machine.Run("status", shell).Exit);
        machine.AssertClean();
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void Says_that_a_retry_is_safe_when_the_old_module_survived(string shell)
    {
        using var machine = new Machine(new() { RefuseAt = 1 });
        var run = machine.Run("apply", shell);
        Assert.True(run.Exit == 20, run.All);
        Assert.Contains("was refused (\"transferring:firmware-invalid\"); the old module 1.5.05 still runs", run.Errors,
            StringComparison.Ordinal);
        Assert.Equal(0, machine.Run("apply", shell).Exit);
        Assert.Equal("1.5.16", machine.Model!.Version);
    }

    [Fact]
    public void Does_not_trust_silence()
    {
        using var machine = new Machine(new() { InstallsNothing = true, StaleError = "transferring:hw-error" });
        var run = machine.Run("apply");
        Assert.True(run.Exit == 20, run.All);
        Assert.Contains("no error reported", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stale_error_of_an_earlier_upload_does_not_fail_a_good_one()
    {
        using var machine = new Machine(new() { StaleError = "transferring:firmware-invalid" });
        var run = machine.Run("apply");
        Assert.True(run.Exit == 0, run.All);
    }

    [Fact]
    public void Gives_up_waiting_after_ten_seconds_without_guessing()
    {
        using var machine = new Machine(new() { Hangs = true });
        var run = machine.Run("apply");
        Assert.True(run.Exit == 22, run.All);
        Assert.Contains("the kernel still says \"transferring\" after 10 seconds: the outcome is not known", run.Errors,
            StringComparison.Ordinal);
        var again = machine.Run("apply");
        Assert.True(again.Exit == 14, again.All);
        Assert.Contains("another upload is in progress", again.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sys/devices/system/cpu/online", "0,2-3\n", 11, "not all CPUs are online: online 0,2-3, present 0-3")]
    [InlineData("sys/devices/system/cpu/online", null, 3, "cannot tell which CPUs are online")]
    [InlineData("proc/cpuinfo", "processor : 0\nvendor_id : AuthenticAMD\ncpu family : 25\nmodel : 1\n\n", 11,
        "does not name an Intel processor")]
    [InlineData("proc/cpuinfo", "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 85\n\n", 5,
        "the step table has no answer for running module 1.5.05 on CPU 0x50650 with P-SEAMLDR 1.5.02")]
    [InlineData("etc/tdx-module-update/config", "policy=fewest/default\r\n", 3, "is not a policy")]
    [InlineData("etc/tdx-module-update/config", "polcy=x\n", 3, "config:1: cannot understand \"polcy=x\"")]
    [InlineData("etc/tdx-module-update/config", "# fine\n\ntarget=1.5.16; rm -rf /\n", 3,
        "config:3: \"1.5.16; rm -rf /\" is not a version")]
    [InlineData("etc/tdx-module-update/config", "quiesce=always\n", 12, "quiesce=always, but there is no hook")]
    [InlineData("proc/4711/cmdline", "qemu-system-x86_64\0-object\0tdx-guest,id=tdx0\0", 12, "TDs are running and no hook")]
    [InlineData("sys/fs/cgroup/machine.slice/misc.current", "sgx_epc 0\ntdx 2\n", 12, "TDs are running and no hook")]
    public void Refuses_before_anything_is_written(string file, string? text, int exit, string sentence)
    {
        using var machine = new Machine(new());
        if (text is null)
        {
            File.Delete(machine.Root[file]);
        }
        else
        {
            machine.Root.Write(file, text);
        }

        foreach (var shell in Updater.Shells)
        {
            var run = machine.Run("apply", shell);
            Assert.True(run.Exit == exit, shell + " " + run.All);
            Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        }

        Assert.Empty(machine.Model!.Commits);
        machine.AssertClean();
    }

    [Theory]
    [InlineData("1.5.05", "1.5.02", 0, "fewest/default", 11, "no updates are left before the next reboot")]
    [InlineData("1.5.05", "1.5.02", 2, "smallest/default", 11, "the plan needs 3 updates, only 2 are left")]
    [InlineData("1.5.05", "1.4.99", 9, "fewest/default", 5, "the step table has no answer for running module 1.5.05")]
    [InlineData("1.4.05", "1.5.02", 9, "fewest/default", 5, "the step table has no answer for running module 1.4.05")]
    [InlineData("1.5.01", "1.5.02", 9, "fewest/default", 5, "the step table has no answer for running module 1.5.01")]
    [InlineData("1.5.x", "1.5.02", 9, "fewest/default", 3, "holds \"1.5.x\", which is not a version")]
    [InlineData("1.5.05", "latest", 9, "fewest/default", 3, "holds \"latest\", which is not a version")]
    public void Refuses_by_what_the_kernel_says(string version, string loader, int remaining, string policy, int exit, string sentence)
    {
        using var machine = new Machine(new() { Version = version, Loader = loader, Remaining = remaining });
        foreach (var shell in Updater.Shells)
        {
            var run = machine.Run("apply --policy " + policy, shell);
            Assert.True(run.Exit == exit, shell + " " + run.All);
            Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        }

        Assert.Empty(machine.Model!.Commits);
    }

    [Fact]
    public void An_unlisted_running_version_uses_the_row_of_the_version_below()
    {
        using var machine = new Machine(new() { Version = "1.5.07" });
        var run = machine.Run("apply --policy smallest/td-preserving");
        Assert.True(run.Exit == 0, run.All);
        Assert.Contains("updating 1.5.07 -> 1.5.08", run.Errors, StringComparison.Ordinal);
        Assert.Equal("1.5.16", machine.Model!.Version);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void The_callers_environment_changes_nothing(string shell)
    {
        using var machine = new Machine(new());
        using var elsewhere = new TempFolder();
        var name = Path.GetFileName(machine.Root.Path);
        Directory.CreateDirectory(elsewhere[name]); // where cd would go by CDPATH
        File.WriteAllText(elsewhere["env"], "echo read ENV >&2\nexit 99\n");
        machine.Root.WriteHook("pre", "10-env",
            "printf '%s\\n' \"IFS=[${IFS-unset}] ${CDPATH-unset} ${ENV-unset} $(umask)\" >\"$TDX_ROOT/hook\"\n");
        var updater = new Updater(Machine.Script, shell)
        {
            Environment = new Dictionary<string, string> { ["IFS"] = "15.", ["CDPATH"] = elsewhere.Path, ["ENV"] = elsewhere["env"] },
            WorkingDirectory = Path.GetDirectoryName(machine.Root.Path),
            RootArgument = name,
        };
        var run = updater.Run(machine.Root, "apply --policy smallest/default");
        Assert.True(run.Exit == 0, run.All);
        Assert.Equal("1.5.16", machine.Model!.Version);
        Assert.Contains(" unset unset 0077", File.ReadAllText(machine.Root["hook"]), StringComparison.Ordinal);
        machine.AssertClean();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData(" \t \n")]
    [InlineData("\n\n \n")]
    public void A_version_without_text_is_not_a_module_that_is_gone(string text)
    {
        using var machine = new Machine(new(), plain: true);
        machine.Root.Write("sys/devices/faux/tdx_host/version", text);
        foreach (var shell in Updater.Shells)
        {
            var run = machine.Run("apply", shell);
            Assert.True(run.Exit == 22, shell + " " + run.All);
            Assert.Contains("version is empty: whether a module works is not known", run.Errors, StringComparison.Ordinal);
            var status = machine.Run("status --json", shell);
            Assert.True(status.Exit == 22, shell + " " + status.All);
            Assert.Contains("\"module\":\"silent\"", status.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_version_that_turns_empty_during_the_update_is_an_unknown_outcome()
    {
        using var machine = new Machine(new(), plain: true);
        machine.Root.WriteHook("post", "10-none", "exit 0\n");
        foreach (var shell in Updater.Shells.Where(s => s != "busybox")) // its dd is built in
        {
            // dd writes the image; whoever reads the version behind it finds nothing.
            machine.Root.Write("sys/devices/faux/tdx_host/version", "1.5.05\n");
            using var tools = new TempFolder();
            File.WriteAllText(tools["dd"], $"#!/bin/sh\n: >'{machine.Host}/version'\nexec /usr/bin/dd \"$@\"\n");
            File.SetUnixFileMode(tools["dd"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var run = new Updater(Machine.Script, shell) { FirstPath = tools.Path }.Run(machine.Root, "apply");
            Assert.True(run.Exit == 22, shell + " " + run.All);
        }
    }

    [Theory]
    [InlineData("4294967295")]
    [InlineData("2147483648")]
    [InlineData("1000000000")]
    public void An_unset_counter_of_updates_means_many(string remaining)
    {
        using var machine = new Machine(new(), plain: true);
        machine.Root.Write("sys/devices/faux/tdx_host/num_remaining_updates", remaining + "\n");
        foreach (var shell in Updater.Shells)
        {
            var run = machine.Run("apply --dry-run --policy smallest/default", shell);
            Assert.True(run.Exit == 0, shell + " " + run.All);
        }

        machine.Root.Write("sys/devices/faux/tdx_host/num_remaining_updates", remaining + "0\n");
        Assert.Equal(3, machine.Run("apply --dry-run").Exit);
    }

    [Theory]
    [InlineData("seamldr_upload", "spectre_v1", "old interface (seamldr_upload)")]
    [InlineData(null, "spectre_v1 seamret_invd_vmcs its", "has the bug seamret_invd_vmcs")]
    [InlineData(null, "spectre_v1", "does not offer updates (TDX_FEATURES0 bit 1)")]
    public void Says_why_the_node_is_absent(string? other, string bugs, string sentence)
    {
        using var machine = new Machine(new() { Version = "1.5.04" }, plain: true);
        Directory.Delete(machine.Node, recursive: true);
        machine.Root.Write("proc/cpuinfo", HostRoot.CpuInfo(0x806F0, bugs: bugs));
        if (other is not null)
        {
            machine.Root.Write("sys/class/firmware/" + other + "/loading", "0\n");
        }

        var run = machine.Run("apply");
        Assert.True(run.Exit == 10, run.All);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        var status = machine.Run("status --json");
        Assert.Equal(10, status.Exit);
        Assert.Contains(sentence, JsonDocument.Parse(status.Output).RootElement.GetProperty("reason").GetString(),
            StringComparison.Ordinal);
        Directory.Delete(machine.Host, recursive: true);
        if (other is null && !bugs.Contains("seamret", StringComparison.Ordinal))
        {
            Assert.Contains("kernel \"7.2.0-test\" has no tdx_host device", machine.Run("apply").Errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void Runs_against_a_plain_folder(string shell)
    {
        using var machine = new Machine(new(), plain: true);
        var image = FixtureModule.All.Single(m => m.Version == "1.5.16").Image();
        Assert.Equal(0, machine.Run("apply --dry-run", shell).Exit);
        Assert.Equal("", File.ReadAllText(Path.Combine(machine.Node, "data")));
        Assert.Equal(0, machine.Run("verify", shell).Exit);
        var run = machine.Run("apply", shell);
        Assert.True(run.Exit == 20, run.All); // nobody installs anything, and the updater notices
        Assert.Equal(SHA256.HashData(image), SHA256.HashData(File.ReadAllBytes(Path.Combine(machine.Node, "data"))));
        Assert.Equal("0\n", File.ReadAllText(Path.Combine(machine.Node, "loading")));
        machine.AssertClean();
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void Status_is_canonical_json_and_plan_names_the_new_measurements(string shell)
    {
        using var machine = new Machine(new());
        var status = machine.Run("status --json", shell);
        Assert.True(status.Exit == 0, status.All);
        var keys = JsonDocument.Parse(status.Output).RootElement.EnumerateObject().Select(p => p.Name).ToList();
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        Assert.Contains("\"newest\":\"1.5.16\"", status.Output, StringComparison.Ordinal);
        var plan = machine.Run("plan --to 1.5.8", shell);
        Assert.Contains("step 1.5.05 -> 1.5.08", plan.Output, StringComparison.Ordinal);
        Assert.Contains(FixtureBundle.MrSeam(FixtureModule.All[2].Image()), plan.Output, StringComparison.Ordinal);
        Assert.Contains("risks   td-build-race", plan.Output, StringComparison.Ordinal);
        Assert.Empty(machine.Model!.Commits);
        Assert.False(File.Exists(machine.Root["run/tdx-module-update.lock"]));
    }

    [Theory]
    [InlineData("", 2, "no command given")]
    [InlineData("frobnicate", 2, "cannot understand \"frobnicate\"")]
    [InlineData("plan --yes", 2, "an option does not belong to plan")]
    [InlineData("plan --to newest", 2, "--to: \"newest\" is not a version")]
    [InlineData("plan --policy best", 2, "--policy: \"best\" is not a policy")]
    [InlineData("plan apply", 2, "two commands: plan and apply")]
    [InlineData("plan --to 1.5.04", 5, "the bundle has no module 1.5.04")]
    [InlineData("plan --to 2.0.02", 5, "no path from 1.5.05 to 2.0.02")]
    public void Refuses_a_command_it_cannot_do(string arguments, int exit, string sentence)
    {
        using var machine = new Machine(new());
        var run = machine.Run(arguments);
        Assert.True(run.Exit == exit, run.All);
        Assert.StartsWith("error: ", run.Errors, StringComparison.Ordinal);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void Step_by_step_does_one_step_a_run()
    {
        using var machine = new Machine(new());
        Assert.Contains("2 step(s) are left", machine.Run("apply --step-by-step --policy smallest/default").Errors,
            StringComparison.Ordinal);
        Assert.Equal("1.5.06", machine.Model!.Version);
    }
}
