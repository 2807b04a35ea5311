using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Host;

/// <summary>
/// A hostile environment, two at once, a clock that jumps, disks that take nothing: never a wrong success, never a wrong module.
/// </summary>
public sealed class UnderFireTests
{
    /// <summary>bash and what its callers can export; the last of each is what it must not change.</summary>
    public static TheoryData<string, string, string> BashOptions() => new()
    {
        { "bash", "SHELLOPTS", "errexit" },
        { "bash", "SHELLOPTS", "nounset:noglob:noclobber:pipefail:allexport" },
        { "bash --posix", "SHELLOPTS", "errexit:noglob" },
        { "bash", "BASHOPTS", "nocasematch:failglob:dotglob:xpg_echo" },
        { "dash", "SHELLOPTS", "errexit:noexec" },
        { "mksh", "SHELLOPTS", "errexit:noexec" },
        { "busybox", "SHELLOPTS", "errexit:noexec" },
    };

    [Theory]
    [MemberData(nameof(BashOptions))]
    public void Options_that_bash_takes_from_the_environment_change_nothing(string shell, string name, string value)
    {
        using var machine = new Machine(new());
        machine.Root.WriteHook("pre", "10-a", $"printf '%s\\n' \"${{{name}-unset}}\" >\"$TDX_ROOT/hook\"\n");
        var updater = new Updater(Machine.Script, shell) { Environment = new Dictionary<string, string> { [name] = value } };
        var run = updater.Run(machine.Root, "apply --policy smallest/default");
        Assert.True(run.Exit == 0, run.All);
        Assert.Equal("1.5.16", machine.Model!.Version);
        Assert.Equal(3, machine.Model.Commits.Count);
        Assert.Contains("done: module 1.5.16 runs", run.Errors, StringComparison.Ordinal);
        if (shell.StartsWith("bash", StringComparison.Ordinal))
        {
            Assert.Equal("unset\n", File.ReadAllText(machine.Root["hook"]));
        }

        machine.AssertClean();
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void A_path_without_tools_is_an_error_and_not_a_success(string shell)
    {
        using var machine = new Machine(new());
        var run = Wrapped(machine, $"PATH=/nowhere exec /usr/bin/{Words(shell)} \"$@\"\n", "apply");
        Assert.True(run.Exit is 4 or 6, run.All); // busybox has most tools inside, but no openssl
        Assert.Empty(machine.Model!.Commits);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void A_umask_of_777_changes_nothing(string shell)
    {
        using var machine = new Machine(new());
        Directory.Delete(machine.Root["run"]);
        var run = Wrapped(machine, $"umask 777\nexec {Words(shell)} \"$@\"\n", "apply");
        Assert.True(run.Exit == 0, run.All);
        Assert.Equal("1.5.16", machine.Model!.Version);
        machine.AssertClean();
    }

    [Theory]
    [InlineData("dash", true, "mksh", true)]
    [InlineData("mksh", true, "dash", true)]
    [InlineData("mksh", true, "bash --posix", true)]
    [InlineData("dash", true, "busybox", false)]
    [InlineData("busybox", false, "dash", true)]
    [InlineData("dash", false, "dash", true)]
    [InlineData("dash", true, "dash", false)]
    [InlineData("mksh", false, "bash", true)]
    public void Two_exclude_each_other_whatever_their_shells_and_with_or_without_flock(string first, bool firstFlock, string second,
        bool secondFlock)
    {
        using var machine = new Machine(new() { StateTime = TimeSpan.FromMilliseconds(300) });
        using var tools = new TempFolder();
        var without = Machine.PathWithout(tools, "flock", "logger");
        Updater Of(string shell, bool flock) => new(Machine.Script, shell) { OnlyPath = flock || shell == "busybox" ? null : without };
        using var running = Of(first, firstFlock).Start(machine.Root, "apply");
        machine.AwaitUpload();
        var refused = Of(second, secondFlock).Run(machine.Root, "apply");
        Assert.True(refused.Exit == 14, refused.All);
        Assert.Contains("another tdx-module-update is running", refused.Errors, StringComparison.Ordinal);
        var run = Updater.Finish(running);
        Assert.True(run.Exit == 0, run.All);
        Assert.Single(machine.Model!.Commits);
        machine.AssertClean();
    }

    [Fact]
    public void Under_mksh_the_lock_is_flocks_too()
    {
        using var machine = new Machine(new());
        machine.Root.WriteHook("pre", "10-a", "flock -n \"$TDX_ROOT/run/tdx-module-update.lock\" true; echo $? >\"$TDX_ROOT/held\"\n");
        Assert.Equal(0, machine.Run("apply", "mksh").Exit);
        Assert.Equal("1\n", File.ReadAllText(machine.Root["held"]));
    }

    [Theory]
    [InlineData("dash")]
    [InlineData("bash")]
    [InlineData("mksh")]
    public void A_clock_that_jumps_during_the_run_changes_nothing(string shell)
    {
        using var machine = new Machine(new() { StateTime = TimeSpan.FromMilliseconds(100) });
        using var tools = new TempFolder();
        Machine.WriteTool(tools["date"],
            $"echo x >>'{tools["asked"]}'\n[ \"$(wc -l <'{tools["asked"]}')\" -eq 1 ] && exec /usr/bin/date \"$@\"\n"
                + "exec /usr/bin/date -d @7 \"$@\"\n");
        var run = new Updater(Machine.Script, shell) { FirstPath = tools.Path }.Run(machine.Root, "apply --policy smallest/default");
        Assert.True(run.Exit == 0, run.All);
        Assert.Equal("1.5.16", machine.Model!.Version);
        Assert.Equal("x\n", File.ReadAllText(tools["asked"])); // one time for everything; waiting goes by the uptime
    }

    [Theory]
    [InlineData("@7", "which is in the future; is the clock right?")]
    [InlineData("@99999999999", "manifest.json expired at")]
    public void A_clock_that_is_wrong_is_a_refusal(string time, string sentence)
    {
        using var machine = new Machine(new());
        using var tools = new TempFolder();
        Machine.WriteTool(tools["date"], $"exec /usr/bin/date -d {time} \"$@\"\n");
        var run = new Updater(Machine.Script, "dash") { FirstPath = tools.Path }.Run(machine.Root, "apply");
        Assert.True(run.Exit == 4, run.All);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        Assert.Empty(machine.Model!.Commits);
    }

    [Theory]
    [InlineData("dash", "manifest.json")]
    [InlineData("bash", "manifest.json.sig")]
    [InlineData("mksh", "release.pem")]
    [InlineData("dash", "steps.tsv")]
    [InlineData("bash", "files")]
    [InlineData("mksh", "head")]
    [InlineData("dash", "plan")]
    public void A_disk_that_is_full_at_one_of_its_files_is_an_error(string shell, string file)
    {
        using var machine = new Machine(new());
        using var tools = new TempFolder();
        var work = machine.Root["run/tdx-module-update.apply.full"];
        Machine.WriteTool(tools["mktemp"], $"mkdir '{work}' && ln -s /dev/full '{work}/{file}' && echo '{work}'\n");
        var run = new Updater(Machine.Script, shell) { FirstPath = tools.Path }.Run(machine.Root, "apply");
        Assert.True(run.Exit is 3 or 4 or 6, run.All);
        Assert.Contains("error: ", run.Errors, StringComparison.Ordinal);
        Assert.Empty(machine.Model!.Commits);
        Assert.Empty(Directory.GetDirectories(machine.Root["run"]));
    }

    /// <summary>busybox's awk ends with 0 where a disk takes nothing; an awk that loses rows stands for it here.</summary>
    [Theory]
    [InlineData("fewest/td-preserving", "/^step/d")]
    [InlineData("smallest/default", "$d")]
    public void A_plan_that_lost_rows_on_the_way_to_the_disk_is_an_error(string policy, string lost)
    {
        using var machine = new Machine(new());
        using var tools = new TempFolder();
        Machine.WriteTool(tools["awk"], $"/usr/bin/awk \"$@\"; code=$?; [ ! -f plan ] || sed -i '{lost}' plan; exit $code\n");
        var run = new Updater(Machine.Script, "dash") { FirstPath = tools.Path }.Run(machine.Root, $"apply --policy {policy}");
        Assert.True(run.Exit == 6, run.All);
        Assert.Contains("error: cannot write the plan", run.Errors, StringComparison.Ordinal);
        Assert.Empty(machine.Model!.Commits);
    }

    [Theory]
    [ClassData(typeof(ShellData))]
    public void A_disk_that_takes_a_few_blocks_only_gives_an_error_or_the_right_module(string shell)
    {
        foreach (var blocks in new[] { 0, 1, 2, 8, 64 })
        {
            using var machine = new Machine(new());
            var run = Wrapped(machine, $"trap '' XFSZ\nulimit -f {blocks}\nexec {Words(shell)} \"$@\"\n", "apply");
            Assert.True(run.Exit is 0 or 3 or 4 or 6 or 20, $"{blocks} blocks: {run.All}");
            Assert.Equal(run.Exit == 0 ? "1.5.16" : "1.5.05", machine.Model!.Version);
        }
    }

    [Fact]
    public void A_run_folder_that_takes_nothing_is_an_error()
    {
        using var machine = new Machine(new());
        Directory.Delete(machine.Root["run"]);
        Directory.CreateSymbolicLink(machine.Root["run"], "/proc/self"); // no one, not even root, makes a file there
        var run = machine.Run("apply");
        Assert.True(run.Exit == 6, run.All);
        Assert.Contains("cannot write ", run.Errors, StringComparison.Ordinal);
        Assert.Empty(machine.Model!.Commits);
        Assert.Equal(0, machine.Run("verify").Exit); // its private folder is in /tmp then
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(2, 11)]
    public void As_many_updates_as_the_plan_has_are_enough(int remaining, int exit)
    {
        using var machine = new Machine(new() { Remaining = remaining });
        var run = machine.Run("apply --policy smallest/default");
        Assert.True(run.Exit == exit, run.All);
        Assert.Equal(exit == 0 ? 3 : 0, machine.Model!.Commits.Count);
    }

    [Theory]
    [InlineData(20, 1, 0, "has a reserved byte that is not zero")]
    [InlineData(4095, 1, 0, "has a reserved byte that is not zero")]
    [InlineData(16, 241, 497, "has more pages than Linux takes")]
    public void A_header_that_Linux_would_refuse_is_refused_though_it_is_signed(int offset, byte value, int modulePages, string sentence)
    {
        using var machine = new Machine(new(), plain: true);
        var path = Path.Combine(machine.Root.Bundle, FixtureModule.All[0].Path);
        var image = File.ReadAllBytes(path);
        image[offset] = value;
        image[17] = (byte)(modulePages >> 8);
        Array.Resize(ref image, modulePages > 0 ? 4096 * (2 + modulePages) : image.Length);
        File.WriteAllBytes(path, image);
        FixtureBundle.Sign(machine.Root.Bundle);
        var run = machine.Run("verify");
        Assert.True(run.Exit == 4, run.All);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x226F3F0FBF", "0x226F3B0FBF", 5, "lacks NO_RBP_MOD (TDX_FEATURES0 bit 18)")]
    [InlineData("\t1.5.00\t", "\tLOADER\t", 0, "")]
    [InlineData("\t1.5.00\t", "\t1.4.00\t", 5, "the step table has no answer for running module 1.5.05")]
    [InlineData("\ttd-preserving\t1\t", "\ttd-preserving\t2\t", 3, "has another length than it says")]
    public void What_a_signed_step_table_says_of_modules_loaders_and_paths_counts(string old, string other, int exit, string sentence)
    {
        using var machine = new Machine(new());
        var table = Path.Combine(machine.Root.Bundle, "steps.tsv");
        var text = File.ReadAllText(table);
        var loader = new ModelSettings().Loader;
        var changed = text.Replace(old, other.Replace("LOADER", loader, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.NotEqual(text, changed);
        File.WriteAllText(table, changed);
        FixtureBundle.Sign(machine.Root.Bundle);
        var run = machine.Run("plan");
        Assert.True(run.Exit == exit, run.All);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_table_that_expired_is_refused_though_its_manifest_is_in_force()
    {
        using var machine = new Machine(new());
        var table = Path.Combine(machine.Root.Bundle, "steps.tsv");
        var lines = File.ReadAllLines(table);
        lines[0] = string.Join('\t', lines[0].Split('\t')[..4].Append("2001-01-01T00:00:00Z"));
        File.WriteAllText(table, string.Join('\n', lines) + "\n");
        FixtureBundle.Sign(machine.Root.Bundle);
        var run = machine.Run("apply");
        Assert.True(run.Exit == 4, run.All);
        Assert.Contains("steps.tsv expired at 2001-01-01T00:00:00Z", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>Each row is signed, and still a path never leaves the line of the running module.</summary>
    [Fact]
    public void A_signed_step_to_another_line_is_refused()
    {
        using var machine = new Machine(new());
        var other = FixtureModule.All.First(m => m.Line != "1.5").Version;
        var table = Path.Combine(machine.Root.Bundle, "steps.tsv");
        var lines = File.ReadAllLines(table).Select(line => line.Split('\t')).ToList();
        foreach (var row in lines.Where(row => row[0] == "step" && row[3] == "1.5.05"))
        {
            (row[5], row[6], row[8]) = (other, other, "1");
        }

        File.WriteAllText(table, string.Concat(lines.Select(row => string.Join('\t', row) + "\n")));
        FixtureBundle.Sign(machine.Root.Bundle);
        var run = machine.Run($"apply --to {other}");
        Assert.True(run.Exit == 3, run.All);
        Assert.Contains($"steps.tsv: the step from 1.5.05 to {other} does not lead to {other}", run.Errors, StringComparison.Ordinal);
        Assert.Empty(machine.Model!.Commits);
    }

    private static string Words(string shell) => shell == "busybox" ? "busybox sh" : shell;

    private static UpdaterRun Wrapped(Machine machine, string script, string arguments)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["wrapper"], script);
        return new Updater(folder["wrapper"], "dash").Run(machine.Root, $"{Machine.Script} {arguments}");
    }
}
