using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Testing.PgpCases;

namespace TdxRelease.Tests.Signing;

/// <summary>The last second, bit and byte that a verifier takes, and the first that it does not.</summary>
public class OpenPgpBoundaryTests
{
    private static readonly DateTimeOffset Created = TestRelease.Created;
    private static readonly DateTimeOffset Later = TestRelease.Later;
    private static readonly byte[] Signature = new PgpSignature().Packet();
    private static readonly byte[] Subkey = PgpCertificate.SubkeyPacket();

    [Theory]
    [InlineData(600, OpenPgpVerdict.Good)]
    [InlineData(601, OpenPgpVerdict.InFuture)]
    public void A_signer_s_clock_is_at_most_ten_minutes_ahead(int seconds, OpenPgpVerdict want)
    {
        var now = Later.AddSeconds(-seconds);
        Assert.Equal(want, Verify(PgpCertificate.Sound, Signature, now).Verdict);
        Assert.Equal(want, new RsaOpenPgpVerifier(TestRelease.Signer.PublicKey, now).VerifyDetached(Pgp.Content, Signature).Verdict);
    }

    [Fact]
    public void A_self_signature_may_be_as_young_as_the_signature() => Assert.Equal(OpenPgpVerdict.Good,
        Verify(PgpCertificate.Sound, new PgpSignature { At = Created }.Packet(), Created.AddMinutes(-5)).Verdict);

    [Theory]
    [InlineData(-1, -1, OpenPgpVerdict.Good)]
    [InlineData(-1, 0, OpenPgpVerdict.KeyExpired)]
    [InlineData(0, -300, OpenPgpVerdict.KeyExpired)]
    public void A_key_neither_signs_nor_verifies_in_the_second_of_its_end(int signed, int now, OpenPgpVerdict want)
    {
        var end = Created.AddDays(60);
        Assert.Equal(want, Verify(Ending(60, null)[..^Behind(null).Length], new PgpSignature { At = end.AddSeconds(signed) }.Packet(),
            end.AddSeconds(now)).Verdict);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(50, null, 50)]
    [InlineData(null, 50, 50)]
    [InlineData(50, 60, 50)]
    [InlineData(60, 50, 50)]
    [InlineData(60, 60, null)]
    [InlineData(45, 50, 45)]
    [InlineData(50, 45, 45)]
    public void A_subkey_ends_with_itself_or_with_the_primary_key(int? primary, int? sub, int? end)
    {
        var result = Verify(Ending(primary, sub), new PgpSignature { By = PgpKeyPair.Sub }.Packet(), Created.AddDays(55));
        Assert.Equal(end is null ? OpenPgpVerdict.Good : OpenPgpVerdict.KeyExpired, result.Verdict);
        Assert.EndsWith(end is { } days ? $"expired {Created.AddDays(days).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : "2026-02-10T12:00:00Z",
            result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, OpenPgpVerdict.Good)]
    [InlineData(0, OpenPgpVerdict.SignatureExpired)]
    public void A_signature_ends_with_its_last_second(int seconds, OpenPgpVerdict want)
    {
        var signature = new PgpSignature { More = Pgp.Lifetime(TimeSpan.FromDays(1)) }.Packet();
        var now = Later.AddDays(1).AddSeconds(seconds);
        Assert.Equal(want, Verify(PgpCertificate.Sound, signature, now).Verdict);
        Assert.Equal(want, new RsaOpenPgpVerifier(TestRelease.Signer.PublicKey, now).VerifyDetached(Pgp.Content, signature).Verdict);
    }

