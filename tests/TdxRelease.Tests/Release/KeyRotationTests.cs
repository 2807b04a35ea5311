using System.Security.Cryptography;
using TdxRelease.Repositories;
using TdxRelease.Samples;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Tests.Cli;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Tests.Release;

/// <summary>
/// One key replaces another: repositories that both sign for a while, the keyring package that brings users the next one, and what an audit
/// accepts.
/// </summary>
public sealed class KeyRotationTests : IDisposable
{
    private static readonly Lazy<RSA> New = new(() => RSA.Create(4096));
    private readonly TempFolder temp = new();

    public KeyRotationTests()
    {
        Run.Tdxrel("sample", "create", temp["sample"]).Ends(0);
        Write("old", SampleKeys.Rsa4096, 2020);
        Write("new", New.Value, 2021);
        File.WriteAllBytes(temp["both.pgp"], [.. File.ReadAllBytes(temp["new.pgp"]), .. File.ReadAllBytes(temp["old.pgp"])]);
    }

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_repository_goes_from_one_key_to_the_next()
    {
        Bundle(1, 0, "--signing-key", temp["old.pem"]);
        Assert.Equal(3, Keyrings());
        Audit(0, "old", "old");

        var refused = Bundle(2, 4, "--signing-key", temp["new.pem"]);
        Assert.Contains($"made by key {Fingerprint("old")}, want {Fingerprint("new")}", refused.Errors, StringComparison.Ordinal);

        Bundle(2, 0, "--signing-key", temp["old.pem"], "--second-key", temp["new.pem"]);
        Assert.Equal(6, Keyrings());
        Audit(0, "old", "both");
        Assert.Contains("want " + Fingerprint("old"), Audit(4, "old", "old").Output, StringComparison.Ordinal);

        // The keyring is what it was from now on: users need no further package.
        Bundle(3, 0, "--signing-key", temp["new.pem"], "--second-key", temp["old.pem"]);
        Audit(0, "new", "both");
        Audit(4, "new", "new");
        Run.Tdxrel("audit", temp["out3"], "--key", temp["new.pub.pem"], "--policy", "sample").Ends(0);
        Run.Tdxrel("audit", temp["out3"], "--key", temp["old.pub.pem"], "--certificate", temp["both.pgp"], "--policy", "sample").Ends(4);

        Bundle(4, 0, "--signing-key", temp["new.pem"], "--keyring", temp["old.pgp"]);
        Assert.Equal(6, Keyrings());
        Audit(0, "new", "both");

        // What the old key signed is still served.
        Bundle(5, 4, "--signing-key", temp["new.pem"]);
    }

    [Fact]
    public void A_key_is_announced_before_it_signs()
    {
        Bundle(1, 0, "--signing-key", temp["old.pem"], "--keyring", temp["new.pgp"]);
        Audit(0, "old", "both");
        var run = Audit(4, "old", "old");
        Assert.Contains($"certificate {Fingerprint("new")}, want {Fingerprint("old")}", run.Output, StringComparison.Ordinal);
        Bundle(2, 0, "--signing-key", temp["new.pem"], "--keyring", temp["old.pgp"]);
        Audit(0, "new", "both");
    }

    [Fact]
    public void Both_keys_sign_a_refresh_and_the_newest_certificate_comes_first()
    {
        Bundle(1, 0, "--signing-key", temp["old.pem"], "--second-key", temp["new.pem"]);
        var keyring = OpenPgpKeyring.Parse(File.ReadAllBytes(temp["r/apt/tdx-module.pgp"]), "test");
        Assert.Equal([Fingerprint("new"), Fingerprint("old")], keyring.Certificates.Select(c => c.Fingerprint));
        string[] refresh = ["refresh", temp["r"], "--signing-key", temp["old.pem"]];
        Run.Tdxrel(refresh).Ends(4);
        Run.Tdxrel([.. refresh, "--second-key", temp["new.pem"]]).Ends(0);
        Audit(0, "old", "both");
        var release = File.ReadAllBytes(temp["r/apt/dists/stable/Release"]);
        var signature = File.ReadAllBytes(temp["r/apt/dists/stable/Release.gpg"]);
        var now = DateTimeOffset.UtcNow;
        Assert.True(new OpenPgpVerifier(keyring, now).VerifyDetached(release, signature).IsGood);
        Assert.All(keyring.Certificates, c => Assert.Equal(OpenPgpVerdict.UnknownKey, new OpenPgpVerifier(c, now)
            .VerifyDetached(release, signature).Verdict));
    }

