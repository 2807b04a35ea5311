using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Signing;

public class OpenPgpTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("what is signed\n");

    private static OpenPgpVerifier Verifier { get; } = new(TestRelease.Certificate, TestRelease.Later.AddDays(1));

    [Fact]
    public void The_committed_certificate_is_made_again_byte_for_byte()
    {
        if (Environment.GetEnvironmentVariable("TDXREL_UPDATE") == "1")
        {
            File.WriteAllBytes(TestRelease.CertificatePath, TestRelease.Certificate.ToArray());
        }

        Assert.Equal(File.ReadAllBytes(TestRelease.CertificatePath), TestRelease.Certificate.ToArray());
        Assert.Equal(TestRelease.Signer.PublicKey.Sha256, RsaPublicKey.FromPem(File.ReadAllBytes(TestRelease.PublicPemPath)).Sha256);
        Assert.Equal([TestRelease.UserId], TestRelease.Certificate.UserIds);
    }

    [Fact]
    public void Signatures_are_the_same_bytes_each_time_and_verify()
    {
        var signature = TestRelease.OpenPgp.SignDetached(Content, TestRelease.Later);
        Assert.Equal(signature, TestRelease.OpenPgp.SignDetached(Content, TestRelease.Later));
        var result = Verifier.VerifyDetached(Content, signature);
        Assert.Equal(OpenPgpVerdict.Good, result.Verdict);
        Assert.Equal(TestRelease.OpenPgp.Fingerprint, result.Fingerprint);
        Assert.Equal(TestRelease.Later, result.SignedAt);
        Assert.True(Verifier.VerifyDetached(Content,
            Encoding.ASCII.GetBytes(TestRelease.OpenPgp.SignDetachedArmored(Content, TestRelease.Later))).IsGood);
    }

    [Theory]
    [InlineData("Origin: x\nSuite: y\n", "Origin: x\nSuite: y\n")]
    [InlineData("- dash\n--- more\n-----BEGIN PGP SIGNATURE-----\n", "- dash\n--- more\n-----BEGIN PGP SIGNATURE-----\n")]
    [InlineData("no end", "no end\n")]
    [InlineData("blanks \t\n\n\n", "blanks\n\n\n")]
    [InlineData("", "\n")]
    [InlineData("Ünïcode\n", "Ünïcode\n")]
    public void A_clear_signed_text_comes_back_as_it_was_signed(string text, string back)
    {
        var result = Verifier.VerifyClearSigned(Encoding.UTF8.GetBytes(TestRelease.OpenPgp.ClearSign(text, TestRelease.Later)));
        Assert.Equal((OpenPgpVerdict.Good, back), (result.Verdict, result.Text));
    }

    [Fact]
    public void Times_before_the_key_are_raised_or_refused()
    {
        var early = TestRelease.Created.AddYears(-1);
        Assert.Equal(TestRelease.OpenPgp.SignDetached(Content, TestRelease.Created), TestRelease.OpenPgp.SignDetached(Content, early));
        var strict = new OpenPgpSigner(TestRelease.Signer, TestRelease.Certificate, EarlyTime.Refuse);
        var e = Assert.Throws<TdxException>(() => strict.SignDetached(Content, early));
        Assert.Equal(ExitCode.Refused, e.Code);
        Assert.Contains("2025-01-01T00:00:00Z", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_content_is_a_wrong_signature()
    {
        var signature = TestRelease.OpenPgp.SignDetached(Content, TestRelease.Later);
        Assert.Equal(OpenPgpVerdict.WrongSignature, Verifier.VerifyDetached("what is not"u8, signature).Verdict);
    }

    [Fact]
    public void No_changed_byte_of_a_signature_is_accepted()
    {
        var signature = TestRelease.OpenPgp.SignDetached(Content, TestRelease.Later);
        var accepted = new List<int>();
        for (var i = 0; i < signature.Length; i++)
        {
            var changed = signature.ToArray();
            changed[i] ^= 0x41;
            if (Verifier.VerifyDetached(Content, changed).IsGood)
            {
                accepted.Add(i);
            }
        }

        // The unhashed issuer key id is outside the signature by the format's design; the fingerprint inside decides.
        var unhashed = signature.AsSpan().IndexOf(TestRelease.Certificate.Keys[0].Key.KeyId[..]) is var first && first < 40
            ? signature.AsSpan().LastIndexOf(TestRelease.Certificate.Keys[0].Key.KeyId) : first;
        Assert.All(accepted, i => Assert.InRange(i, unhashed - 1, unhashed + 7));
    }
}
