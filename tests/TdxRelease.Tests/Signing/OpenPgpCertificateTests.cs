using TdxRelease.Core.Findings;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Testing.PgpCases;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Signing;

/// <summary>Certificates and keyrings: how they are made, and which of their keys signs.</summary>
public class OpenPgpCertificateTests
{
    private static readonly byte[] Subkey = [.. PgpCertificate.SubkeyPacket(), .. PgpCertificate.Bound().Packet()];
    private static readonly byte[] RevokedSubkey =
        [.. PgpCertificate.SubkeyPacket(), .. PgpCertificate.Bound().Packet(), .. PgpCertificate.Bond(0x28).Packet()];

    private static readonly byte[] Revocation = PgpCertificate.Direct(0x20).Packet();
    private static readonly string Primary = Convert.ToHexString(PgpKeyPair.Primary.Fingerprint);
    private static readonly string Sub = Convert.ToHexString(PgpKeyPair.Sub.Fingerprint);

    [Fact]
    public void The_last_subkey_that_may_signs_or_else_the_primary_key()
    {
        byte[] certifies = PgpCertificate.Certified(PgpCertificate.Self(Pgp.Flags(1)).Packet());
        Assert.Equal(Primary, Signing(PgpCertificate.Sound));
        Assert.Equal(Sub, Signing(PgpCertificate.With(Subkey)));
        Assert.Equal(Sub, Signing([.. certifies, .. Subkey]));
        Assert.Equal(Primary, Signing(PgpCertificate.With(RevokedSubkey)));
        Assert.Null(Signing([.. certifies, .. RevokedSubkey]));
        Assert.Null(Signing([.. PgpCertificate.Keyed(Revocation), .. Subkey]));

        static string? Signing(byte[] certificate)
        {
            var parsed = Parse(certificate);
            return parsed.SigningKey is { } rsa ? parsed.Keys.Single(k => k.Key.Rsa == rsa).Key.FingerprintHex : null;
        }
    }

    [Fact]
    public void A_certificate_is_of_its_primary_key_and_of_its_subkeys()
    {
        var certificate = Parse(PgpCertificate.With(Subkey));
        Assert.Equal([true, true, false], new[] { Primary, Sub, Convert.ToHexString(PgpKeyPair.Stranger.Fingerprint) }
            .Select(certificate.IsOf));
        Assert.False(Parse(PgpCertificate.Sound).IsOf(Sub));
    }

    [Fact]
    public void A_private_key_signs_for_the_key_that_is_in_the_certificate_in_force_and_meant_to_sign()
    {
        var whole = Parse(PgpCertificate.With(Subkey));
        var (primary, sub) = (whole.Keys[0].Key.Rsa, whole.Keys[1].Key.Rsa);
        Assert.Equal((Primary, Sub), (whole.SigningKeyFor(primary).Key.FingerprintHex, whole.SigningKeyFor(sub).Key.FingerprintHex));
        Refused(ExitCode.BadInput, $"OpenPGP certificate {Primary} is not the signing key's",
            "give the certificate that was made for this private key", () => Parse(PgpCertificate.Sound).SigningKeyFor(sub));
        Refused(ExitCode.Refused, $"OpenPGP key {Primary} is revoked", null,
            () => Parse(PgpCertificate.Keyed(Revocation)).SigningKeyFor(primary));
        Refused(ExitCode.Refused, $"OpenPGP key {Sub} is revoked", null,
            () => Parse([.. PgpCertificate.Keyed(Revocation), .. Subkey]).SigningKeyFor(sub));
        Refused(ExitCode.Refused, $"OpenPGP key {Sub} is revoked", null,
            () => Parse(PgpCertificate.With(RevokedSubkey)).SigningKeyFor(sub));
        Refused(ExitCode.Refused, $"OpenPGP key {Primary} may not sign by its key flags", null,
            () => Parse(PgpCertificate.Certified(PgpCertificate.Self(Pgp.Flags(1)).Packet())).SigningKeyFor(primary));
    }

    [Fact]
    public void A_certificate_is_made_with_a_printable_user_id_and_an_end_behind_its_beginning()
    {
        const string Want = "is not a user id: want 1 to 256 printable characters";
        Assert.Equal([new string('a', 256)], Create(new string('a', 256)).UserIds);
        foreach (var (id, said) in ((string, string)[])[(new string('a', 257), new string('a', 257)), (" ", " "), ("a\nb", "ab")])
        {
            Refused(ExitCode.Usage, $"\"{said}\" {Want}", null, () => Create(id));
        }

        Refused(ExitCode.Usage, "the key would expire before it is made", null, () => Create("a", TestRelease.Created));
        Assert.Equal(TestRelease.Created.AddSeconds(1), Create("a", TestRelease.Created.AddSeconds(1)).ExpiresAt);
        Assert.Null(Create("a").ExpiresAt);
        Assert.Equal(File.ReadAllBytes(TestRelease.CertificatePath), Create(TestRelease.UserId).ToArray());

        static OpenPgpCertificate Create(string id, DateTimeOffset? expires = null) =>
            OpenPgpCertificate.Create(TestRelease.Signer, id, TestRelease.Created, expires);
    }

    [Fact]
    public void A_key_that_RSA_cannot_use_and_the_longest_file_say_why()
    {
        var modulus = PgpKeyPair.Primary.Rsa.ExportParameters(false).Modulus!;
        byte[] body = [4, 0, 0, 0, 0, 1, .. Pgp.Mpi(modulus), .. Pgp.Mpi([3])];
        Says("c: RSA public exponent 3 cannot be used: want an odd number from 65537 to 4294967295", () => Parse(Pgp.Packet(6, body)));
        Says("c: not a sequence of OpenPGP packets", () => Parse([0xC6, .. new byte[Armor.MaxLength - 1]]));
    }

    [Fact]
    public void A_keyring_holds_up_to_16_certificates_of_as_many_keys_and_nothing_else()
    {
        var certificates = Enumerable.Range(0, 17).Select(i =>
        {
            var key = PgpKeyPair.Primary.As(created: TestRelease.Created.AddSeconds(i));
            return (byte[])[.. Pgp.Packet(6, key.Body), .. PgpCertificate.UserId,
                .. PgpCertificate.Self(key: key, at: TestRelease.Created.AddDays(1)).Packet()];
        }).ToList();
        Assert.Equal(16, Keyring(certificates[..16]).Certificates.Count);
        Says("k: 17 certificates of 17 keys, want 1 to 16 of as many keys", () => Keyring(certificates));
        Says("k: 2 certificates of 1 keys, want 1 to 16 of as many keys", () => Keyring([certificates[0], certificates[0]]));
        Says("k: not a sequence of OpenPGP packets", () => Keyring([certificates[0], [0x80]]));
        Says("k: does not begin with a public key", () => Keyring([]));

        static OpenPgpKeyring Keyring(List<byte[]> parts) => OpenPgpKeyring.Parse(parts.SelectMany(p => p).ToArray(), "k");
    }

    private static OpenPgpCertificate Parse(byte[] certificate) => OpenPgpCertificate.Parse(certificate, "c");
}
