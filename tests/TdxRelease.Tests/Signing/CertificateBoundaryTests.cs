using System.Buffers;
using TdxRelease.Core.Findings;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Signing;

/// <summary>The last certificate that is taken and the first that is not.</summary>
public sealed class CertificateBoundaryTests
{
    private static readonly PgpKey Key = TestRelease.Certificate.Keys[0].Key;

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_user_id_revoked_in_the_second_of_its_certification_is_revoked(int seconds, bool good)
    {
        var content = OpenPgpCertificate.HashedUserId(Key, System.Text.Encoding.UTF8.GetBytes(TestRelease.UserId));
        var time = PgpFormat.Seconds(TestRelease.Later.AddSeconds(seconds));
        var revocation = SignatureBuilder.Build(TestRelease.Signer, Key, SignatureType.CertificationRevocation, time, content, []);
        var certificate = HostileCertificate.Certificate(HostileCertificate.SelfSignature(TestRelease.Later), revocation);
        Assert.Equal(good, Record.Exception(() => OpenPgpCertificate.Parse(certificate)) is null);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void A_certificate_has_at_most_4096_packets(int count, bool good)
    {
        var marker = new ArrayBufferWriter<byte>();
        marker.Packet(PacketTag.Marker, "PGP"u8);
        byte[][] behind = [HostileCertificate.SelfSignature(TestRelease.Later),
            .. Enumerable.Repeat(marker.WrittenSpan.ToArray(), count - 3)];
        var e = Record.Exception(() => OpenPgpCertificate.Parse(HostileCertificate.Certificate(behind)));
        Assert.Equal(good ? null : "OpenPGP certificate: more than 4096 packets", (e as TdxException)?.Message);
    }

    [Fact]
    public void A_self_signature_is_in_force_from_its_first_second_to_the_one_before_its_end()
    {
        var (from, life) = (TestRelease.Created, TimeSpan.FromDays(20));
        var key = OpenPgpCertificate.Parse(HostileCertificate.Certificate(HostileCertificate.SelfSignature(from, life))).Keys[0];
        Assert.Equal([false, true, true, false],
            new[] { from.AddSeconds(-1), from, (from + life).AddSeconds(-1), from + life }.Select(t => key.At(t) is not null));
    }

    [Theory]
    [InlineData(223, true)]
    [InlineData(224, false)]
    [InlineData(254, false)]
    public void A_length_in_parts_is_no_length(byte first, bool good)
    {
        byte[] packet = [0xC0 | (int)PacketTag.Signature, first, 0, .. new byte[((first - 192) << 8) + 192]];
        Assert.Equal(good, new PgpReader(packet).Packet(out _, out _));
    }
}
