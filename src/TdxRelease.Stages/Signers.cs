using TdxRelease.Bundles.Signing;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Stages;

/// <summary>Opens signing keys, and keeps the public test key away from real releases.</summary>
public static class Signers
{
    private const int MaxKeyLength = 1 << 16;
    private const string SampleKey = "samples/keys/test-release.pem";

    /// <summary>The TEST key that signs bundles of the sample, and nothing else.</summary>
    public static RsaKeySigner Sample()
    {
        using var stream = typeof(Signers).Assembly.GetManifestResourceStream(SampleKey)!;
        var pem = new byte[stream.Length];
        stream.ReadExactly(pem);
        return PemPrivateKey.Read(pem, name: SampleKey);
    }

    /// <summary>Opens a PEM key for a real release.</summary>
    /// <param name="path">PKCS#8, encrypted or not.</param>
    /// <param name="passphrase">Where the passphrase is (<c>fd:N</c>, <c>file:PATH</c>, <c>env:NAME</c>), or null.</param>
    /// <param name="minimumBits">The policy's smallest size.</param>
    /// <exception cref="TdxException">Exit 3, 5 (too small, or the public test key), 6.</exception>
    public static RsaKeySigner Open(string path, string? passphrase, int minimumBits)
    {
        using var secret = passphrase is null ? null : Passphrase.Open(passphrase);
        var signer = PemPrivateKey.Read(InputFile.Read(path, MaxKeyLength), secret, minimumBits, path);
        using var sample = Sample();
        if (signer.PublicKey.Sha256 != sample.PublicKey.Sha256)
        {
            return signer;
        }

        signer.Dispose();
        throw new TdxException(ExitCode.Refused, $"\"{path}\" is the public TEST key, it signs no real bundle", "tdxrel keys create makes a release key");
    }
}
