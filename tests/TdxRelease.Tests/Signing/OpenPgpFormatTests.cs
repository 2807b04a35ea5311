using System.Buffers;
using System.Text;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Testing.PgpCases;

namespace TdxRelease.Tests.Signing;

/// <summary>What is written, byte for byte, beside a second writer; what of a signature file is covered.</summary>
public class OpenPgpFormatTests
{
    private static readonly PgpSignature Sound = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(47)]
    [InlineData(48)]
    [InlineData(49)]
    [InlineData(96)]
    public void Armor_has_lines_of_48_bytes_and_no_empty_one(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var lines = Armor.Encode("L", content).Split('\n');
        Assert.Equal(["-----BEGIN L-----", ""], lines[..2]);
        Assert.Equal(content.Chunk(48).Select(Convert.ToBase64String), lines[2..^3]);
        Assert.Equal(["-----END L-----", ""], lines[^2..]);
        Assert.Equal(content, Armor.Decode(Encoding.ASCII.GetBytes(string.Join('\n', lines)), "L", "a"));
    }

    [Fact]
    public void A_clear_signed_text_has_its_dashes_escaped_and_its_lines_hashed_as_RFC_9580_says()
    {
        Assert.Equal("a\r\n-b\r\n\r\n c", Encoding.UTF8.GetString(Cleartext.Canonical("a \t\n-b\n\n c\n")));
        Assert.Equal("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\na\n- -b\n- - c\nS", Cleartext.Frame("a\n-b\n- c\n", "S"));
    }

    [Theory]
    [InlineData(64 << 20, "does not begin with the line of a signed message")]
    [InlineData((64 << 20) + 1, "67108865 bytes, the limit is 67108864")]
    public void A_clear_signed_text_has_at_most_64_MiB(int length, string want) => Assert.Equal($"clear-signed text: {want}",
        new OpenPgpVerifier(TestRelease.Certificate, TestRelease.Later).VerifyClearSigned(new byte[length]).Message);

    [Theory]
    [InlineData(0, "hash algorithm 0", false)]
    [InlineData(1, "MD5", true)]
    [InlineData(2, "SHA-1", true)]
    [InlineData(3, "RIPEMD-160", true)]
    [InlineData(4, "hash algorithm 4", false)]
    [InlineData(7, "hash algorithm 7", false)]
    [InlineData(8, "SHA-256", true)]
    [InlineData(9, "SHA-384", true)]
    [InlineData(10, "SHA-512", true)]
    [InlineData(11, "SHA-224", true)]
    [InlineData(12, "hash algorithm 12", false)]
    public void A_hash_has_a_name_and_was_once_used_with_RSA(int id, string name, bool known) =>
        Assert.Equal((name, known), (PgpHash.Display(id), PgpHash.IsKnown(id)));

    [Fact]
    public void Numbers_subpackets_and_packets_are_those_of_a_second_writer()
    {
        foreach (var number in (byte[][])[[], [0], [1], [0, 0xFF, 0], [0x80, 1]])
        {
            Assert.Equal(Pgp.Mpi(number), Written(to => to.Mpi(number)));
        }

        foreach (var length in (int[])[0, 190, 191, 192, 300, 8000])
        {
            Assert.Equal(Pgp.Sub(20, new byte[length]), Written(to => to.Subpacket((SubpacketType)20, new byte[length])));
        }

        foreach (var length in (int[])[0, 255, 256, 65535])
        {
            Assert.Equal(Pgp.Packet(2, new byte[length]), Written(to => to.Packet(PacketTag.Signature, new byte[length])));
        }

        Assert.Throws<OverflowException>(() => Written(to => to.Byte(256)));
        Assert.Throws<OverflowException>(() => Written(to => to.UInt16(65536)));
        Assert.Throws<OverflowException>(() => PgpFormat.Seconds(DateTimeOffset.UnixEpoch.AddSeconds(-1)));
    }

    [Fact]
    public void Only_one_signature_in_our_armor_with_nothing_unsigned_is_covered()
    {
        Assert.True(Covered(Sound.Packet()));
        Assert.True(Covered((Sound with { Unhashed = [] }).Packet()));
        Assert.False(Covered([.. Sound.Packet(), .. Sound.Packet()]));
        Assert.False(Covered([.. Sound.Packet(), 0x80]));
        Assert.False(Covered(Pgp.Packet(6, Sound.Body())));
        foreach (var unhashed in (byte[][])[Pgp.Notation(), [.. Pgp.Issuer(Sound.By), .. Pgp.Notation()],
            [.. Pgp.Notation(), .. Pgp.Issuer(Sound.By)], [.. Pgp.Issuer(Sound.By), .. Pgp.Issuer(Sound.By)],
            Pgp.Issuer(PgpKeyPair.Stranger), Pgp.Sub(0x90, Sound.By.KeyId)])
        {
            Assert.False(Covered((Sound with { Unhashed = unhashed }).Packet()));
        }

        Assert.False(DetachedSignature.IsCovered(Encoding.ASCII.GetBytes(Armor.Encode(Armor.Signature, Sound.Packet()) + "\n")));
        Assert.False(DetachedSignature.IsCovered("x"u8));
    }

    [Fact]
    public void Only_one_packet_in_the_shortest_form_is_rigid()
    {
        Assert.True(RsaOpenPgpVerifier.IsRigid(Sound.Packet()));
        foreach (var other in (byte[][])[[], [.. Sound.Packet(), .. Sound.Packet()], Sound.Packet()[..^1], Sound.Packet(PacketForm.New),
            Sound.Packet(PacketForm.OldFour), Pgp.Packet(6, Sound.Body()), (Sound with { Unhashed = [] }).Packet()])
        {
            Assert.False(RsaOpenPgpVerifier.IsRigid(other));
        }
    }

    private static bool Covered(byte[] signature) =>
        DetachedSignature.IsCovered(Encoding.ASCII.GetBytes(Armor.Encode(Armor.Signature, signature)));

    private static byte[] Written(Action<ArrayBufferWriter<byte>> write)
    {
        var to = new ArrayBufferWriter<byte>();
        write(to);
        return to.WrittenSpan.ToArray();
    }
}
