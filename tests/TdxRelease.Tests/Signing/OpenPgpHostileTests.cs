using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Signing;

/// <summary>Signatures and certificates that are wrong in one way each, made with a real key so that nothing else is wrong.</summary>
public class OpenPgpHostileTests
{
    private static readonly byte[] Content = "content\n"u8.ToArray();
    private static readonly DateTimeOffset Now = TestRelease.Later.AddDays(1);
    private static readonly Lazy<RsaKeySigner> SmallKey = new(() => new RsaKeySigner(RSA.Create(2048), 2048));
    private static readonly PgpKey Key = TestRelease.Certificate.Keys[0].Key;

    private static OpenPgpVerdict Check(byte[] signature, OpenPgpCertificate? certificate = null, DateTimeOffset? now = null,
        int bits = 4096) =>
        new OpenPgpVerifier(certificate ?? TestRelease.Certificate, now ?? Now, bits).VerifyDetached(Content, signature).Verdict;

    private static byte[] Signed(uint time, ReadOnlySpan<byte> more = default, SignatureType type = SignatureType.Binary) =>
        SignatureBuilder.Build(TestRelease.Signer, Key, type, time, Content, more);

    private static uint At(DateTimeOffset time) => PgpFormat.Seconds(time);

    [Fact]
    public void A_signature_before_its_key_or_in_the_future_is_refused()
    {
        Assert.Equal(OpenPgpVerdict.BeforeKey, Check(Signed(Key.Created - 1)));
        Assert.Equal(OpenPgpVerdict.Good, Check(Signed(Key.Created)));
        Assert.Equal(OpenPgpVerdict.InFuture, Check(Signed(At(Now.AddMinutes(11)))));
    }

    [Fact]
    public void A_short_key_is_refused()
    {
        var certificate = OpenPgpCertificate.Create(SmallKey.Value, "small", TestRelease.Created);
        var signature = new OpenPgpSigner(SmallKey.Value, certificate).SignDetached(Content, TestRelease.Later);
        Assert.Equal(OpenPgpVerdict.WeakKey, Check(signature, certificate));
        Assert.Equal(OpenPgpVerdict.Good, Check(signature, certificate, bits: 2048));
    }

    [Fact]
    public void An_expired_key_is_refused_at_and_after_its_end()
    {
        var end = TestRelease.Later.AddDays(10);
        var certificate = OpenPgpCertificate.Create(TestRelease.Signer, "brief", TestRelease.Created, end);
        var signer = new OpenPgpSigner(TestRelease.Signer, certificate);
        var signature = signer.SignDetached(Content, TestRelease.Later);
        Assert.Equal(end, certificate.ExpiresAt);
        Assert.Equal(OpenPgpVerdict.Good, Check(signature, certificate, end.AddSeconds(-1)));
        Assert.Equal(OpenPgpVerdict.KeyExpired, Check(signature, certificate, end));
        Assert.Equal(ExitCode.Refused, Assert.Throws<TdxException>(() => signer.SignDetached(Content, end)).Code);
    }

    [Fact]
    public void A_revoked_key_is_refused_and_a_stranger_cannot_revoke_it()
    {
        var revoked = WithRevocation(TestRelease.Signer);
        Assert.True(revoked.Revoked);
        Assert.Equal(OpenPgpVerdict.KeyRevoked, Check(Signed(At(TestRelease.Later)), revoked));
        Assert.Throws<TdxException>(() => new OpenPgpSigner(TestRelease.Signer, revoked));
        Assert.False(WithRevocation(SmallKey.Value).Revoked);
    }

    public static TheoryData<string> HostileCertificates => [.. HostileCertificate.All.Keys];

    [Theory]
    [MemberData(nameof(HostileCertificates))]
    public void A_certificate_that_sqv_refuses_is_refused(string name)
    {
        var verdict = Check(Signed(At(TestRelease.Later)), OpenPgpCertificate.Parse(HostileCertificate.All[name]()),
            TestRelease.Later.AddDays(1));
        Assert.Equal(name.Contains("revocation", StringComparison.Ordinal) ? OpenPgpVerdict.KeyRevoked : OpenPgpVerdict.NotBound, verdict);
    }

