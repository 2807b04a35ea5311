using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using static TdxRelease.Fuzz.Contract;

namespace TdxRelease.Fuzz.Targets;

/// <summary>OpenPGP packets, certificates and signatures, and public keys in PEM.</summary>
internal static class OpenPgpTargets
{
    private static readonly DateTimeOffset Created = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The key that the corpus is signed with: the sample's, which is labelled TEST.</summary>
    internal static OpenPgpSigner Signer { get; } = MakeSigner();

    /// <summary>What the signatures of the corpus are over.</summary>
    internal static ReadOnlySpan<byte> Content => "signed by the corpus\n"u8;

    /// <summary>Some time after the corpus was signed.</summary>
    internal static DateTimeOffset Signed { get; } = Created.AddDays(1);

    private static OpenPgpVerifier Verifier { get; } = new(OpenPgpCertificate.Parse(Signer.Certificate), Created.AddDays(2));

    public static bool Certificates(byte[] bytes)
    {
        var certificate = OpenPgpCertificate.Parse(bytes);
        Require(OpenPgpCertificate.Parse(certificate.ToArray()).Fingerprint == certificate.Fingerprint, "written again it differs");
        Require(OpenPgpCertificate.Parse(System.Text.Encoding.ASCII.GetBytes(certificate.ToArmored())).Fingerprint
            == certificate.Fingerprint, "armored again it differs");
        _ = certificate.SigningKey;
        var verifier = new OpenPgpVerifier(certificate, Created.AddDays(2));
        Require(!verifier.VerifyDetached(Content, bytes).IsGood, "a certificate is a signature");
        return true;
    }

    public static bool Keyrings(byte[] bytes)
    {
        var keyring = OpenPgpKeyring.Parse(bytes, "keyring");
        foreach (var again in (byte[][])[keyring.ToArray(), System.Text.Encoding.ASCII.GetBytes(keyring.ToArmored())])
        {
            Require(OpenPgpKeyring.Parse(again, "keyring").Fingerprints == keyring.Fingerprints, "written again it differs");
        }

        var verifier = new OpenPgpVerifier(keyring, Created.AddDays(2));
        Require(!verifier.VerifyDetached(Content, bytes).IsGood, "a keyring is a signature");
        return true;
    }

    public static bool Signatures(byte[] bytes)
    {
        var result = Verifier.VerifyDetached(Content, bytes);
        Require(!Verifier.VerifyDetached("something else"u8, bytes).IsGood, "a signature is good over what was not signed");
        _ = Quiet(() => DetachedSignature.IsCovered(bytes));
        return result.IsGood;
    }

    public static bool ClearSigned(byte[] bytes)
    {
        var result = Verifier.VerifyClearSigned(bytes);
        Require(result.IsGood == (result.Text is not null), "good without a text, or a text without being good");
        return result.IsGood;
    }

    public static bool PublicKeys(byte[] bytes) => Quiet(() => RsaPublicKey.FromPem(bytes).Bits > 0)
        | Quiet(() => RsaPublicKey.FromSpki(bytes).Bits > 0);

    /// <summary>The signer's certificate, and another of the same key.</summary>
    internal static OpenPgpKeyring Keyring { get; } = new(
    [
        OpenPgpCertificate.Parse(Signer.Certificate), OpenPgpCertificate.Create(new RsaKeySigner(SampleKeys.Rsa4096), "other TEST", Signed),
    ]);

    private static OpenPgpSigner MakeSigner()
    {
        var signer = new RsaKeySigner(SampleKeys.Rsa4096);
        return new OpenPgpSigner(signer, OpenPgpCertificate.Create(signer, "corpus TEST", Created));
    }

    private static bool Quiet(Func<bool> read)
    {
        try
        {
            return read();
        }
        catch (TdxException)
        {
            return false;
        }
    }
}
