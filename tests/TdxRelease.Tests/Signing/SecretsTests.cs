using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;
using TdxRelease.Signing.External;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Signing;

/// <summary>Keys and passphrases: where they go, and that they go nowhere else.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Secret = "correct-horse-battery-staple";
    private readonly TempFolder folder = new();
    private readonly List<string> said = [];

    public void Dispose() => folder.Dispose();

    private Passphrase Pass(string text = Secret)
    {
        File.WriteAllText(folder["pass"], text + "\n");
        return Passphrase.Open($"file:{folder["pass"]}");
    }

    private static ReleaseKeyRequest Request(bool secret = true) => new(TestRelease.UserId, TestRelease.Created, WithOpenPgpSecret: secret);

    private IReadOnlyList<string> WriteKey(string name, Passphrase? passphrase) =>
        ReleaseKey.Write(folder[name], TestRelease.Signer, Request(), passphrase);

    private void Fails(ExitCode code, Action action)
    {
        var e = Assert.Throws<TdxException>(action);
        Assert.Equal(code, e.Code);
        said.Add(e.ToString());
        said.Add(e.Hint ?? "");
    }

    [Fact]
    public void A_new_key_signs_and_is_never_overwritten()
    {
        var paths = ReleaseKey.Create(folder["release"], Request(secret: false));
        Assert.Equal([".pem", ".pub.pem", ".pgp", ".asc"], paths.Select(p => p[folder["release"].Length..]));
        Assert.Equal(AtomicFile.PrivateMode, File.GetUnixFileMode(folder["release.pem"]));
        Assert.Equal(AtomicFile.DefaultMode, File.GetUnixFileMode(folder["release.pub.pem"]));
        using var signer = PemPrivateKey.Read(File.ReadAllBytes(folder["release.pem"]));
        Assert.Equal(4096, signer.PublicKey.Bits);
        var certificate = OpenPgpCertificate.Parse(File.ReadAllBytes(folder["release.pgp"]));
        Assert.Equal((TestRelease.Created, certificate.Fingerprint),
            (certificate.CreatedAt, OpenPgpCertificate.Parse(File.ReadAllBytes(folder["release.asc"])).Fingerprint));
        var before = File.ReadAllBytes(folder["release.pem"]);
        Fails(ExitCode.Io, () => ReleaseKey.Create(folder["release"], Request()));
        Assert.Equal(before, File.ReadAllBytes(folder["release.pem"]));
    }

    [Theory]
    [InlineData(".pub.pem")]
    [InlineData(".asc")]
    public void One_file_in_the_way_and_no_other_is_written(string suffix)
    {
        File.WriteAllText(folder["k" + suffix], "mine");
        Fails(ExitCode.Io, () => WriteKey("k", null));
        Assert.Equal(["k" + suffix], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
        Assert.Equal("mine", File.ReadAllText(folder["k" + suffix]));
    }

    [Fact]
    public void Short_keys_are_refused_everywhere()
    {
        using var rsa = RSA.Create(3072);
        var pem = Encoding.ASCII.GetBytes(rsa.ExportPkcs8PrivateKeyPem());
        Fails(ExitCode.Refused, () => PemPrivateKey.Read(pem));
        Fails(ExitCode.Refused, () => ReleaseKey.Create(folder["small"], Request() with { Bits = 3072 }));
        using var small = PemPrivateKey.Read(pem, minimumBits: 3072);
        Fails(ExitCode.Refused,
            () => _ = new ExternalRsaSigner(new SigningProgram("true", TimeSpan.FromSeconds(1)), SigningInput.Digest, small.PublicKey));
        Assert.All(said, text =>
            Assert.False(text.Contains("3072 bits, want", StringComparison.Ordinal) && !text.Contains("4096", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Encrypted_and_plain_keys_in_both_forms_read_back_to_the_same_key()
    {
        using var passphrase = Pass();
        WriteKey("enc", passphrase);
        WriteKey("plain", null);
        using var pem = PemPrivateKey.Read(File.ReadAllBytes(folder["enc.pem"]), passphrase);
        using var encrypted = OpenPgpSecretKey.Read(File.ReadAllBytes(folder["enc.secret.asc"]), passphrase);
        using var plain = OpenPgpSecretKey.Read(File.ReadAllBytes(folder["plain.secret.asc"]));
        foreach (var signer in (RsaKeySigner[])[pem, encrypted.Signer, plain.Signer])
        {
            Assert.Equal(TestRelease.Signer.Sign("x"u8, HashAlgorithmName.SHA512), signer.Sign("x"u8, HashAlgorithmName.SHA512));
        }

        Assert.Equal(TestRelease.OpenPgp.SignDetached("x"u8, TestRelease.Later),
            encrypted.OpenPgp().SignDetached("x"u8, TestRelease.Later));
        Assert.Equal(TestRelease.Certificate.ToArray(), plain.Certificate.ToArray());
    }

    [Fact]
    public void A_passphrase_comes_from_a_file_an_environment_variable_or_a_descriptor_only()
    {
        Environment.SetEnvironmentVariable("TDXREL_TEST_PASS", Secret);
        using var fromFile = Pass();
        using var fromEnvironment = Passphrase.Open("env:TDXREL_TEST_PASS");
        Assert.True(fromFile.Utf8.SequenceEqual(fromEnvironment.Utf8));
        var handle = File.OpenHandle(folder["pass"]);
        var descriptor = (int)handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        using var fromDescriptor = Passphrase.Open($"fd:{descriptor}");
        Assert.True(fromFile.Utf8.SequenceEqual(fromDescriptor.Utf8));
        Fails(ExitCode.Usage, () => Passphrase.Open(Secret));
        Fails(ExitCode.Usage, () => Passphrase.Open("pass:" + Secret));
        Fails(ExitCode.Usage, () => Passphrase.Open("env:TDXREL_TEST_NO_SUCH"));
        Fails(ExitCode.Io, () => Passphrase.Open("file:/nonexistent"));
        Fails(ExitCode.BadInput, () => Pass(""));
        Fails(ExitCode.Io, () => Passphrase.Open("fd:9999"));
        Assert.All(said, text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
    }

    [Fact]
    public void No_secret_is_in_any_output_log_or_exception()
    {
        using var passphrase = Pass();
        using var wrong = Pass("wrong-" + Secret);
        WriteKey("enc", passphrase);
        WriteKey("plain", null);
        var pem = File.ReadAllText(folder["plain.pem"]);
        var armored = File.ReadAllText(folder["plain.secret.asc"]);
        Fails(ExitCode.BadInput, () => PemPrivateKey.Read(File.ReadAllBytes(folder["enc.pem"]), wrong));
        Fails(ExitCode.Usage, () => PemPrivateKey.Read(File.ReadAllBytes(folder["enc.pem"])));
        Fails(ExitCode.BadInput, () => PemPrivateKey.Read(Encoding.ASCII.GetBytes(pem[..2000])));
        Fails(ExitCode.BadInput, () => PemPrivateKey.Read(Encoding.ASCII.GetBytes(pem.Replace("MII", "MIJ", StringComparison.Ordinal))));
        Fails(ExitCode.BadInput,
            () => PemPrivateKey.Read(Encoding.ASCII.GetBytes(pem.Replace("PRIVATE KEY", "EC PRIVATE KEY", StringComparison.Ordinal))));
        Fails(ExitCode.BadInput, () => OpenPgpSecretKey.Read(File.ReadAllBytes(folder["enc.secret.asc"]), wrong));
        Fails(ExitCode.Usage, () => OpenPgpSecretKey.Read(File.ReadAllBytes(folder["enc.secret.asc"])));
        Fails(ExitCode.BadInput, () => OpenPgpSecretKey.Read(Encoding.ASCII.GetBytes(armored[..3000])));
        Fails(ExitCode.BadInput, () => OpenPgpCertificate.Parse(File.ReadAllBytes(folder["plain.secret.asc"])));
        Fails(ExitCode.BadInput, () => RsaPublicKey.FromPem(File.ReadAllBytes(folder["plain.pem"])));
        var program = new SigningProgram(
            $"sh -c 'cat >/dev/null; echo pin-value={Secret} >&2; echo PIN: {Secret} >&2; echo password={Secret} >&2; exit 3' {Secret}",
            TimeSpan.FromSeconds(20), said.Add);
        Fails(ExitCode.Io, () => new ExternalRsaSigner(program, SigningInput.Payload, TestRelease.Signer.PublicKey)
            .Sign("x"u8, HashAlgorithmName.SHA512));
        Fails(ExitCode.Io, () => new SigningProgram($"/nonexistent/hsm --pin {Secret}", TimeSpan.FromSeconds(1)).Run(default));
        Fails(ExitCode.Usage, () => CommandLine.Split($"hsm --pin '{Secret}"));
        Assert.Contains(said, line => line.StartsWith("sh: pin-value=…", StringComparison.Ordinal));

        said.AddRange(from name in (string[])["enc.pub.pem", "enc.pgp", "enc.asc", "enc.pem",
            "enc.secret.asc"]
                      select Encoding.Latin1.GetString(File.ReadAllBytes(folder[name])));
        said.Add(TestRelease.OpenPgp.ClearSign("text\n", TestRelease.Later));
        var secrets = Secrets();
        Assert.All(secrets, secret => Assert.All(said, text => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase)));
        // The search finds what it looks for: the plain private files hold it.
        Assert.Contains(secrets, secret => pem.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The passphrase, every full line of the private PEM's secret part, and the private numbers in hex, base64 and raw.</summary>
    private List<string> Secrets()
    {
        var numbers = TestRelease.Signer.ExportPrivate();
        var secrets = new List<string> { Secret };
        foreach (var number in (byte[][])[numbers.D!, numbers.P!, numbers.Q!])
        {
            for (var at = 0; at + 24 <= number.Length; at += 24)
            {
                secrets.Add(Convert.ToHexString(number.AsSpan(at, 24)));
                secrets.Add(Encoding.Latin1.GetString(number.AsSpan(at, 24)));
                for (var shift = 0; shift < 3; shift++)
                {
                    // The middle of a run in base64 at each of the three alignments.
                    secrets.Add(Convert.ToBase64String(number.AsSpan(at + shift, 18)));
                }
            }
        }

        // The head of the DER is the public modulus; its lines stand in the public key too.
        secrets.AddRange(File.ReadAllLines(folder["plain.pem"]).Skip(14).Where(l => l.Length == 64));
        return secrets;
    }
}
