using TdxRelease.Packages;
using TdxRelease.Repositories;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>apt itself, with its own root, state and configuration; nothing of the machine's is touched.</summary>
public sealed class AptTests(PackagesFixture packages) : IClassFixture<PackagesFixture>
{
    private const string Blob = "usr/lib/firmware/intel/tdx-module/joined_files/2.0/tdx_module_2.0.08.blob";

    [Fact]
    public void Install_upgrade_and_remove_from_the_signed_repository()
    {
        using var apt = new AptRoot();
        apt.Publish([packages.Old[0]], SamplePackage.Time);
        apt.Update().Ok();
        apt.Get("install", SamplePackage.Name).Ok();
        Assert.Equal(SamplePackage.Firmware("20250811", 2), File.ReadAllBytes(apt.Root(Blob)));

        apt.Publish([packages.New[0]], SamplePackage.Time.AddDays(1));
        apt.Update().Ok();
        apt.Get("upgrade").Ok();
        Assert.Equal(SamplePackage.Firmware("20260210", 2), File.ReadAllBytes(apt.Root(Blob)));
        Assert.Contains("20250811-1", apt.Run("apt-cache", "policy", SamplePackage.Name).Ok().Output, StringComparison.Ordinal);

        apt.Get("purge", SamplePackage.Name).Ok();
        Assert.False(Directory.Exists(apt.Root("usr/lib/firmware")), "removal leaves something");
        Assert.False(Directory.Exists(apt.Root($"usr/share/doc/{SamplePackage.Name}")), "removal leaves something");
    }

    [Theory]
    [InlineData("dists/stable/InRelease", "Label: Test", "Label: Tesu")]
    [InlineData("dists/stable/Release", null, null)]
    [InlineData("dists/stable/non-free-firmware/binary-amd64/Packages", "Priority: optional", "Priority: optionam")]
    public void A_tampered_index_is_refused(string file, string? from, string? to)
    {
        using var apt = new AptRoot();
        apt.Publish([packages.New[0]], SamplePackage.Time);
        if (from is null)
        {
            // Without InRelease apt falls back to Release and Release.gpg.
            File.Delete(apt.Repository("dists/stable/InRelease"));
            File.AppendAllText(apt.Repository(file), "Changelogs: no\n");
            apt.Update().Refused("BADSIG", "not signed", "invalid");
            return;
        }

        foreach (var path in Directory.EnumerateFiles(apt.Repository("dists"), "*", SearchOption.AllDirectories))
        {
            // Every copy of the index is changed alike, by-hash too; the compressed forms go.
            if (file.EndsWith("Packages", StringComparison.Ordinal)
                && Path.GetFileName(path).StartsWith("Packages.", StringComparison.Ordinal))
            {
                File.Delete(path);
            }
            else if (path.EndsWith(file, StringComparison.Ordinal)
                || (file.EndsWith("Packages", StringComparison.Ordinal) && path.Contains("by-hash", StringComparison.Ordinal)))
            {
                File.WriteAllText(path, File.ReadAllText(path).Replace(from, to, StringComparison.Ordinal));
            }
        }

        apt.Update().Refused("BADSIG", "Clearsigned file isn't valid", "Hash Sum mismatch", "unexpected size");
    }

    [Fact]
    public void A_tampered_package_is_refused()
    {
        using var apt = new AptRoot();
        apt.Publish([packages.New[0]], SamplePackage.Time);
        apt.Update().Ok();
        var pool = Directory.EnumerateFiles(apt.Repository("pool"), "*.deb", SearchOption.AllDirectories).Single();
        var bytes = File.ReadAllBytes(pool);
        bytes[^2000] ^= 1;
        File.WriteAllBytes(pool, bytes);
        apt.Get("install", SamplePackage.Name).Refused("Hash Sum mismatch");
        Assert.False(File.Exists(apt.Root(Blob)));
    }

    [Fact]
    public void An_expired_index_and_another_key_are_refused()
    {
        using var apt = new AptRoot();
        apt.Publish([packages.New[0]], SamplePackage.Time, validDays: 1);
        apt.Update("-o", "Acquire::Check-Valid-Until=true").Refused("is expired", "expired");

        using var other = new AptRoot();
        other.Publish([packages.New[0]], SamplePackage.Time);
        other.UseForeignKey();
        other.Update().Refused("NO_PUBKEY", "couldn't be verified");
    }

    [Fact]
    public void A_refreshed_index_is_accepted_again_and_serves_the_same_package()
    {
        using var apt = new AptRoot();
        apt.Publish([packages.New[0]], SamplePackage.Time, validDays: 1);
        apt.Update().Refused("is expired", "expired");
        var pool = Directory.EnumerateFiles(apt.Repository("pool"), "*.deb", SearchOption.AllDirectories).Single();
        var before = File.ReadAllBytes(pool);
        AptRefresh.Run(Path.GetDirectoryName(apt.Repository("pool"))!,
            DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60), null, TestRelease.OpenPgp);
        Assert.Equal(before, File.ReadAllBytes(pool));
        apt.Update().Ok();
        apt.Get("install", SamplePackage.Name).Ok();
    }

    [Fact]
    public void Release_gpg_satisfies_gpgv_and_sqv()
    {
        using var apt = new AptRoot();
        apt.Publish([packages.New[0]], SamplePackage.Time);
        var release = apt.Repository("dists/stable/Release");
        var key = apt.Repository("tdx.pgp");
        Tool.Run("/", "gpgv", "--keyring", key, $"{release}.gpg", release).Ok();
        Tool.Run("/", "gpgv", "--keyring", key, apt.Repository("dists/stable/InRelease")).Ok();
        Tool.Run("/", "sqv", "--keyring", key, $"{release}.gpg", release).Ok();
    }
}