    [Fact]
    public void A_self_signature_counts_while_it_is_in_force()
    {
        // An older one in force stands in for a newer one that is expired.
        var certificate = OpenPgpCertificate.Parse(
            HostileCertificate.Certificate(HostileCertificate.SelfSignature(TestRelease.Created),
            HostileCertificate.SelfSignature(TestRelease.Created.AddDays(5), TimeSpan.FromDays(5))));
        Assert.Equal(OpenPgpVerdict.Good, Check(Signed(At(TestRelease.Later)), certificate));
        var brief = OpenPgpCertificate.Parse(
            HostileCertificate.Certificate(HostileCertificate.SelfSignature(TestRelease.Created, TimeSpan.FromDays(100))));
        Assert.Equal(OpenPgpVerdict.Good, Check(Signed(At(TestRelease.Later)), brief, TestRelease.Created.AddDays(99)));
        Assert.Equal(OpenPgpVerdict.NotBound, Check(Signed(At(TestRelease.Later)), brief, TestRelease.Created.AddDays(100)));
    }

    private static OpenPgpCertificate WithRevocation(IRsaSigner by)
    {
        var hashed = new ArrayBufferWriter<byte>();
        Key.WriteHashed(hashed);
        var revocation = SignatureBuilder.Build(by, Key, SignatureType.KeyRevocation, At(TestRelease.Later), hashed.WrittenSpan);
        var packets = new ArrayBufferWriter<byte>();
        packets.Packet(PacketTag.PublicKey, Key.Body());
        packets.Write(revocation);
        packets.Write(TestRelease.Certificate.ToArray().AsSpan(Key.Body().Length + 3));
        return OpenPgpCertificate.Parse(packets.WrittenSpan);
    }

    [Fact]
    public void An_expired_signature_is_refused()
    {
        var hashed = new ArrayBufferWriter<byte>();
        hashed.Subpacket(SubpacketType.SignatureExpiration, [0, 0, 0, 60]);
        var signature = Signed(At(TestRelease.Later), hashed.WrittenSpan);
        Assert.Equal(OpenPgpVerdict.Good, Check(signature, now: TestRelease.Later.AddSeconds(59)));
        Assert.Equal(OpenPgpVerdict.SignatureExpired, Check(signature, now: TestRelease.Later.AddSeconds(60)));
    }

    [Fact]
    public void Unknown_critical_subpackets_are_refused_and_others_passed_over()
    {
        var signature = Signed(At(TestRelease.Later), [3, 0x80 | 100, 1, 2]);
        Assert.Equal(OpenPgpVerdict.Malformed, Check(signature));
        Assert.Equal(OpenPgpVerdict.Good, Check(Signed(At(TestRelease.Later), [3, 100, 1, 2])));
        Assert.Equal(OpenPgpVerdict.Malformed, Check(Signed(At(TestRelease.Later), [5, 2, 1, 2, 3, 4])));
        Assert.Equal(OpenPgpVerdict.Malformed, Check(Signed(At(TestRelease.Later), [200, 2, 1])));
    }

    [Fact]
    public void Signatures_of_other_types_are_refused() =>
        Assert.Equal(OpenPgpVerdict.Malformed, Check(Signed(At(TestRelease.Later), type: SignatureType.Text)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(99)]
    public void Weak_hashes_are_refused_by_name(byte hash)
    {
        var signature = Signed(At(TestRelease.Later));
        signature[3 + 3] = hash;
        Assert.Equal(OpenPgpVerdict.WeakHash, Check(signature));
    }

    [Fact]
    public void A_strangers_signature_is_named_and_refused_beside_a_good_one_too()
    {
        var stranger = OpenPgpCertificate.Create(SmallKey.Value, "stranger", TestRelease.Created);
        var other = new OpenPgpSigner(SmallKey.Value, stranger).SignDetached(Content, TestRelease.Later);
        var good = Signed(At(TestRelease.Later));
        var wrong = SignatureBuilder.Build(TestRelease.Signer, Key, SignatureType.Binary, At(TestRelease.Later), "other"u8);
        Assert.Equal(OpenPgpVerdict.UnknownKey, Check(other));
        Assert.Equal(OpenPgpVerdict.UnknownKey, Check([.. other, .. good]));
        Assert.Equal(OpenPgpVerdict.UnknownKey, Check([.. good, .. other]));
        Assert.Equal(OpenPgpVerdict.Good, Check([.. good, .. Signed(At(TestRelease.Later.AddHours(1)))]));
        Assert.Equal(OpenPgpVerdict.WrongSignature, Check([.. good, .. wrong]));
        Assert.Equal(OpenPgpVerdict.Malformed, Check([.. Enumerable.Repeat(good, 17).SelectMany(s => s)]));
    }

    [Fact]
    public void Other_packets_and_rubbish_are_refused()
    {
        Assert.Equal(OpenPgpVerdict.Malformed, Check([]));
        Assert.Equal(OpenPgpVerdict.Malformed, Check(TestRelease.Certificate.ToArray()));
        Assert.Equal(OpenPgpVerdict.Malformed, Check([.. Signed(At(TestRelease.Later)), 0]));
        Assert.Equal(OpenPgpVerdict.Malformed, Check([0xC2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 4]));
        Assert.Equal(OpenPgpVerdict.Malformed, Check([0xC2, 0xE1, 4, 0]));
        Assert.Equal(OpenPgpVerdict.Malformed, Check("hello"u8.ToArray()));
    }

    [Fact]
    public void Random_bytes_and_cuts_never_throw_and_never_pass()
    {
        var good = Signed(At(TestRelease.Later));
        Property.Check(400, (random, _) =>
        {
            var bytes = random.Next(2) == 0 ? good[..random.Next(good.Length)] : [.. good];
            for (var i = random.Next(1, 6); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Next(Math.Min(bytes.Length, 60))] ^= (byte)random.Next(1, 256);
            }

            var verdict = Check(bytes);
            Assert.True(verdict != OpenPgpVerdict.Good || bytes.AsSpan(0, 30).SequenceEqual(good.AsSpan(0, 30)));
        });
    }

