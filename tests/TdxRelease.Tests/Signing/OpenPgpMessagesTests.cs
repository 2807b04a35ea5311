using System.Text;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Testing.PgpCases;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Signing;

/// <summary>What the readers of armor, clear-signed texts, certificates and signatures say, word for word.</summary>
public class OpenPgpMessagesTests
{
    private const string Unreadable = "a line contains a carriage return, a zero byte or bytes that are not UTF-8";

    private static readonly byte[] Certificate = TestRelease.Certificate.ToArray();
    private static readonly byte[] Signature = TestRelease.OpenPgp.SignDetached(Pgp.Content, TestRelease.Later);
    private static readonly DateTimeOffset Now = TestRelease.Later.AddDays(1);

    [Theory]
    [InlineData("", "a: no armored block \"L\" at its start")]
    [InlineData("-----BEGIN M-----\n\nYWJj\n-----END M-----\n", "a: no armored block \"L\" at its start")]
    [InlineData("-----BEGIN L-----", "a: no blank line after the armor's header")]
    [InlineData("-----BEGIN L-----\nYWJj\n-----END L-----\n", "a: no blank line after the armor's header")]
    [InlineData("-----BEGIN L-----\n: b\n\nYWJj\n-----END L-----\n", "a: no blank line after the armor's header")]
    [InlineData("-----BEGIN L-----\na: b\n\nYWJj\n-----END L-----\n", null)]
    [InlineData("\n\r\n-----BEGIN L-----\r\n\r\nYW\nJj\r\n=uhx7\n-----END L-----\n\n\r\n", null)]
    [InlineData("-----BEGIN L-----\n\nYWJj\n=uhx7\n-----END L-----", null)]
    [InlineData("-----BEGIN L-----\n\nYWJj", "a: the armor has no end")]
    [InlineData("-----BEGIN L-----\n\nYWJj\n-----END M-----\n", "a: the armor has no end")]
    [InlineData("-----BEGIN L-----\n\nYWJj\n=uhx7\nYWJj\n-----END L-----\n", "a: broken line in the armor")]
    [InlineData("-----BEGIN L-----\n\nYWJj\n=uhx7\n=uhx7\n-----END L-----\n", "a: broken line in the armor")]
    [InlineData("-----BEGIN L-----\n\nYWJj\n-----END L-----\nx", "a: text follows the armored block")]
    [InlineData("-----BEGIN L-----\n\nYW Jj\n-----END L-----\n", "a: broken base64 in the armor")]
    [InlineData("-----BEGIN L-----\n\nYWJ\n-----END L-----\n", "a: broken base64 in the armor")]
    [InlineData("-----BEGIN L-----\n\nYWJ=\n-----END L-----\n", "a: broken base64 in the armor")]
    [InlineData("-----BEGIN L-----\n\nYWJj\n=uhx8\n-----END L-----\n", "a: the armor's checksum is wrong")]
    [InlineData("-----BEGIN L-----\n\nYWJj\n=vhx7\n-----END L-----\n", "a: the armor's checksum is wrong")]
    [InlineData("-----BEGIN L-----\n\nYWJj\n=uyx7\n-----END L-----\n", "a: the armor's checksum is wrong")]
    [InlineData("-----BEGIN L-----\n\nYWJj\n=u=x7\n-----END L-----\n", "a: the armor's checksum is wrong")]
    public void What_is_wrong_with_armor(string text, string? want) => Says(want,
        () => Assert.Equal("abc"u8, Armor.Decode(Encoding.ASCII.GetBytes(text), "L", "a")));

    [Fact]
    public void The_longest_armor_and_the_longest_line_of_it()
    {
        string Of(int line) => $"-----BEGIN L-----\n\n{new string('A', line)}\n-----END L-----\n";
        Assert.Equal(192, Armor.Decode(Encoding.ASCII.GetBytes(Of(256)), "L", "a").Length);
        Says("a: broken line in the armor", () => Armor.Decode(Encoding.ASCII.GetBytes(Of(260)), "L", "a"));
        var text = Encoding.ASCII.GetBytes(Armor.Encode("L", "abc"u8));
        byte[] long1 = [.. text, .. Enumerable.Repeat((byte)'\n', Armor.MaxLength - text.Length)];
        Assert.Equal("abc"u8, Armor.Decode(long1, "L", "a"));
        Says($"a: {Armor.MaxLength + 1} bytes of armor, the limit is {Armor.MaxLength}", () => Armor.Decode([.. long1, 10], "L", "a"));
        Assert.Equal("-----BEGIN L-----\n\nYWJj\n=uhx7\n-----END L-----\n", Encoding.ASCII.GetString(text));
        Assert.Equal((false, true, false), (Armor.IsArmored([]), Armor.IsArmored([0x7F]), Armor.IsArmored([0x80])));
    }

