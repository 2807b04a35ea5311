using TdxRelease.AcceptanceTests.Release;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Planning;

/// <summary>
/// The installing part of the Ansible role, by the real apt and dnf in a copy-on-write clone of this machine: what it writes is gone
/// afterwards.
/// </summary>
[Collection(RealRelease.Collection)]
public sealed class RoleInstallTests(RealRelease release)
{
    // The clone keeps this machine's programs, but no repository of it. dnf finds what the package needs in a database of its own, which is
    // empty.
    private const string InClone = """
        mount -t tmpfs tmpfs "$1"
        mkdir "$1/upper" "$1/work" "$1/root"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
        for d in proc sys dev; do mount --rbind "/$d" "$1/root/$d"; done
        rm -rf "$1/root/etc/apt/sources.list" "$1/root/etc/apt/sources.list.d" "$1/root/etc/yum.repos.d"
        mkdir -p "$1/root/etc/apt/sources.list.d" "$1/root/etc/yum.repos.d" "$1/root/etc/pki/rpm-gpg"
        cp "$2"/*.repo "$1/root/etc/yum.repos.d/" 2>/dev/null || true
        exec chroot "$1/root" sh -eu "$2/in-clone.sh"
        """;

    [UpstreamFact]
    public void The_role_installs_from_a_signed_apt_repository_and_changes_nothing_the_second_time() =>
        Installs("apt", $"Types: deb\nURIs: file://{release.Repository("apt")}\n{Suite()}", "dpkg -V intel-tdx-module");

    [UpstreamFact]
    public void The_role_installs_from_a_signed_dnf_repository_and_changes_nothing_the_second_time() =>
        Installs("dnf", $"file://{release.Repository("dnf")}", "rpm -V intel-tdx-module");

    [UpstreamFact]
    public void The_role_refuses_a_repository_of_another_key()
    {
        using var temp = new TempFolder();
        var run = Run(temp, "apt", $"Types: deb\nURIs: file://{release.Repository("apt")}\n{Suite()}",
            Armored(temp, TestRelease.CertificatePath), "true");
        Assert.True(run.Exit != 0 && run.All.Contains("is not signed", StringComparison.Ordinal), run.All);
    }

    [UpstreamFact]
    public void A_package_manager_that_the_role_does_not_know_is_refused()
    {
        using var temp = new TempFolder();
        var run = Run(temp, "zypper", "file:///nowhere", "", "true");
        Assert.True(run.Exit != 0 && run.All.Contains("cannot install with zypper", StringComparison.Ordinal), run.All);
    }

    private void Installs(string manager, string repository, string verify)
    {
        using var temp = new TempFolder();
        if (manager == "dnf")
        {
            InstalledTests.PublishBase(release.Pem, release.Certificate, temp["base"], hasShell: true);
            InstalledTests.Configure(temp["base/base.repo"], temp["base"], temp["base.repo"]);
        }

        var run = Run(temp, manager, repository, Armored(temp, release.Certificate), verify).Ok();
        Assert.Equal(2, run.Output.Split("failed=0").Length - 1);
        Assert.Contains("changed=0", run.Output[run.Output.LastIndexOf("PLAY RECAP", StringComparison.Ordinal)..],
            StringComparison.Ordinal);
    }

    private static ToolResult Run(TempFolder temp, string manager, string repository, string key, string verify)
    {
        File.WriteAllText(temp["variables.json"], new System.Text.Json.Nodes.JsonObject
        {
            ["tdx_module_package_manager"] = manager,
            ["tdx_module_repository"] = repository,
            ["tdx_module_key"] = key,
        }.ToJsonString());
        File.WriteAllText(temp["play.yml"], """
            [{"name":"install","hosts":"localhost","connection":"local","gather_facts":false,
              "tasks":[{"name":"install","ansible.builtin.include_role":{"name":"tdx.module.update","tasks_from":"install.yml"}}]}]
            """);
        File.WriteAllText(temp["in-clone.sh"], $"""
            cd '{temp.Path}'
            export ANSIBLE_COLLECTIONS_PATH='{temp.Path}' ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0
            for run in 1 2; do ansible-playbook play.yml -e @variables.json; done
            {verify}
            """);
        Directory.CreateDirectory(temp["ansible_collections/tdx"]);
        File.CreateSymbolicLink(temp["ansible_collections/tdx/module"], Path.Combine(TestData.Checkout, "deploy/ansible"));
        Directory.CreateDirectory(temp["clone"]);
        return Tool.Run("/", "unshare", "--mount", "sh", "-euc", InClone, "sh", temp["clone"], temp.Path);
    }

    private string Suite()
    {
        var lines = File.ReadAllLines(release.Repository("apt/tdx-module.sources"));
        return string.Join('\n',
            lines.Where(l => l.StartsWith("Suites:", StringComparison.Ordinal) || l.StartsWith("Components:", StringComparison.Ordinal)));
    }

    private static string Armored(TempFolder temp, string certificate) =>
        Tool.Run(temp.Path, "gpg", "--homedir", Directory.CreateDirectory(temp["gnupg"]).FullName, "--enarmor", "--output", "-",
            certificate).Ok().Output
            .Replace("ARMORED FILE", "PUBLIC KEY BLOCK", StringComparison.Ordinal);
}