    [Fact]
    public void A_rebuild_says_which_certificates_it_misses()
    {
        string[] signed = ["--signing-key", temp["new.pem"], "--keyring", temp["old.pgp"]];
        Run.Tdxrel(["bundle", temp["sample"], "--policy", "sample", "--accept-license", License, "--formats", "deb,apt",
            "--out", temp["out"], .. signed]).Ends(0);
        var provenance = Directory.GetFiles(temp["out/provenance"], "*.intoto.json").Single();
        string[] rebuild = ["rebuild", provenance, "--source", temp["sample"], "--policy", "sample", "--against", temp["out"]];
        Run.Tdxrel([.. rebuild, .. signed]).Ends(0);
        var run = Run.Tdxrel([.. rebuild, .. signed[..2]]).Ends(2);
        Assert.Contains($"certificate was {Fingerprint("old")}, given is empty", run.Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_do_not_fit_are_usage_errors()
    {
        File.Copy(temp["old.pem"], temp["bare.pem"]);
        Assert.Contains("has no OpenPGP certificate beside it",
            Bundle(1, 2, "--signing-key", temp["new.pem"], "--second-key", temp["bare.pem"]).Errors, StringComparison.Ordinal);
        Assert.Contains("no key with an OpenPGP certificate",
            Bundle(1, 2, "--signing-key", temp["bare.pem"], "--keyring", temp["old.pgp"]).Errors, StringComparison.Ordinal);
        Assert.Contains("belongs to --second-key",
            Bundle(1, 2, "--signing-key", temp["new.pem"], "--second-passphrase", "env:X").Errors, StringComparison.Ordinal);
        Assert.Contains("TEST key", Bundle(1, 5, "--signing-key", temp["new.pem"], "--second-key", TestRelease.PemPath).Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_keyring_package_says_when_it_was_made_and_holds_the_certificates_alone()
    {
        Bundle(1, 0, "--signing-key", temp["new.pem"], "--second-key", temp["old.pem"]);
        foreach (var (format, path) in new (RepositoryFormat, string)[]
        {
            (Format("apt"), "r/apt/pool/non-free-firmware/t/tdx-module-archive-keyring/"
                + "tdx-module-archive-keyring_20260101.000000-1_all.deb"),
            (Format("dnf"), "r/dnf/Packages/tdx-module-archive-keyring-20260101.000000-1.noarch.rpm"),
            (Format("pacman"), "r/pacman/tdx-module-archive-keyring-20260101.000000-1-any.pkg.tar.zst"),
        })
        {
            var read = KeyringPackage.Read(format, File.ReadAllBytes(temp[path]), path);
            Assert.Equal([Fingerprint("new"), Fingerprint("old")], read.Certificates.Select(c => c.Fingerprint));
        }
    }

    private static RepositoryFormat Format(string name) =>
        TdxRelease.Release.Packaging.PackageFormats.All.OfType<RepositoryFormat>().Single(f => f.Name == name);

    private string License => LicenseGate.HashOf(TdxRelease.Upstream.Snapshots.Snapshot.Open(temp["sample"]));

    private int Keyrings() =>
        Directory.GetFiles(temp["r"], "*", SearchOption.AllDirectories).Count(f => KeyringPackage.Is(Path.GetFileName(f))
            && !f.EndsWith(".sig", StringComparison.Ordinal));

    private string Fingerprint(string name) => OpenPgpCertificate.Parse(File.ReadAllBytes(temp[$"{name}.pgp"])).Fingerprint;

    private Run Bundle(int revision, int code, params string[] signing) =>
        Run.Tdxrel(["bundle", temp["sample"], "--policy", "sample", "--accept-license", License, "--formats", "tar,apt,dnf,pacman",
            "--repository", temp["r"], "--out", temp[$"out{revision}"], "--revision", $"{revision}", .. signing]).Ends(code);

    private Run Audit(int code, string key, string certificates)
    {
        Run run = null!;
        foreach (var kind in (string[])["apt", "dnf", "pacman"])
        {
            run = Run.Tdxrel("audit", temp[$"r/{kind}"], "--key", temp[$"{key}.pub.pem"], "--certificate", temp[$"{certificates}.pgp"],
                "--policy", "sample").Ends(code);
        }

        return run;
    }

    private void Write(string name, RSA key, int year)
    {
        File.WriteAllText(temp[$"{name}.pem"], key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(temp[$"{name}.pub.pem"], key.ExportSubjectPublicKeyInfoPem());
        using var signer = PemPrivateKey.Read(File.ReadAllBytes(temp[$"{name}.pem"]));
        var made = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        File.WriteAllBytes(temp[$"{name}.pgp"],
            OpenPgpCertificate.Create(signer, $"{name} TEST KEY <{name}@tdxrel.invalid>", made).ToArray());
    }
}
