using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Signing;

public sealed class OpenPgpKeyringTests
{
    private static readonly RsaKeySigner Key = new(SampleKeys.Rsa4096);
    private static readonly OpenPgpCertificate Other = Certificate(TestRelease.Created);
    private static readonly byte[] Both = [.. TestRelease.Certificate.ToArray(), .. Other.ToArray()];

    [Fact]
    public void Binary_certificates_and_blocks_of_armor_are_the_same_keyring()
    {
        var binary = OpenPgpKeyring.Parse(Both, "k");
        Assert.Equal([TestRelease.Certificate.Fingerprint, Other.Fingerprint], binary.Certificates.Select(c => c.Fingerprint));
        Assert.Equal(Both, binary.ToArray());
        foreach (var text in (string[])[binary.ToArmored(), Armor.Encode(Armor.PublicKey, Both),
            binary.ToArmored().Replace("\n-----BEGIN", "\n\n-----BEGIN", StringComparison.Ordinal)])
        {
            Assert.Equal(Both, OpenPgpKeyring.Parse(Encoding.ASCII.GetBytes(text), "k").ToArray());
        }

        Assert.Equal($"{TestRelease.Certificate.Fingerprint} and {Other.Fingerprint}", binary.Fingerprints);
        Assert.Same(binary.Certificates[1], binary.Find(Other.Fingerprint));
        Assert.Null(binary.Find(new string('0', 40)));
    }

    [Fact]
    public void What_is_not_a_keyring_is_refused()
    {
        var one = TestRelease.Certificate.ToArray();
        Refused([.. one, .. one], "k: 2 certificates of 1 keys, want 1 to 16 of as many keys");
        Refused([], "does not begin with a public key");
        Refused([.. Both, 1], "not a sequence of OpenPGP packets");
        Refused(Both[..^1], "not a sequence of OpenPGP packets");
        Refused([.. one, .. one[1..]], "");
        Refused([.. TestRelease.OpenPgp.SignDetached([1], TestRelease.Later), .. one], "does not begin with a public key");
        Refused(Encoding.ASCII.GetBytes($"hello\n{TestRelease.Certificate.ToArmored()}"), "no armored block");
        Refused(Encoding.ASCII.GetBytes($"{TestRelease.Certificate.ToArmored()}hello\n"), "text follows the armored block");
        Refused(Encoding.ASCII.GetBytes($"{TestRelease.Certificate.ToArmored()}-----BEGIN PGP SIGNATURE-----\n"), "no armored block");
    }

    [Fact]
    public void More_certificates_than_anybody_needs_are_refused()
    {
        var many = Enumerable.Range(0, 17).Select(i => Certificate(TestRelease.Created.AddDays(i))).SelectMany(c => c.ToArray()).ToArray();
        Refused(many, "k: 17 certificates of 17 keys");
    }

    [Fact]
    public void Each_of_the_signatures_must_be_good_and_each_names_its_own_key()
    {
        var keyring = new OpenPgpKeyring([TestRelease.Certificate, Other]);
        var signer = new KeyringSigner([TestRelease.OpenPgp, new OpenPgpSigner(Key, Other)], keyring);
        Assert.Equal(Both, signer.Certificate);
        Assert.Equal(TestRelease.Certificate.Fingerprint, signer.Fingerprint);
        Assert.Same(TestRelease.OpenPgp, ((IOpenPgpSigner)signer).First);
        byte[] content = [1, 2, 3];
        var verifier = new OpenPgpVerifier(keyring, TestRelease.Later);
        var signature = signer.SignDetached(content, TestRelease.Later);
        Assert.True(verifier.VerifyDetached(content, signature).IsGood);
        var armored = Encoding.ASCII.GetBytes(signer.SignDetachedArmored(content, TestRelease.Later));
        Assert.True(verifier.VerifyDetached(content, armored).IsGood);
        Assert.Equal(OpenPgpVerdict.WrongSignature, verifier.VerifyDetached([1, 2], signature).Verdict);
        var clear = verifier.VerifyClearSigned(Encoding.UTF8.GetBytes(signer.ClearSign("a\n- b\n", TestRelease.Later)));
        Assert.Equal("a\n- b\n", clear.Text);
        Assert.Equal(OpenPgpVerdict.UnknownKey, new OpenPgpVerifier(Other, TestRelease.Later).VerifyDetached(content, signature).Verdict);

        // The second signature is wrong, the first one right.
        signature[^1] ^= 1;
        Assert.Equal(OpenPgpVerdict.WrongSignature, verifier.VerifyDetached(content, signature).Verdict);
    }

    private static OpenPgpCertificate Certificate(DateTimeOffset created) =>
        OpenPgpCertificate.Create(Key, "Other TEST KEY <other@tdxrel.invalid>", created);

    private static void Refused(byte[] bytes, string message)
    {
        var error = Assert.Throws<TdxException>(() => OpenPgpKeyring.Parse(bytes, "k"));
        Assert.Equal(ExitCode.BadInput, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