/// <summary>A private apt and dpkg root with a repository beside it.</summary>
internal sealed class AptRoot : IDisposable
{
    private readonly TempFolder temp = new();

    public AptRoot()
    {
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        foreach (var folder in (string[])["root/var/lib/dpkg/info", "root/var/lib/dpkg/updates", "root/var/lib/dpkg/triggers",
            "apt/state/lists/partial", "apt/cache/archives/partial", "apt/etc/sources.list.d", "apt/etc/preferences.d",
            "apt/etc/apt.conf.d", "apt/etc/trusted.gpg.d", "apt/log"])
        {
            Directory.CreateDirectory(temp[folder]);
        }

        File.WriteAllText(temp["root/var/lib/dpkg/status"], "");
        Tool.Write(temp["apt.conf"], $$"""
            Dir "{{temp["apt"]}}";
            Dir::Etc "{{temp["apt/etc"]}}";
            Dir::State "{{temp["apt/state"]}}";
            Dir::State::status "{{temp["root/var/lib/dpkg/status"]}}";
            Dir::Cache "{{temp["apt/cache"]}}";
            Dir::Log "{{temp["apt/log"]}}";
            Dir::Bin::dpkg "/usr/bin/dpkg";
            DPkg::Options { "--root={{temp["root"]}}"; "--force-not-root"; "--force-script-chrootless"; };
            DPkg::Chroot-Directory "/";
            APT::Architecture "amd64";
            APT::Architectures { "amd64"; };
            APT::Sandbox::User "root";
            APT::Get::Assume-Yes "true";
            Acquire::Languages "none";
            Acquire::Check-Valid-Until "true";
            Debug::NoLocking "true";
            """);
    }

    public string Root(string relative) => temp[$"root/{relative}"];

    public string Repository(string relative) => temp[$"repository/{relative}"];

    public void Publish(IReadOnlyList<RepositoryPackage> packages, DateTimeOffset time, int validDays = 36500)
    {
        var options = new AptRepositoryOptions("tdx", "Test", "stable", "non-free-firmware", "Test firmware", $"file:{temp["repository"]}",
            time, TimeSpan.FromDays(validDays));
        AptRepository.Publish(temp["repository"], options, packages, TestRelease.OpenPgp);
        Use(Repository("tdx.sources"));
    }

    /// <summary>A package that counts as installed.</summary>
    public void HasPackage(string name) => File.AppendAllText(
        temp["root/var/lib/dpkg/status"],
        $"Package: {name}\nStatus: install ok installed\nMaintainer: Test <test@tdxrel.invalid>\nArchitecture: amd64\nVersion: 1\n"
            + "Description: stands for the real one\n\n");

    /// <summary>
    /// Takes a repository's own configuration file; a copy of the repository lies elsewhere than it says. The keyring lies below the root,
    /// and is the repository's where no package has brought one.
    /// </summary>
    public void Use(string sources, string from = "\0", string to = "")
    {
        const string signedBy = "Signed-By: /";
        var text = File.ReadAllText(sources).Replace(from, to, StringComparison.Ordinal);
        var keyring = Root(text.Split('\n').Single(l => l.StartsWith(signedBy, StringComparison.Ordinal))[signedBy.Length..]);
        if (!File.Exists(keyring))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(keyring)!);
            File.Copy(Path.ChangeExtension(sources, ".pgp"), keyring);
        }

        File.WriteAllText(temp["apt/etc/sources.list.d/tdx.sources"],
            text.Replace(signedBy, $"Signed-By: {Root("")}", StringComparison.Ordinal));
    }

    public void UseForeignKey()
    {
        Directory.CreateDirectory(temp["gnupg"]);
        var home = new Dictionary<string, string> { ["GNUPGHOME"] = temp["gnupg"] };
        Tool.RunWith(temp.Path, home, "gpg", "--batch", "--passphrase", "", "--quick-gen-key", "other@tdxrel.invalid", "ed25519", "sign",
            "never").Ok();
        Tool.RunWith(temp.Path, home, "gpg", "--output", temp["other.pgp"], "--export", "other@tdxrel.invalid").Ok();
        Tool.RunWith(temp.Path, home, "gpgconf", "--kill", "all");
        var path = temp["apt/etc/sources.list.d/tdx.sources"];
        var text = File.ReadAllText(path);
        File.WriteAllText(path, $"{text[..text.IndexOf("Signed-By:", StringComparison.Ordinal)]}Signed-By: {temp["other.pgp"]}\n");
    }

    public ToolResult Update(params string[] more) => Run("apt-get", ["update", "--error-on=any", .. more]);

    public ToolResult Get(params string[] arguments) => Run("apt-get", arguments);

    public ToolResult Run(string program, params string[] arguments) =>
        Tool.RunWith("/", new Dictionary<string, string> { ["APT_CONFIG"] = temp["apt.conf"], ["DEBIAN_FRONTEND"] = "noninteractive" },
            program, arguments);

    public void Dispose() => temp.Dispose();
}
