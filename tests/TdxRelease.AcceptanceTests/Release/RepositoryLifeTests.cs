using System.Globalization;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>
/// The states of one repository: two releases, a packaging fix, a refresh, and a key that another one replaces. Made once.
/// </summary>
public sealed class RepositoryLife : IDisposable
{
    internal const string Name = "intel-tdx-module";
    internal const string Keyring = "tdx-module-archive-keyring";
    private const int First = 1, Fix = 2, Refreshed = 3, Announced = 4, Switched = 5, Retired = 6;

    private readonly TempFolder temp = new();
    private readonly DateTimeOffset begin = DateTimeOffset.UtcNow.AddDays(-10);

    public RepositoryLife()
    {
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        Tdxrel(0, "sample", "create", temp["sample"]);
        foreach (var key in (string[])["old", "new"])
        {
            var created = key == "old" ? "2026-01-01" : "2026-01-02";
            Tdxrel(0, "keys", "create", "--out", temp[key], "--user-id", $"{key} <{key}@tdxrel.invalid>", "--created", created);
        }

        string[] old = ["--signing-key", temp["old.pem"]], next = ["--signing-key", temp["new.pem"]];
        Bundle(First, "20260301", [.. old]);
        Bundle(Fix, "20260301", [.. old, "--revision", "2"]);
        Tdxrel(Refreshed, ["refresh", temp["live"], .. old]);
        Keep(Refreshed);
        Bundle(Announced, "20260401", [.. old, "--second-key", temp["new.pem"]]);
        Bundle(Switched, "20260501", [.. next, "--second-key", temp["old.pem"]]);
        Bundle(Retired, "20260601", [.. next, "--keyring", temp["old.pgp"]]);
        File.WriteAllBytes(temp["both.pgp"], [.. File.ReadAllBytes(temp["new.pgp"]), .. File.ReadAllBytes(temp["old.pgp"])]);
    }

    /// <summary>What is installed of each state.</summary>
    internal static IReadOnlyList<(int State, string Version)> Upgrades { get; } =
    [
        (Fix, "20260301-2"), (Refreshed, "20260301-2"), (Announced, "20260401-1"), (Switched, "20260501-1"), (Retired, "20260601-1"),
    ];

    internal string this[string relative] => temp[relative];

    /// <summary>A repository in one of its states.</summary>
    internal string State(int state, string kind) => temp[$"state{state}/{kind}"];

    public void Dispose() => temp.Dispose();

    internal ToolResult Tdxrel(int day, params string[] arguments) => Tool.RunWith(
        temp.Path,
        new Dictionary<string, string>
        {
            ["SOURCE_DATE_EPOCH"] = begin.AddDays(day).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        },
        TdxrelProgram.Path, arguments).Ok();

    private void Bundle(int state, string version, params string[] more)
    {
        var license = Tool.Run(temp["sample"], "sha256sum", "BINARIES_LICENSE").Ok().Output.Split(' ')[0];
        Tdxrel(state, ["bundle", temp["sample"], "--policy", "sample", "--accept-license", license, "--formats", "apt,dnf,pacman",
            "--repository", temp["live"], "--base-url", "file:///srv/tdx", "--package-version", version, "--out", temp["out"], .. more]);
        Keep(state);
    }

    private void Keep(int state) => Tool.Run(temp.Path, "cp", "-a", temp["live"], temp[$"state{state}"]).Ok();
}

/// <summary>The life of a repository as its users meet it: real apt, dnf and pacman, each with a root of its own.</summary>
public sealed class RepositoryLifeTests(RepositoryLife life) : IClassFixture<RepositoryLife>
{
    private const string Name = RepositoryLife.Name;
    private const string Keyring = RepositoryLife.Keyring;
    private const string Verify = "usr/sbin/tdx-module-update";