    [Theory]
    [InlineData("x", "does not begin with the line of a signed message")]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\nComment: x\n\n", "a header other than Hash")]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\nHash:SHA512\n\n", "a header other than Hash")]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\n", "has no signature")]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\na\n", "has no signature")]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\n\n-a\n", "a line begins with an unescaped dash")]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\n\na\rb\n", Unreadable)]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\n\n\rb\n", Unreadable)]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\n\na\0b\n", Unreadable)]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\n\n\u00ff\n", Unreadable)]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----\n\na\n-----BEGIN PGP SIGNATURE-----\n\nYWJj\n", "the armor has no end")]
    public void What_is_wrong_with_a_clear_signed_text(string text, string want)
    {
        var result = new OpenPgpVerifier(TestRelease.Certificate, Now).VerifyClearSigned(Encoding.Latin1.GetBytes(text));
        Assert.Equal((OpenPgpVerdict.Malformed, $"clear-signed text: {want}", null), (result.Verdict, result.Message, result.Text));
    }

    [Fact]
    public void A_text_is_unescaped_and_its_blanks_are_not_signed()
    {
        var signed = TestRelease.OpenPgp.ClearSign("- a \t\n-b\n\n c", TestRelease.Later);
        var result = new OpenPgpVerifier(TestRelease.Certificate, Now).VerifyClearSigned(Encoding.UTF8.GetBytes(signed));
        Assert.Equal((true, "- a\n-b\n\n c\n"), (result.IsGood, result.Text));
        var other = signed.Replace(" c", "  c", StringComparison.Ordinal);
        Assert.Equal((OpenPgpVerdict.WrongSignature, null), (new OpenPgpVerifier(TestRelease.Certificate, Now)
            .VerifyClearSigned(Encoding.UTF8.GetBytes(other)) is var bad ? (bad.Verdict, bad.Text) : default));
        foreach (var text in (string[])["a\rb", "a\0b"])
        {
            Says("text to sign contains a carriage return or a zero byte", () => TestRelease.OpenPgp.ClearSign(text, TestRelease.Later));
        }
    }

    [Fact]
    public void What_is_wrong_with_a_signature_file()
    {
        Verdict("no signature in it", []);
        Verdict("not a sequence of OpenPGP packets", Signature[..^1]);
        Verdict("not a sequence of OpenPGP packets", [.. Signature, 0x80]);
        Verdict("packet 6 among the signatures", [.. Signature, .. Certificate]);
        Verdict("more than 16 signatures", [.. Enumerable.Repeat(Signature, 17).SelectMany(s => s)]);
        Verdict("signature of 65537 bytes, the limit is 65536", [0xC2, .. new byte[65536]]);
        Verdict("signature of version 0, want 4", [0xC2, 0xFF, .. new byte[65534]]);
        Verdict("signature packet is cut short", Pgp.Packet(2, [4, 0, 1, 10, 0, 0, 0, 0, 0]));
        Verdict("signature: no armored block \"PGP SIGNATURE\" at its start", "x"u8.ToArray());
        Verdict($"good signature by {TestRelease.Certificate.Fingerprint} of {TestRelease.Later.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}",
            [.. Enumerable.Repeat(Signature, 16).SelectMany(s => s)], OpenPgpVerdict.Good);

        static void Verdict(string want, byte[] file, OpenPgpVerdict verdict = OpenPgpVerdict.Malformed)
        {
            var result = new OpenPgpVerifier(TestRelease.Certificate, Now).VerifyDetached(Pgp.Content, file);
            Assert.Equal((verdict, want), (result.Verdict, result.Message));
        }
    }

    [Fact]
    public void What_is_wrong_with_a_certificate_file()
    {
        Bad("c: does not begin with a public key", []);
        Bad("c: does not begin with a public key", Signature);
        Bad("c: is a secret key, want a certificate", [0xC5, 0]);
        Bad("c: holds more than one key, want exactly one certificate", [.. Certificate, .. Certificate]);
        Bad("c: holds more than one key, want exactly one certificate", [.. Certificate, 0xC5, 0]);
        Bad("c: holds more than one key, want exactly one certificate", [.. Certificate, 0xC7, 0]);
        Bad("c: not a sequence of OpenPGP packets", Certificate[..^1]);
        Bad("c: packet 11 does not belong into a certificate", [.. Certificate, 0xCB, 0]);
        Bad("c: key of version 3 and algorithm 1, want version 4 and RSA", [0xC6, 6, 3, 0, 0, 0, 0, 1]);
        Bad("c: key of version 4 and algorithm 2, want version 4 and RSA", [0xC6, 6, 4, 0, 0, 0, 0, 2]);
        Bad("c: key packet is malformed", [0xC6, 6, 4, 0, 0, 0, 0, 1]);
        Bad("c: key packet is malformed", [0xC6, 6, 4, 0, 0, 0, 0, 3]);
        Bad($"c: {Armor.MaxLength + 1} bytes, the limit is {Armor.MaxLength}", [0xC6, .. new byte[Armor.MaxLength]]);
        foreach (var passed in (byte[])[12, 10, 17])
        {
            var read = OpenPgpCertificate.Parse([.. Certificate, (byte)(0xC0 | passed), 0], "c");
            Assert.Equal([TestRelease.UserId], read.UserIds);
        }

        static void Bad(string want, byte[] file) => Says(want, () => OpenPgpCertificate.Parse(file, "c"));
    }
}
