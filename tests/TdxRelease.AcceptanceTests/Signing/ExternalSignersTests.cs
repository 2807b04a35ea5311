using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.External;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Signing;

/// <summary>Keys behind programs: the same bytes as a key in a file, and nothing unverified.</summary>
public class ExternalSignersTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("content\n");

    private static SigningProgram Program(string command, Action<string>? log = null) => new(command, TimeSpan.FromSeconds(60), log);

    [Theory]
    [InlineData(SigningInput.Digest, "openssl pkeyutl -sign -inkey '{0}' -pkeyopt digest:{{hash}}")]
    [InlineData(SigningInput.DigestInfo, "openssl rsautl -sign -inkey '{0}'")]
    [InlineData(SigningInput.Payload, "openssl dgst -{{hash}} -sign '{0}'")]
    public void Openssl_gives_the_same_signatures_as_the_key_file(SigningInput input, string command)
    {
        var signer = new ExternalRsaSigner(Program(string.Format(null, command, TestRelease.PemPath)), input, TestRelease.Signer.PublicKey);
        foreach (var hash in (HashAlgorithmName[])[HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512])
        {
            Assert.Equal(TestRelease.Signer.Sign(Content, hash), signer.Sign(Content, hash));
        }

        var openPgp = new OpenPgpSigner(signer, TestRelease.Certificate);
        Assert.Equal(TestRelease.OpenPgp.SignDetached(Content, TestRelease.Later), openPgp.SignDetached(Content, TestRelease.Later));
    }

    [Fact]
    public void Another_key_behind_the_program_is_noticed()
    {
        using var folder = new GpgFolder();
        Tool.Run(folder.Path, "openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096", "-out", "other.pem").Ok();
        var signer = new ExternalRsaSigner(Program($"openssl pkeyutl -sign -inkey '{folder["other.pem"]}' -pkeyopt digest:{{hash}}"),
            SigningInput.Digest, TestRelease.Signer.PublicKey);
        Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => signer.Sign(Content, HashAlgorithmName.SHA512)).Code);
    }

    [Fact]
    public void A_failing_program_shows_its_messages()
    {
        var log = new List<string>();
        var signer = new ExternalRsaSigner(Program("openssl pkeyutl -sign -inkey /nonexistent.pem", log.Add), SigningInput.Digest,
            TestRelease.Signer.PublicKey);
        var e = Assert.Throws<TdxException>(() => signer.Sign(Content, HashAlgorithmName.SHA512));
        Assert.Equal(ExitCode.Io, e.Code);
        Assert.Contains(log, line => line.Contains("/nonexistent.pem", StringComparison.Ordinal));
    }

    [Fact]
    public void Gpg_signs_reproducibly_and_its_output_is_checked()
    {
        using var folder = new GpgFolder();
        folder.Gpg("--passphrase", "", "--faked-system-time", "20260101T000000!", "--quick-generate-key", "Agent <a@example.invalid>",
            "rsa2048", "cert,sign", "never").Ok();
        folder.Gpg("--output", "public.pgp", "--export").Ok();
        var gpg = $"gpg --homedir '{folder["gnupg"]}' --batch --quiet --faked-system-time {{time}}! --digest-algo SHA512";
        var certificate = OpenPgpCertificate.Parse(File.ReadAllBytes(folder["public.pgp"]));
        var signer = new ExternalOpenPgpSigner(Program($"{gpg} --detach-sign"), Program($"{gpg} --clear-sign"), certificate,
            minimumBits: 2048);

        var signature = signer.SignDetached(Content, TestRelease.Later);
        Assert.Equal(signature, signer.SignDetached(Content, TestRelease.Later));
        Assert.Equal(TestRelease.Later,
            new OpenPgpVerifier(certificate, TestRelease.Later, 2048).VerifyDetached(Content, signature).SignedAt);
        var early = signer.SignDetached(Content, TestRelease.Created.AddYears(-2));
        File.WriteAllBytes(folder["content"], Content);
        File.WriteAllBytes(folder["early"], early);
        File.WriteAllText(folder["armored"], signer.SignDetachedArmored(Content, TestRelease.Later));
        Assert.True(DetachedSignature.IsCovered(File.ReadAllBytes(folder["armored"])), "gpg leaves something unsigned");
        File.WriteAllText(folder["clear"], signer.ClearSign("a\n- b\n", TestRelease.Later));
        foreach (var name in (string[])["early", "armored"])
        {
            Tool.Run(folder.Path, "gpgv", "--keyring", folder["public.pgp"], name, "content").Ok();
            Tool.Run(folder.Path, "sqv", "--keyring", "public.pgp", name, "content").Ok();
        }

        Tool.Run(folder.Path, "gpgv", "--keyring", folder["public.pgp"], "clear").Ok();
        Assert.Equal(ExitCode.Refused, Assert.Throws<TdxException>(() => new ExternalOpenPgpSigner(Program(gpg), null, certificate)).Code);
        var other = new ExternalOpenPgpSigner(Program($"{gpg} --detach-sign"), null, TestRelease.Certificate);
        Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => other.SignDetached(Content, TestRelease.Later)).Code);
        var sha1 = new ExternalOpenPgpSigner(Program($"{gpg.Replace("SHA512", "SHA1", StringComparison.Ordinal)} --detach-sign"), null,
            certificate, 2048);
        Assert.Equal(ExitCode.VerificationFailed, Assert.Throws<TdxException>(() => sha1.SignDetached(Content, TestRelease.Later)).Code);
    }
}
