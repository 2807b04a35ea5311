using System.Diagnostics;
using System.Text.RegularExpressions;
using TdxRelease.HostModel;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Host;

/// <summary>The files of src/host as the distributions' tools see them, and what a run costs.</summary>
public sealed partial class PackagedFilesTests
{
    private static string Folder => Path.Combine(TestData.Checkout, "src/host");

    private static string Script => Path.Combine(Folder, "tdx-module-update");

    [Fact]
    public void Shellcheck_is_clean_and_the_program_is_short()
    {
        Assert.Equal("", Tool.Run("/", "shellcheck", "-s", "sh", Script).Ok().All);
        Assert.Equal("", Tool.Run("/", "shellcheck", "-s", "sh", Path.Combine(TestData.Checkout, "tests/host/real-kernel.sh")).Ok().All);
        Assert.Equal("", Tool.Run("/", "shellcheck", "-s", "bash", Script + ".bash-completion").Ok().All);
        Assert.InRange(File.ReadAllLines(Script).Length, 300, 682);
    }

    [Fact]
    public void The_manual_has_no_warnings_and_lists_exactly_the_exit_codes_of_the_program()
    {
        Assert.Equal("", Tool.Run("/", "sh", "-c", $"man --warnings -l '{Script}.8' 2>&1 >/dev/null").Ok().All);
        var script = File.ReadAllText(Script);
        var codes = ExitCode().Matches(script).Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))
            .Concat([0, 1, 5]).Order();
        var manual = File.ReadAllText(Script + ".8");
        var listed = ManualCode().Matches(manual[manual.IndexOf(".SH EXIT STATUS", StringComparison.Ordinal)..])
            .Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(codes, listed);
    }

    [Fact]
    public void The_unit_is_valid_and_waits_for_the_node()
    {
        using var folder = new TempFolder();
        var unit = File.ReadAllText(Script + ".service");
        Assert.Contains("ConditionPathExists=/sys/class/firmware/tdx_module/loading\n", unit, StringComparison.Ordinal);
        File.WriteAllText(folder["tdx-test.service"],
            unit.Replace("=tdx-module-update ", "=/bin/true ", StringComparison.Ordinal)
            .Replace("Documentation=man:tdx-module-update(8)\n", "", StringComparison.Ordinal));
        Assert.Equal("", Tool.Run("/", "systemd-analyze", "verify", folder["tdx-test.service"]).Ok().All);
    }

    [Fact]
    public void The_reporting_units_are_valid_and_never_apply()
    {
        using var folder = new TempFolder();
        foreach (var unit in (string[])["tdx-module-report.service", "tdx-module-report.timer"])
        {
            var text = File.ReadAllText(Path.Combine(TestData.Checkout, "src/host", unit));
            Assert.DoesNotContain("apply", text, StringComparison.Ordinal);
            File.WriteAllText(folder[unit], text.Replace("Documentation=man:tdx-module-update(8)\n", "", StringComparison.Ordinal));
        }

        Assert.Equal("", Tool.Run("/", "systemd-analyze", "verify", folder["tdx-module-report.service"], folder["tdx-module-report.timer"])
            .Ok().All);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("plan")]
    public void Status_and_plan_start_at_most_thirty_processes(string command)
    {
        using var folder = new TempFolder();
        var root = new HostRoot(folder["root"], new());
        Tool.Run("/", "strace",
            ["-f", "-qq", "-e", "trace=clone,clone3,fork,vfork", "-o", folder["trace"], "dash", Script, command, "--root", root.Path]);
        Assert.InRange(Started().Count(File.ReadAllText(folder["trace"])), 5, 30);
    }

    [Fact]
    public void The_image_is_written_a_page_at_a_time_to_one_descriptor()
    {
        using var folder = new TempFolder();
        var root = new HostRoot(folder["root"], new());
        using var model = new KernelModel(root.Path, new());
        Tool.Run("/", "strace",
            ["-f", "-qq", "-y", "-e", "trace=write,openat", "-o", folder["trace"], "dash", Script, "apply", "--root", root.Path]);
        Assert.Equal("1.5.16", model.Version);
        var lines = File.ReadAllLines(folder["trace"]);
        var writes = lines.Where(l => l.Contains("tdx_module/data>", StringComparison.Ordinal)
            && l.Contains(" write(", StringComparison.Ordinal)).ToList();
        Assert.Equal(42, writes.Count);
        Assert.All(writes, w => Assert.EndsWith(" = 4096", w, StringComparison.Ordinal));
        Assert.Single(lines,
            l => l.Contains("openat(", StringComparison.Ordinal) && l.Contains("tdx_module/data\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Gpgv_decides_where_there_is_no_key_for_openssl()
    {
        using var folder = new TempFolder();
        var root = new HostRoot(folder["root"], new());
        var home = Directory.CreateDirectory(folder["gpg"]).FullName;
        File.SetUnixFileMode(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string[] gpg = ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
        Tool.Run("/", "gpg", [.. gpg, "--quick-generate-key", "test", "rsa4096", "sign", "never"]).Ok();
        Tool.Run("/", "gpg", [.. gpg, "--output", root["usr/share/tdx-module-update/release.pgp"], "--export"]).Ok();
        var manifest = Path.Combine(root.Bundle, "manifest.json");
        Tool.Run("/", "gpg", [.. gpg, "--armor", "--digest-algo", "SHA512", "--detach-sign", manifest]).Ok();
        Tool.Run("/", "gpgconf", ["--homedir", home, "--kill", "all"]);
        File.Delete(root["usr/share/tdx-module-update/release.pem"]);
        foreach (var shell in Updater.Shells)
        {
            var run = new Updater(Script, shell).Run(root, "verify");
            Assert.True(run.Exit == 0, shell + run.All);
            Assert.Contains("(gpgv)", run.Output, StringComparison.Ordinal);
        }

        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("fixture", "fixturf", StringComparison.Ordinal));
        var bad = new Updater(Script, "dash").Run(root, "verify");
        Assert.True(bad.Exit == 4, bad.All);
        Assert.Contains("is not signed by the key", bad.Errors, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\bE_[A-Z]+=(\d+)")]
    private static partial Regex ExitCode();

    [GeneratedRegex(@"(?m)^\.B (\d+)$")]
    private static partial Regex ManualCode();

    [GeneratedRegex(@"(clone|clone3|fork|vfork)\(")]
    private static partial Regex Started();
}
