using System.Security.Cryptography;
using System.Text;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Signing;

/// <summary>What we sign, as gpg, gpgv and sqv see it; what gpg signs, as we see it.</summary>
public class OpenPgpConsumersTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("Package: tdx-module\nÜ\n");

    [Theory]
    [InlineData(40)]
    [InlineData(0)]
    [InlineData(-365)]
    public void Gpgv_and_sqv_accept_every_form_also_when_the_time_is_older_than_the_key(int daysAfterKey)
    {
        using var folder = new GpgFolder();
        var time = TestRelease.Created.AddDays(daysAfterKey);
        File.WriteAllBytes(folder["content"], Content);
        File.WriteAllBytes(folder["release.pgp"], TestRelease.OpenPgp.Certificate);
        File.WriteAllText(folder["release.asc"], TestRelease.Certificate.ToArmored());
        File.WriteAllBytes(folder["binary.sig"], TestRelease.OpenPgp.SignDetached(Content, time));
        File.WriteAllText(folder["armored.asc"], TestRelease.OpenPgp.SignDetachedArmored(Content, time));
        File.WriteAllText(folder["InRelease"], TestRelease.OpenPgp.ClearSign("Origin: tdxrel\n- dash\n\n-----x\ntrailing \t\n", time));
        foreach (var signature in (string[])["binary.sig", "armored.asc"])
        {
            Tool.Run(folder.Path, "gpgv", "--keyring", folder["release.pgp"], signature, "content").Ok();
            Tool.Run(folder.Path, "sqv", "--keyring", "release.pgp", signature, "content").Ok();
            Tool.Run(folder.Path, "sqv", "--keyring", "release.asc", signature, "content").Ok();
        }

        Tool.Run(folder.Path, "gpgv", "--keyring", folder["release.pgp"], "InRelease").Ok();
        var text = Tool.Run(folder.Path, "gpgv", "--keyring", folder["release.pgp"], "--output", "-", "InRelease").Ok();
        Assert.Contains("- dash\n\n-----x\n", text.Output, StringComparison.Ordinal);

        File.WriteAllText(folder["content"], "something else");
        Tool.Run(folder.Path, "gpgv", "--keyring", folder["release.pgp"], "binary.sig", "content").Refused();
        Tool.Run(folder.Path, "sqv", "--keyring", "release.pgp", "binary.sig", "content").Refused();
        File.WriteAllText(folder["InRelease"], File.ReadAllText(folder["InRelease"]).Replace("tdxrel", "other", StringComparison.Ordinal));
        Tool.Run(folder.Path, "gpgv", "--keyring", folder["release.pgp"], "InRelease").Refused();
    }

    public static TheoryData<string> HostileCertificates => [.. HostileCertificate.All.Keys];

    [Theory]
    [MemberData(nameof(HostileCertificates))]
    public void What_sqv_refuses_of_a_certificate_is_refused_here(string name)
    {
        using var folder = new GpgFolder();
        var signature = TestRelease.OpenPgp.SignDetached(Content, TestRelease.Later);
        File.WriteAllBytes(folder["content"], Content);
        File.WriteAllBytes(folder["content.sig"], signature);
        File.WriteAllBytes(folder["sound.pgp"], HostileCertificate.Certificate(HostileCertificate.SelfSignature(TestRelease.Created)));
        File.WriteAllBytes(folder["bad.pgp"], HostileCertificate.All[name]());
        Tool.Run(folder.Path, "sqv", "--keyring", "sound.pgp", "content.sig", "content").Ok();
        if (!name.Contains("MD5", StringComparison.Ordinal))
        {
            // sqv takes no MD5 at all, in revocations neither; here the doubt counts against the key.
            Tool.Run(folder.Path, "sqv", "--keyring", "bad.pgp", "content.sig", "content").Refused();
        }

        OpenPgpVerdict Here(string file) =>
            new OpenPgpVerifier(OpenPgpCertificate.Parse(File.ReadAllBytes(folder[file])), DateTimeOffset.UtcNow)
            .VerifyDetached(Content, signature).Verdict;
        Assert.Equal(OpenPgpVerdict.Good, Here("sound.pgp"));
        Assert.NotEqual(OpenPgpVerdict.Good, Here("bad.pgp"));
    }

    [Fact]
    public void A_signature_by_a_stranger_beside_ours_is_refused_as_gpgv_does()
    {
        using var folder = new GpgFolder();
        folder.Gpg("--passphrase", "", "--quick-gen-key", "stranger <s@example.invalid>", "rsa3072").Ok();
        File.WriteAllBytes(folder["content"], Content);
        folder.Gpg("--passphrase", "", "--detach-sign", "content").Ok();
        byte[] both = [.. TestRelease.OpenPgp.SignDetached(Content, TestRelease.Later), .. File.ReadAllBytes(folder["content.sig"])];
        File.WriteAllBytes(folder["both.sig"], both);
        File.WriteAllBytes(folder["release.pgp"], TestRelease.OpenPgp.Certificate);
        Tool.Run(folder.Path, "gpgv", "--keyring", folder["release.pgp"], "both.sig", "content").Refused();
        Assert.Equal(OpenPgpVerdict.UnknownKey,
            new OpenPgpVerifier(TestRelease.Certificate, DateTimeOffset.UtcNow).VerifyDetached(Content, both).Verdict);
    }

    [Fact]
    public void The_clear_signed_form_splits_into_what_sqv_accepts()
    {
        // sqv takes detached signatures only; apt splits InRelease in the same way.
        using var folder = new GpgFolder();
        var signed = TestRelease.OpenPgp.ClearSign("Origin: tdxrel\nSuite: stable\n", TestRelease.Later);
        var at = signed.IndexOf("-----BEGIN PGP SIGNATURE", StringComparison.Ordinal);
        File.WriteAllText(folder["sig"], signed[at..]);
        File.WriteAllText(folder["text"], "Origin: tdxrel\r\nSuite: stable");
        File.WriteAllBytes(folder["release.pgp"], TestRelease.OpenPgp.Certificate);
        Tool.Run(folder.Path, "sqv", "--keyring", "release.pgp", "sig", "text").Ok();
    }

    [Fact]
    public void Gpg_imports_the_certificate_and_the_secret_key_and_signs_the_same_bytes()
    {
        using var folder = new GpgFolder();
        File.WriteAllText(folder["pass"], "a passphrase\n");
        using var passphrase = Passphrase.FromFile(folder["pass"]);
        ReleaseKey.Create(folder["key"],
            new ReleaseKeyRequest("Release <r@example.invalid>", TestRelease.Created, TestRelease.Created.AddYears(50),
            WithOpenPgpSecret: true), passphrase);
        var shown = folder.Gpg("--with-colons", "--import-options", "show-only", "--import", "key.asc").Ok().Output;
        Assert.Contains("pub:-:4096:1:", shown, StringComparison.Ordinal);
        Assert.Contains($":{TestRelease.Created.ToUnixTimeSeconds()}:", shown, StringComparison.Ordinal);
        folder.Gpg("--import", "key.pgp").Ok();
        folder.Gpg("--passphrase-file", "pass", "--import", "key.secret.asc").Ok();

        using var pair = OpenPgpSecretKey.Read(File.ReadAllBytes(folder["key.secret.asc"]), passphrase);
        File.WriteAllBytes(folder["content"], Content);
        folder.Gpg("--passphrase-file", "pass", "--digest-algo", "SHA512", "--detach-sign", "content").Ok();
        var verifier = new OpenPgpVerifier(pair.Certificate, DateTimeOffset.UtcNow);
        Assert.Equal(OpenPgpVerdict.Good, verifier.VerifyDetached(Content, File.ReadAllBytes(folder["content.sig"])).Verdict);
        File.WriteAllBytes(folder["ours.sig"], pair.OpenPgp().SignDetached(Content, TestRelease.Later));
        folder.Gpg("--verify", "ours.sig", "content").Ok();

        // The PEM is the same key, and openssl can read it.
        Tool.Run(folder.Path, "openssl", "pkey", "-in", "key.pem", "-passin", "file:pass", "-check", "-noout").Ok();
        Assert.Equal(File.ReadAllText(folder["key.pub.pem"]),
            Tool.Run(folder.Path, "openssl", "pkey", "-in", "key.pem", "-passin", "file:pass", "-pubout").Ok().Output);
    }

    [Theory]
    [InlineData("default", "")]
    [InlineData("default", "secret words")]
    [InlineData("subkeys", "secret words")]
    [InlineData("subkeys", "")]
    public void Keys_made_by_gpg_sign_here(string kind, string phrase)
    {
        using var folder = new GpgFolder();
        File.WriteAllText(folder["pass"], phrase + "\n");
        folder.Gpg("--passphrase", phrase, "--quick-generate-key", "Maker <m@example.invalid>", "rsa2048",
            kind == "subkeys" ? "cert" : "cert,sign", "10y").Ok();
        var fingerprint = folder.Gpg("--with-colons", "--list-keys").Output.Split('\n')
            .First(l => l.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];
        if (kind == "subkeys")
        {
            folder.Gpg("--passphrase", phrase, "--quick-add-key", fingerprint, "rsa2048", "sign", "5y").Ok();
            folder.Gpg("--passphrase", phrase, "--quick-add-key", fingerprint, "cv25519", "encr", "5y").Ok();
        }

        folder.Gpg("--passphrase", phrase, "--armor", "--output", "secret.asc", "--export-secret-keys").Ok();
        folder.Gpg("--output", "public.pgp", "--export").Ok();
        using var passphrase = phrase.Length > 0 ? Passphrase.FromFile(folder["pass"]) : null;
        using var pair = OpenPgpSecretKey.Read(File.ReadAllBytes(folder["secret.asc"]), passphrase, minimumBits: 2048);
        var signer = pair.OpenPgp();
        Assert.Equal(kind == "subkeys", signer.Fingerprint != fingerprint);
        File.WriteAllBytes(folder["content"], Content);
        File.WriteAllBytes(folder["sig"], signer.SignDetached(Content, DateTimeOffset.UtcNow));
        File.WriteAllText(folder["clear"], signer.ClearSign("a\n", DateTimeOffset.UtcNow));
        Tool.Run(folder.Path, "gpgv", "--keyring", folder["public.pgp"], "sig", "content").Ok();
        Tool.Run(folder.Path, "gpgv", "--keyring", folder["public.pgp"], "clear").Ok();
        Tool.Run(folder.Path, "sqv", "--keyring", "public.pgp", "sig", "content").Ok();
        var certificate = OpenPgpCertificate.Parse(File.ReadAllBytes(folder["public.pgp"]));
        Assert.Equal(OpenPgpVerdict.Good,
            new OpenPgpVerifier(certificate, DateTimeOffset.UtcNow, 2048).VerifyDetached(Content, File.ReadAllBytes(folder["sig"]))
            .Verdict);
        Assert.Equal(OpenPgpVerdict.WeakKey,
            new OpenPgpVerifier(certificate, DateTimeOffset.UtcNow).VerifyDetached(Content, File.ReadAllBytes(folder["sig"])).Verdict);
    }

    [Fact]
    public void What_gpg_refuses_is_refused_here_and_the_other_way_round()
    {
        using var folder = new GpgFolder();
        folder.Gpg("--passphrase", "", "--quick-generate-key", "Maker <m@example.invalid>", "rsa2048", "cert,sign", "2y").Ok();
        File.WriteAllBytes(folder["content"], Content);
        folder.Gpg("--digest-algo", "SHA256", "--output", "sha256", "--detach-sign", "content").Ok();
        folder.Gpg("--digest-algo", "SHA384", "--output", "sha384", "--armor", "--detach-sign", "content").Ok();
        folder.Gpg("--digest-algo", "SHA1", "--output", "sha1", "--detach-sign", "content").Ok();
        folder.Gpg("--digest-algo", "SHA512", "--output", "clear", "--clear-sign", "content").Ok();
        folder.Gpg("--output", "public.pgp", "--export").Ok();
        OpenPgpResult Check(string signature, DateTimeOffset? at = null) =>
            new OpenPgpVerifier(OpenPgpCertificate.Parse(File.ReadAllBytes(folder["public.pgp"])), at ?? DateTimeOffset.UtcNow, 2048)
            .VerifyDetached(Content, File.ReadAllBytes(folder[signature]));
        Assert.Equal(OpenPgpVerdict.Good, Check("sha256").Verdict);
        Assert.Equal(OpenPgpVerdict.Good, Check("sha384").Verdict);
        Assert.Equal(OpenPgpVerdict.WeakHash, Check("sha1").Verdict);
        Tool.Run(folder.Path, "sqv", "--keyring", "public.pgp", "sha1", "content").Refused();
        Assert.Equal(OpenPgpVerdict.KeyExpired, Check("sha256", DateTimeOffset.UtcNow.AddYears(3)).Verdict);
        Assert.Equal(OpenPgpVerdict.InFuture, Check("sha256", DateTimeOffset.UtcNow.AddDays(-1)).Verdict);
        var clear = new OpenPgpVerifier(OpenPgpCertificate.Parse(File.ReadAllBytes(folder["public.pgp"])), DateTimeOffset.UtcNow, 2048)
            .VerifyClearSigned(File.ReadAllBytes(folder["clear"]));
        Assert.Equal((OpenPgpVerdict.Good, Encoding.UTF8.GetString(Content)), (clear.Verdict, clear.Text));

        var revocation = Directory.GetFiles(folder["gnupg/openpgp-revocs.d"]).Single();
        File.WriteAllText(folder["rev"], File.ReadAllText(revocation).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal));
        folder.Gpg("--import", "rev").Ok();
        File.Delete(folder["public.pgp"]);
        folder.Gpg("--output", "public.pgp", "--export").Ok();
        Assert.Equal(OpenPgpVerdict.KeyRevoked, Check("sha256").Verdict);
        Tool.Run(folder.Path, "sqv", "--keyring", "public.pgp", "sha256", "content").Refused();
    }

    [Fact]
    public void Rsa_signatures_of_all_hashes_verify_with_openssl()
    {
        using var folder = new GpgFolder();
        File.WriteAllBytes(folder["content"], Content);
        foreach (var hash in (HashAlgorithmName[])[HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512])
        {
            File.WriteAllBytes(folder["sig"], TestRelease.Signer.Sign(Content, hash));
            Tool.Run(folder.Path, "openssl", "dgst", $"-{hash.Name!.ToLowerInvariant()}", "-verify", TestRelease.PublicPemPath,
                "-signature", "sig", "content").Ok();
        }
    }
}
