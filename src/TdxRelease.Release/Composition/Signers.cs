using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;
using TdxRelease.Signing.External;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Composition;

/// <summary>Opens signing keys, and keeps the public test key away from real releases.</summary>
public static class Signers
{
    private const int MaxPublicKey = 1 << 16;

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

    /// <summary>Opens the key of a real release.</summary>
    /// <param name="path">PEM (PKCS#8) or an OpenPGP secret key, encrypted or not.</param>
    /// <param name="certificate">OpenPGP certificate of a PEM key; null takes <c>NAME.pgp</c> beside <c>NAME.pem</c>, where it exists.</param>
    /// <param name="passphrase">Where the passphrase is (<c>fd:N</c>, <c>file:PATH</c>, <c>env:NAME</c>), or null.</param>
    /// <param name="minimumBits">The policy's smallest size.</param>
    /// <param name="testKey">Takes the public test key: only to build the sample again.</param>
    /// <exception cref="TdxException">Exit 3, 5 (too small, or the public test key), 6.</exception>
    public static ReleaseSigner Open(string path, string? certificate, string? passphrase, int minimumBits, bool testKey = false)
    {
        using var secret = passphrase is null ? null : Passphrase.Open(passphrase);
        var signer = ReleaseSigner.FromFile(path, certificate ?? Beside(path), secret, minimumBits);
        using var sample = Sample();
        if (testKey || signer.Rsa.PublicKey.Sha256 != sample.Rsa.PublicKey.Sha256)
        {
            return signer;
        }

        signer.Dispose();
        throw new TdxException(ExitCode.Refused, $"\"{path}\" is the public TEST key, it signs no real bundle", "tdxrel keys create makes a release key");
    }

    /// <summary>A key behind a program: HSM, KMS, smart card (docs/signing.md).</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="input">What it gets on standard input.</param>
    /// <param name="publicKey">PEM file with the public half: every signature is checked with it before it is used.</param>
    /// <param name="certificate">OpenPGP certificate of the key, or null for none.</param>
    /// <param name="minimumBits">The policy's smallest size.</param>
    /// <param name="log">Gets the program's standard error.</param>
    /// <exception cref="TdxException">Exit 3, 5 or 6.</exception>
    public static ReleaseSigner External(string command, SigningInput input, string publicKey, string? certificate, int minimumBits, Action<string> log)
    {
        var rsa = new ExternalRsaSigner(new SigningProgram(command, SigningTime, log), input, RsaPublicKey.FromPem(InputFile.Read(publicKey, MaxPublicKey), publicKey), minimumBits);
        return new ReleaseSigner(rsa, certificate is null ? null : ReleaseSigner.WithCertificate(rsa, certificate));
    }

    private static string? Beside(string path) =>
        path.EndsWith(".pem", StringComparison.Ordinal) && Path.ChangeExtension(path, ".pgp") is var beside && FileStat.Of(beside) is not null ? beside : null;

    private static byte[] Resource(string name)
    {
        using var stream = typeof(Signers).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
