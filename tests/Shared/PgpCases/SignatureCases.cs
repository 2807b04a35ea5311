using System.Numerics;
using System.Security.Cryptography;

namespace TdxRelease.Testing.PgpCases;

/// <summary>One signature packet that is unusual, against the sound certificate.</summary>
internal static class SignatureCases
{
    private static readonly DateTimeOffset Late = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly PgpSignature Plain = new();
    private static readonly byte[] Names = Pgp.Fingerprint(PgpKeyPair.Primary);
    private static readonly byte[] Dated = Pgp.Time(TestRelease.Later);
    private static readonly byte[] Crlf = [.. System.Text.Encoding.UTF8.GetBytes("Package: tdx-module\r\nÜ\r\n")];

    public static IEnumerable<PgpCase> All => [.. Kinds(), .. Times(), .. Issuers(), .. Subpackets(), .. Numbers()];

    private static PgpCase Case(string name, PgpSignature signature) => new(name, PgpCertificate.Sound, signature.Packet());

    private static IEnumerable<PgpCase> Kinds()
    {
        yield return Case("sound", Plain);
        yield return Case("type text, content in canonical form", Plain with { Type = 1, Content = Crlf });
        yield return Case("type text over the bytes as they are", Plain with { Type = 1 });
        yield return Case("type standalone", Plain with { Type = 2, Content = [] });
        yield return Case("type certification", Plain with { Type = 0x13 });
        yield return Case("type certification of the user id", PgpCertificate.Self());
        yield return Case("type direct key", PgpCertificate.Direct(0x1F));
        yield return Case("type key revocation", Plain with { Type = 0x20 });
        yield return Case("type timestamp", Plain with { Type = 0x40 });
        yield return Case("type confirmation", Plain with { Type = 0x50 });
        yield return Case("type 5, which nobody defined", Plain with { Type = 5 });
        yield return Case("type 255", Plain with { Type = 255 });
        foreach (var (id, name) in new[] { (8, "SHA-256"), (9, "SHA-384") })
        {
            yield return Case($"hash {name}", Plain with { Hash = id });
        }

        yield return Case("hash MD5", Plain with { Hash = 1 });
        yield return Case("hash SHA-1", Plain with { Hash = 2 });
        yield return Case("hash 12, SHA3-256", Plain with { Hash = 12 });
        yield return Case("hash 99, which nobody defined", Plain with { Hash = 99 });
        yield return Case("hash SHA-512 named, SHA-256 computed", Plain with { Computed = 8 });
        yield return Case("hash SHA-256 named, SHA-512 computed", Plain with { Hash = 8, Computed = 10 });
        foreach (var version in (int[])[0, 2, 3, 5, 6, 7])
        {
            yield return Case($"version {version}", Plain with { Version = version });
        }

        foreach (var algorithm in (int[])[0, 2, 3, 16, 17, 19, 22, 27, 100])
        {
            yield return Case($"algorithm {algorithm} named, RSA made", Plain with { Algorithm = algorithm });
        }

        yield return new("by a stranger", PgpCertificate.Sound, (Plain with { By = PgpKeyPair.Stranger }).Packet());
        yield return new("over another content", PgpCertificate.Sound, (Plain with { Content = "other"u8.ToArray() }).Packet());
        yield return new("over the content without its last byte", PgpCertificate.Sound,
            (Plain with { Content = Pgp.Content[..^1] }).Packet());
    }

