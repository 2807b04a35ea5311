using System.Diagnostics.CodeAnalysis;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;
using TdxRelease.Signing.External;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Composition;

/// <summary>The release key as a user names it: a file, or a program in front of an HSM, KMS or smart card (docs/signing.md).</summary>
public sealed record SigningKey
{
    /// <summary>PEM (PKCS#8) or an OpenPGP secret key, encrypted or not.</summary>
    public string? File { get; init; }

    /// <summary>OpenPGP certificate of the key; null takes <c>NAME.pgp</c> beside <c>NAME.pem</c>, where it exists.</summary>
    public string? Certificate { get; init; }

    /// <summary>Where the passphrase of a file is: <c>fd:N</c>, <c>file:PATH</c> or <c>env:NAME</c>.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Program and arguments that sign.</summary>
    public string? Program { get; init; }

    /// <summary>PEM file with the public half of the program's key: every signature is checked with it before it is used.</summary>
    public string? PublicKey { get; init; }

    /// <summary>What the program gets on standard input, one of <see cref="Signers.Inputs"/>.</summary>
    public string? Input { get; init; }

    /// <summary>
    /// Another key that signs the indices of apt and dnf too, while one replaces the other: a file like <see cref="File"/>, with its
    /// certificate.
    /// </summary>
    public string? Second { get; init; }

    /// <summary>Where the passphrase of <see cref="Second"/> is.</summary>
    public string? SecondPassphrase { get; init; }

    /// <summary>Certificates that the users of repositories get besides those of the signers, and whose signatures there count.</summary>
    public string? Keyring { get; init; }
}

/// <summary>Opens signing keys, and keeps the public test key away from real releases.</summary>
public static class Signers
{
    private const int MaxPublicKey = 1 << 16;
    private const int MaxKeyring = 1 << 20;

    // A touch or a PIN takes people a while.
    private static readonly TimeSpan SigningTime = TimeSpan.FromMinutes(2);

    private const string SampleKey = "samples/keys/test-release.pem";
    private const string SampleCertificate = "samples/keys/test-release.pgp";

    /// <summary>The TEST key that signs bundles of the sample, and nothing else.</summary>
    public static ReleaseSigner Sample()
    {
        var key = PemPrivateKey.Read(Resource(SampleKey), name: SampleKey);
        return new ReleaseSigner(key, new OpenPgpSigner(key, OpenPgpCertificate.Parse(Resource(SampleCertificate), SampleCertificate)));
    }

    /// <summary>What a signing program can get: <c>digest</c> (the default), <c>digest-info</c> or <c>payload</c>.</summary>
    public static IReadOnlyList<string> Inputs { get; } = ["digest", "digest-info", "payload"];

    /// <summary>Opens a key; null where none is named.</summary>
    /// <param name="key">The key.</param>
    /// <param name="minimumBits">The policy's smallest size.</param>
    /// <param name="testKey">Takes the public test key: only to build the sample again.</param>
    /// <param name="log">Gets a program's standard error.</param>
    /// <exception cref="TdxException">Exit 2: options that do not fit; 3, 5 (too small, or the public test key) or 6.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The result takes over the keys.")]
    public static ReleaseSigner? Open(SigningKey key, int minimumBits, bool testKey, Action<string> log)
    {
        var signer = OpenOwn(key, minimumBits, testKey, log);
        if (key.Second is null && key.Keyring is null)
        {
            return key.SecondPassphrase is null ? signer
                : throw new TdxException(ExitCode.Usage, "--second-passphrase belongs to --second-key");
        }

        var second = key.Second is { } file ? Open(file, null, key.SecondPassphrase, minimumBits, testKey) : null;
        var keyring = key.Keyring is { } path ? OpenPgpKeyring.Parse(InputFile.Read(path, MaxKeyring), path) : null;
        if (second is { OpenPgp: null })
        {
            throw new TdxException(ExitCode.Usage, $"\"{key.Second}\" has no OpenPGP certificate beside it", "NAME.pgp beside NAME.pem");
        }

        return signer?.OpenPgp is { } openPgp ? new ReleaseSigner(signer.Rsa, openPgp, second, keyring)
            : throw new TdxException(ExitCode.Usage,
                "--second-key and --keyring are for repositories, and there is no key with an OpenPGP certificate", "--certificate=FILE");
    }

    private static ReleaseSigner? OpenOwn(SigningKey key, int minimumBits, bool testKey, Action<string> log)
    {
        if (key.Program is null)
        {
            return key.PublicKey is not null || key.Input is not null
                ? throw new TdxException(ExitCode.Usage, "--signing-public-key and --signing-input belong to --signing-command")
                : key.File is null ? null : Open(key.File, key.Certificate, key.Passphrase, minimumBits, testKey);
        }

        if (key.File is not null || key.PublicKey is null || key.Passphrase is not null)
        {
            throw new TdxException(
                ExitCode.Usage,
                "--signing-command needs --signing-public-key, and neither --signing-key nor --passphrase",
                "the program gets its PIN from where it wants, never from tdxrel");
        }

        var input = key.Input switch
        {
            "payload" => SigningInput.Payload,
            "digest-info" => SigningInput.DigestInfo,
            _ => SigningInput.Digest
        };
        var half = RsaPublicKey.FromPem(InputFile.Read(key.PublicKey, MaxPublicKey), key.PublicKey);
        var rsa = new ExternalRsaSigner(new SigningProgram(key.Program, SigningTime, log), input, half, minimumBits);
        return new ReleaseSigner(rsa, key.Certificate is null ? null : ReleaseSigner.WithCertificate(rsa, key.Certificate));
    }

    private static ReleaseSigner Open(string path, string? certificate, string? passphrase, int minimumBits, bool testKey)
    {
        using var secret = passphrase is null ? null : Passphrase.Open(passphrase);
        var signer = ReleaseSigner.FromFile(path, certificate ?? SidecarCertificate(path), secret, minimumBits);
        using var sample = Sample();
        if (testKey || signer.Rsa.PublicKey.Sha256 != sample.Rsa.PublicKey.Sha256)
        {
            return signer;
        }

        signer.Dispose();
        throw new TdxException(ExitCode.Refused, $"\"{path}\" is the public TEST key, it signs no real bundle",
            "tdxrel keys create makes a release key");
    }

    private static string? SidecarCertificate(string path) =>
        path.EndsWith(".pem", StringComparison.Ordinal) && Path.ChangeExtension(path, ".pgp") is var beside
        && FileStat.Of(beside) is not null ? beside : null;

    private static byte[] Resource(string name)
    {
        using var stream = typeof(Signers).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