    [Fact]
    public void A_key_has_the_bits_that_are_wanted()
    {
        OpenPgpResult Bare(int bits) => new RsaOpenPgpVerifier(TestRelease.Signer.PublicKey, Later, bits)
            .VerifyDetached(Pgp.Content, Signature);
        Assert.Equal(OpenPgpVerdict.Good, Bare(4096).Verdict);
        Assert.Equal((OpenPgpVerdict.WeakKey, "RSA key of 4096 bits, want 4097 or more"), (Bare(4097).Verdict, Bare(4097).Message));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(11)]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(25)]
    [InlineData(26)]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(30)]
    public void A_critical_subpacket_that_decides_nothing_is_passed_over(int type) => Assert.Equal(OpenPgpVerdict.Good,
        Verify(PgpCertificate.Sound, new PgpSignature { More = Pgp.Sub(0x80 | type, 1) }.Packet(), Later).Verdict);

    [Fact]
    public void A_number_longer_than_the_key_is_nobody_s_signature_and_revokes_nothing()
    {
        static byte[] Long(byte[] number) => Pgp.Mpi([1, .. number]);
        Assert.Equal(OpenPgpVerdict.WrongSignature,
            Verify(PgpCertificate.Sound, new PgpSignature { Number = Long }.Packet(), Later).Verdict);
        var revocation = PgpCertificate.Direct(0x20);
        Assert.True(Parse(PgpCertificate.Keyed(revocation.Packet())).Revoked);
        Assert.False(Parse(PgpCertificate.Keyed((revocation with { Number = Long }).Packet())).Revoked);
    }

    [Fact]
    public void Behind_the_key_stands_a_direct_key_signature_that_says_who_made_it_or_nothing()
    {
        const string Without = "c: no self-signature with SHA-256 or better verifies";
        var direct = PgpCertificate.Direct(0x1F, PgpCertificate.Both);
        Assert.Equal(OpenPgpVerdict.Good, Verify([.. PgpCertificate.Key, .. direct.Packet()], Signature, Later).Verdict);
        foreach (var other in (PgpSignature[])[direct with { Type = 0x13 }, direct with { Hashed = Pgp.Time(direct.At), Unhashed = [] }])
        {
            Refusals.Says(Without, () => Parse([.. PgpCertificate.Key, .. other.Packet()]));
        }
    }

    [Fact]
    public void A_signer_is_checked_at_the_time_wanted_or_when_its_youngest_key_was_made()
    {
        OpenPgpVerdict By(IOpenPgpSigner signer, DateTimeOffset time, PgpSignature signature) =>
            OpenPgpVerifier.Of(signer, time).VerifyDetached(Pgp.Content, signature.Packet()).Verdict;
        Assert.Equal(OpenPgpVerdict.Good, By(TestRelease.OpenPgp, Created.AddDays(-1), new PgpSignature { At = Created }));
        Assert.Equal(OpenPgpVerdict.InFuture, By(TestRelease.OpenPgp, Created.AddDays(-1), new PgpSignature()));
        Assert.Equal(OpenPgpVerdict.Good, By(TestRelease.OpenPgp, Later, new PgpSignature()));
        var young = PgpKeyPair.Sub.As(created: Created.AddDays(20));
        var binding = PgpCertificate.Bound(sub: young, at: Created.AddDays(20));
        var signer = new FixedSigner(PgpCertificate.With(PgpCertificate.SubkeyPacket(young), binding.Packet()));
        Assert.Equal(OpenPgpVerdict.Good, By(signer, Created, new PgpSignature { By = young, At = Created.AddDays(20) }));
        Refusals.Says("signer's certificate: does not begin with a public key", () => OpenPgpVerifier.Of(new FixedSigner([]), Later));
    }

    private static OpenPgpCertificate Parse(byte[] certificate) => OpenPgpCertificate.Parse(certificate, "c");

    private static OpenPgpResult Verify(byte[] certificate, byte[] signature, DateTimeOffset now) =>
        new OpenPgpVerifier(Parse(certificate), now).VerifyDetached(Pgp.Content, signature);

    private static byte[] Life(int? days) => days is { } life ? Pgp.KeyLife(TimeSpan.FromDays(life)) : [];

    private static byte[] Behind(int? days) => [.. Subkey, .. PgpCertificate.Bound(Life(days)).Packet()];

    // A certificate whose primary key and subkey end so many days after they were made.
    private static byte[] Ending(int? primary, int? sub) =>
        [.. PgpCertificate.Certified(PgpCertificate.Self([.. PgpCertificate.Both, .. Life(primary)]).Packet()), .. Behind(sub)];
}