    [DebianRootTheory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public void Apt(string suite)
    {
        using var temp = new TempFolder();
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        var root = DebianRoots.Copy(suite, temp["root"]);
        void Serve(int state)
        {
            Tool.Run("/", "rm", "-rf", $"{root}/srv/tdx").Ok();
            Tool.Run("/", "cp", "-a", Path.GetDirectoryName(life.State(state, "apt"))!, $"{root}/srv/tdx").Ok();
        }

        ToolResult Sh(string script) =>
            Tool.Run("/", "unshare", "--net", "chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-euc", script);
        void Installed(string version) => Sh($"""
            test "$(dpkg-query -W -f '$'{"{Version}"} {Name})" = {version}
            tdx-module-update verify
            """).Ok();

        Serve(1);
        Sh($"""
            rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
            install -m 644 /srv/tdx/apt/tdx-module.pgp /usr/share/keyrings/{Keyring}.pgp
            cp /usr/share/keyrings/{Keyring}.pgp /root/straggler.pgp
            install -m 644 /srv/tdx/apt/tdx-module.sources /etc/apt/sources.list.d/
            apt-get update --error-on=any
            apt-get -y install {Name} {Keyring}
            """).Ok();
        Installed("20260301-1");
        foreach (var (state, version) in RepositoryLife.Upgrades)
        {
            Serve(state);
            Sh("apt-get update --error-on=any && apt-get -y upgrade").Ok();
            Installed(version);
        }

        // Who has the old certificate alone is served until the old key no longer signs.
        Sh($"cmp /srv/tdx/apt/tdx-module.pgp /usr/share/keyrings/{Keyring}.pgp").Ok();
        Sh($"cp /root/straggler.pgp /usr/share/keyrings/{Keyring}.pgp").Ok();
        Sh("apt-get update --error-on=any").Refused("couldn't be verified", "NO_PUBKEY", "Missing key");
        Serve(5);
        Sh($"rm -rf /var/lib/apt/lists/* && apt-get update --error-on=any && apt-get -y install --reinstall {Keyring}").Ok();

        // An older state of the repository, and an older package in it.
        Serve(6);
        Sh("apt-get update --error-on=any").Ok();
        Serve(1);
        Sh("apt-get update || true; apt-get -y upgrade").Ok();
        Installed("20260601-1");
        Serve(6);
        Sh($"apt-get update --error-on=any && apt-get -y install {Name}=20260301-1").Refused("without --allow-downgrades");
        Sh($"apt-get -y purge {Name} {Keyring}; test ! -e /usr/lib/firmware/intel; test ! -e /usr/share/keyrings/{Keyring}.pgp").Ok();
    }

    [Fact]
    public void Dnf()
    {
        using var temp = new TempFolder();
        InstalledTests.PublishBase(life["old.pem"], life["old.pgp"], temp["base"]);
        Directory.CreateDirectory(temp["repos.d"]);
        InstalledTests.Configure(temp["base/base.repo"], temp["base"], temp["repos.d/base.repo"]);
        File.WriteAllText(temp["dnf.conf"], "[main]\n");
        var key = temp["root/etc/pki/rpm-gpg/RPM-GPG-KEY-tdx-module"];
        ToolResult Dnf(int state, params string[] verb)
        {
            File.WriteAllLines(temp["repos.d/tdx-module.repo"],
                File.ReadAllLines(Path.Combine(life.State(state, "dnf"), "tdx-module.repo")).Select(l =>
                l.StartsWith("baseurl=", StringComparison.Ordinal) ? $"baseurl=file://{life.State(state, "dnf")}"
                : l.Replace("file:///etc", $"file://{temp["root/etc"]}", StringComparison.Ordinal)));
            return Tool.Run(temp.Path, "dnf", [
                "-y", "-c", temp["dnf.conf"], $"--installroot={temp["root"]}", "--releasever=1", "--disableplugin=*",
                $"--setopt=reposdir={temp["repos.d"]}", $"--setopt=cachedir={temp["cache"]}", "--setopt=metadata_expire=0",
                "--setopt=install_weak_deps=0", .. verb,
            ]);
        }

        void Installed(string version)
        {
            Assert.Equal($"{Name}-{version}.noarch", Tool.Run("/", "rpm", "--root", temp["root"], "-q", Name).Ok().Output.Trim());
            Tool.Run("/", temp[$"root/{Verify}"], "verify", "--root", temp["root"]).Ok();
        }

        Directory.CreateDirectory(Path.GetDirectoryName(key)!);
        File.Copy(Path.Combine(life.State(1, "dnf"), "repodata/repomd.xml.key"), key);
        Dnf(1, "install", Name, Keyring).Ok();
        Installed("20260301-1");
        foreach (var (state, version) in RepositoryLife.Upgrades)
        {
            Dnf(state, "upgrade").Ok();
            Installed(version);
        }

        Assert.Equal(File.ReadAllText(Path.Combine(life.State(6, "dnf"), "repodata/repomd.xml.key")), File.ReadAllText(key));
        Dnf(1, "upgrade").Ok();
        Installed("20260601-1");
        Dnf(6, "remove", Name, Keyring).Ok();
        Assert.False(Directory.Exists(temp["root/usr/lib/firmware"]), "removal leaves firmware");
        Assert.False(File.Exists(key), "removal leaves the key");
    }

    [Fact]
    public void Pacman()
    {
        using var temp = new TempFolder();
        File.SetUnixFileMode(temp.Path, (UnixFileMode)0x1ED);
        Directory.CreateDirectory(temp["root/var/lib/pacman"]);
        Directory.CreateDirectory(temp["cache"]);
        Directory.CreateDirectory(temp["hooks"]);
        var trusted = Path.Combine(temp["root"], "usr/share/pacman/keyrings");
        void Key(params string[] arguments) => Tool.Run("/", "pacman-key", ["--gpgdir", temp["gnupg"], .. arguments]).Ok();
        ToolResult Pacman(int state, params string[] arguments)
        {
            var section = File.ReadAllText(Path.Combine(life.State(state, "pacman"), "tdx-module.conf"))
                .Replace("file:///srv/tdx/pacman", $"file://{life.State(state, "pacman")}", StringComparison.Ordinal);
            Tool.Write(temp["pacman.conf"], $"[options]\nArchitecture = x86_64\nSigLevel = Required\n{section}");
            return Tool.Run("/", "pacman",
            [
                "--noconfirm", "--config", temp["pacman.conf"], "--root", temp["root"], "--dbpath", temp["root/var/lib/pacman"],
                "--cachedir", temp["cache"], "--gpgdir", temp["gnupg"], "--logfile", temp["log"], "--hookdir", temp["hooks"],
                .. arguments,
            ]);
        }

        // The root has nothing else, no shell either.
        void Sync(int state, params string[] what) => Pacman(state,
            [.. what, "--noscriptlet", .. ((string[])["awk", "coreutils", "openssl", "util-linux"])
                .SelectMany(p => (string[])["--assume-installed", p])]).Ok();

        void Installed(string version)
        {
            Assert.Equal($"{Name} {version}", Pacman(6, "-Q", Name).Ok().Output.Trim());
            Tool.Run("/", temp["root/usr/bin/tdx-module-update"], "verify", "--root", temp["root"]).Ok();
        }

        Key("--init");
        var conf = File.ReadAllLines(Path.Combine(life.State(1, "pacman"), "tdx-module.conf"));
        Assert.Contains("pacman-key --add tdx-module.pgp && pacman-key --lsign-key", string.Concat(conf), StringComparison.Ordinal);
        Key("--add", Path.Combine(life.State(1, "pacman"), "tdx-module.pgp"));
        Key("--lsign-key", conf.First(l => l.Contains("lsign", StringComparison.Ordinal)).Split(' ')[^1]);
        Sync(1, "-Sy", Name, Keyring);
        Installed("20260301-1");
        foreach (var (state, version) in RepositoryLife.Upgrades)
        {
            Sync(state, "-Syyu");
            Installed(version);

            // As the package's own script does in its root. Debian's pacman-key looks elsewhere than Arch's.
            Tool.Run("/", "unshare", "--mount", "sh", "-euc",
                "mount --bind \"$1\" /usr/share/keyrings && pacman-key --gpgdir \"$2\" --populate tdx-module", "sh",
                trusted, temp["gnupg"]).Ok();
        }

        Sync(1, "-Syyu");
        Installed("20260601-1");
        Pacman(6, "-R", Name, Keyring).Ok();
        Assert.False(Directory.Exists(temp["root/usr/lib/firmware"]), "removal leaves firmware");
        Assert.False(Directory.Exists(trusted), "removal leaves the keyring");
        Tool.RunWith("/", new Dictionary<string, string> { ["GNUPGHOME"] = temp["gnupg"] }, "gpgconf", "--kill", "all");
    }

    [Fact]
    public void The_audit_takes_every_state_with_the_certificates_of_that_day()
    {
        foreach (var kind in (string[])["apt", "dnf", "pacman"])
        {
            foreach (var (state, key, certificates) in ((int, string, string)[])
                [(1, "old", "old"), (3, "old", "old"), (4, "old", "both"), (5, "new", "both"), (6, "new", "both")])
            {
                life.Tdxrel(9, "audit", life.State(state, kind), "--key", life[$"{key}.pub.pem"], "--certificate",
                    life[$"{certificates}.pgp"], "--policy", "sample");
            }
        }
    }
}