    [Fact]
    public void A_changed_certificate_is_refused_or_has_no_usable_key()
    {
        var binary = TestRelease.Certificate.ToArray();
        for (var i = 0; i < binary.Length; i += 7)
        {
            var changed = binary.ToArray();
            changed[i] ^= 0x10;
            try
            {
                var certificate = OpenPgpCertificate.Parse(changed);
                // Only the unhashed issuer of the self-signature may change unnoticed.
                Assert.Equal(TestRelease.Certificate.Fingerprint, certificate.Fingerprint);
                Assert.Equal(TestRelease.Certificate.UserIds, certificate.UserIds);
            }
            catch (TdxException e)
            {
                Assert.Equal(ExitCode.BadInput, e.Code);
            }
        }
    }

    public static TheoryData<string, string> BadFrames { get; } = new()
    {
        { "-----BEGIN PGP SIGNED", "text before\n-----BEGIN PGP SIGNED" },
        { "Hash: SHA512\n", "Hash: SHA512\nComment: read me\n" },
        { "line one\n", "line 1\n" },
        { "line one\n", "line one\n-unescaped\n" },
        { "line one\n", "line one\nadded\n" },
        { "-----END PGP SIGNATURE-----\n", "-----END PGP SIGNATURE-----\ntext after\n" },
        { "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----" },
        { "line one\n", "line\r one\n" },
    };

    [Theory]
    [MemberData(nameof(BadFrames))]
    public void A_clear_signed_text_with_anything_unsigned_is_refused(string from, string to)
    {
        var signed = TestRelease.OpenPgp.ClearSign("line one\nline two\n", TestRelease.Later);
        Assert.Contains(from, signed, StringComparison.Ordinal);
        var verifier = new OpenPgpVerifier(TestRelease.Certificate, Now);
        Assert.True(verifier.VerifyClearSigned(Encoding.UTF8.GetBytes(signed)).IsGood);
        var result = verifier.VerifyClearSigned(Encoding.UTF8.GetBytes(signed.Replace(from, to, StringComparison.Ordinal)));
        Assert.False(result.IsGood);
        Assert.Null(result.Text);
    }

    [Fact]
    public void Text_with_carriage_returns_is_not_signed() =>
        Assert.Equal(ExitCode.BadInput,
            Assert.Throws<TdxException>(() => TestRelease.OpenPgp.ClearSign("a\r\nb\n", TestRelease.Later)).Code);

    [Fact]
    public void Another_keys_certificate_is_not_taken_for_signing()
    {
        var e = Assert.Throws<TdxException>(() => new OpenPgpSigner(SmallKey.Value, TestRelease.Certificate));
        Assert.Equal(ExitCode.BadInput, e.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("two\nlines")]
    public void User_ids_that_could_mislead_are_refused(string userId) =>
        Assert.Equal(ExitCode.Usage,
            Assert.Throws<TdxException>(() => OpenPgpCertificate.Create(TestRelease.Signer, userId, TestRelease.Created)).Code);
}