    private static IEnumerable<PgpCase> Times()
    {
        yield return Case("made with the key", Plain with { At = TestRelease.Created });
        yield return Case("made a second before the key", Plain with { At = TestRelease.Created.AddSeconds(-1) });
        yield return Case("made in 1970", Plain with { At = DateTimeOffset.UnixEpoch });
        yield return Case("made in 2099", Plain with { At = Late });
        yield return Case("expired", Plain with { More = Pgp.Lifetime(TimeSpan.FromDays(1)) });
        yield return Case("expires in 2094", Plain with { More = Pgp.Lifetime(TimeSpan.FromDays(25000)) });
        yield return Case("expires after 0 seconds, that is never", Plain with { More = Pgp.Lifetime(TimeSpan.Zero) });
        yield return Case("expired, critical", Plain with { More = Pgp.Lifetime(TimeSpan.FromDays(1), 0x83) });
        yield return Case("expired by the first, never by the second",
            Plain with { More = [.. Pgp.Lifetime(TimeSpan.FromDays(1)), .. Pgp.Lifetime(TimeSpan.Zero)] });
        yield return Case("never by the first, expired by the second",
            Plain with { More = [.. Pgp.Lifetime(TimeSpan.Zero), .. Pgp.Lifetime(TimeSpan.FromDays(1))] });
        yield return Case("expired by the unhashed area",
            Plain with { Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Pgp.Lifetime(TimeSpan.FromDays(1))] });
        yield return Case("expired, never by the unhashed area",
            Plain with
            {
                More = Pgp.Lifetime(TimeSpan.FromDays(1)),
                Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Pgp.Lifetime(TimeSpan.Zero)]
            });
        yield return Case("no creation time", Plain with { Hashed = Names });
        yield return Case("no hashed area", Plain with { Hashed = [] });
        yield return Case("creation time only in the unhashed area",
            Plain with { Hashed = Names, Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Dated] });
        yield return Case("creation time twice, the same", Plain with { More = Dated });
        yield return Case("creation time twice, the second in 2099", Plain with { More = Pgp.Time(Late) });
        yield return Case("creation time also in the unhashed area, in 2099",
            Plain with { Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Pgp.Time(Late)] });
        yield return Case("creation time of 5 bytes",
            Plain with { Hashed = [.. Names, .. Pgp.Sub(2, [.. Pgp.Four((uint)TestRelease.Later.ToUnixTimeSeconds()), 0])] });
        yield return Case("creation time critical", Plain with { Hashed = [.. Names, .. Pgp.Time(TestRelease.Later, 0x82)] });
    }

    private static IEnumerable<PgpCase> Issuers()
    {
        var (primary, stranger) = (PgpKeyPair.Primary, PgpKeyPair.Stranger);
        yield return Case("issuer: key id alone, unhashed", Plain with { Hashed = Dated });
        yield return Case("issuer: key id alone, hashed", Plain with { Hashed = [.. Dated, .. Pgp.Issuer(primary)], Unhashed = [] });
        yield return Case("issuer: fingerprint alone", Plain with { Unhashed = [] });
        yield return Case("issuer: fingerprint alone, unhashed", Plain with { Hashed = Dated, Unhashed = Names });
        yield return Case("issuer: fingerprint critical",
            Plain with { Hashed = [.. Pgp.Sub(0xA1, [4, .. primary.Fingerprint]), .. Dated] });
        yield return Case("issuer: none", Plain with { Hashed = Dated, Unhashed = [] });
        yield return Case("issuer: key id 0", Plain with { Hashed = Dated, Unhashed = Pgp.Sub(16, new byte[8]) });
        yield return Case("issuer: key id of 7 bytes", Plain with { Hashed = Dated, Unhashed = Pgp.Sub(16, primary.KeyId[1..]) });
        yield return Case("issuer: our fingerprint, a stranger's key id", Plain with { Unhashed = Pgp.Issuer(stranger) });
        yield return Case("issuer: a stranger's fingerprint, our key id", Plain with { Hashed = [.. Pgp.Fingerprint(stranger), .. Dated] });
        yield return Case("issuer: a stranger's key id, then ours",
            Plain with { Hashed = Dated, Unhashed = [.. Pgp.Issuer(stranger), .. Pgp.Issuer(primary)] });
        yield return Case("issuer: our key id, then a stranger's",
            Plain with { Hashed = Dated, Unhashed = [.. Pgp.Issuer(primary), .. Pgp.Issuer(stranger)] });
        yield return Case("issuer: a stranger's key id alone", Plain with { Hashed = Dated, Unhashed = Pgp.Issuer(stranger) });
        yield return Case("issuer: fingerprint of version 6", Plain with { Hashed = [.. Pgp.Sub(33, [6, .. new byte[32]]), .. Dated] });
        yield return Case("issuer: fingerprint of 10 bytes", Plain with { Hashed = [.. Pgp.Sub(33, [4, .. new byte[10]]), .. Dated] });
    }

    private static IEnumerable<PgpCase> Subpackets()
    {
        yield return Case("unknown subpacket", Plain with { More = Pgp.Sub(100, 1) });
        yield return Case("unknown critical subpacket", Plain with { More = Pgp.Sub(0xE4, 1) });
        yield return Case("unknown critical subpacket, unhashed",
            Plain with { Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Pgp.Sub(0xE4, 1)] });
        yield return Case("reserved critical subpacket 1", Plain with { More = Pgp.Sub(0x81, 1) });
        yield return Case("notation", Plain with { More = Pgp.Notation() });
        yield return Case("critical notation", Plain with { More = Pgp.Notation(0x94) });
        yield return Case("critical policy address", Plain with { More = Pgp.Sub(0x9A, "https://example.invalid/"u8.ToArray()) });
        yield return Case("critical key flags", Plain with { More = Pgp.Sub(0x9B, 2) });
        yield return Case("critical signer's user id", Plain with { More = Pgp.Sub(0x9C, Pgp.UserId) });
        yield return Case("signer's user id of somebody else", Plain with { More = Pgp.Sub(28, "somebody"u8.ToArray()) });
        yield return Case("intended recipient", Plain with { More = Pgp.Sub(35, [4, .. PgpKeyPair.Stranger.Fingerprint]) });
        yield return Case("critical intended recipient", Plain with { More = Pgp.Sub(0xA3, [4, .. PgpKeyPair.Stranger.Fingerprint]) });
        yield return Case("embedded signature, broken", Plain with { More = Pgp.Sub(32, 4, 0x19) });
        yield return Case("subpacket of no bytes", Plain with { More = [0] });
        yield return Case("subpacket longer than its area", Plain with { More = [200, 20, 1] });
        yield return Case("subpacket length in five bytes", Plain with { More = [0xFF, 0, 0, 0, 2, 100, 1] });
        yield return Case("creation time's length in five bytes", Plain with { Hashed = [.. Names, 0xFF, 0, 0, 0, 5, .. Dated[1..]] });
        yield return Case("subpacket length in two bytes", Plain with { More = [192, 0, .. Pgp.Sub(100, new byte[191])[2..]] });
        yield return Case("unhashed subpacket longer than its area",
            Plain with { Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), 200, 20] });
        yield return Case("50 notations", Plain with { More = [.. Enumerable.Repeat(Pgp.Notation(), 50).SelectMany(n => n)] });
        yield return Case("unhashed area of 30,000 bytes",
            Plain with { Unhashed = [.. Pgp.Issuer(PgpKeyPair.Primary), .. Pgp.Sub(100, new byte[29980])] });
    }

    private static IEnumerable<PgpCase> Numbers()
    {
        yield return Case("left bits of the digest wrong", Plain with { LeftBits = 1 });
        yield return Case("number with a leading zero byte", Plain with { Number = n => [.. Pgp.Two((n.Length * 8) + 8), 0, .. n] });
        yield return Case("number with one bit too many in its count", Plain with { Number = n => Recounted(n, 1) });
        yield return Case("number with one bit too few in its count", Plain with { Number = n => Recounted(n, -1) });
        yield return Case("number 0", Plain with { Number = _ => [0, 0] });
        yield return Case("number 1", Plain with { Number = _ => [0, 1, 1] });
        yield return Case("number plus the modulus", Plain with { Number = n => Pgp.Mpi(Sum(n, Modulus(PgpKeyPair.Primary))) });
        yield return Case("number is the modulus", Plain with { Number = _ => Pgp.Mpi(Modulus(PgpKeyPair.Primary)) });
        yield return Case("number with one bit changed", Plain with { Number = n => Pgp.Mpi([.. n[..^1], (byte)(n[^1] ^ 1)]) });
        yield return Case("number missing", Plain with { Number = _ => [] });
        yield return Case("number cut short", Plain with { Number = n => Pgp.Mpi(n)[..^1] });
        yield return Case("number twice", Plain with { Number = n => [.. Pgp.Mpi(n), .. Pgp.Mpi(n)] });
        yield return Case("byte behind the number", Plain with { Number = n => [.. Pgp.Mpi(n), 0] });
        yield return Case("RSA-PSS in place of PKCS#1 v1.5", Plain with { Padding = RSASignaturePadding.Pss });
        yield return Case("PKCS#1 v1.5 without the hash's name", Plain with { Number = _ => Pgp.Mpi(Padded([])) });
        yield return Case("PKCS#1 v1.5 with 8 bytes of padding and rubbish behind",
            Plain with { Number = _ => Pgp.Mpi(Padded(new byte[100])) });
    }

    private static byte[] Recounted(byte[] number, int more)
    {
        var mpi = Pgp.Mpi(number);
        return [.. Pgp.Two((mpi[0] << 8) + mpi[1] + more), .. mpi[2..]];
    }

    private static byte[] Modulus(PgpKeyPair key) => key.Rsa.ExportParameters(includePrivateParameters: false).Modulus!;

    private static byte[] Sum(byte[] a, byte[] b) =>
        (new BigInteger(a, isUnsigned: true, isBigEndian: true) + new BigInteger(b, isUnsigned: true, isBigEndian: true))
        .ToByteArray(isUnsigned: true, isBigEndian: true);

    /// <summary>The digest of what a plain signature signs, in a block that is not quite PKCS#1, through the private key.</summary>
    private static byte[] Padded(byte[] rubbish)
    {
        var body = Plain.Body();
        var head = body[..(6 + body[5])];
        var digest = SHA512.HashData([.. Pgp.Content, .. head, 4, 0xFF, .. Pgp.Four((uint)head.Length)]);
        var name = rubbish.Length > 0 ? Convert.FromHexString("3051300d060960864801650304020305000440") : [];
        var padding = rubbish.Length > 0 ? 8 : 512 - 3 - digest.Length;
        var block = new byte[512];
        byte[] start = [0, 1, .. Enumerable.Repeat((byte)0xFF, padding), 0, .. name, .. digest];
        start.CopyTo(block, 0);
        var numbers = PgpKeyPair.Primary.Rsa.ExportParameters(includePrivateParameters: true);
        BigInteger Of(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
        return BigInteger.ModPow(Of(block), Of(numbers.D!), Of(numbers.Modulus!)).ToByteArray(isUnsigned: true, isBigEndian: true);
    }
}
