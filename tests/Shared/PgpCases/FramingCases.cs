using System.IO.Compression;

namespace TdxRelease.Testing.PgpCases;

/// <summary>Sound signatures in unusual packets and files, against the sound certificate.</summary>
internal static class FramingCases
{
    private static readonly PgpSignature Plain = new();
    private static readonly byte[] Good = Plain.Packet();
    private static readonly byte[] Other = (Plain with { By = PgpKeyPair.Stranger }).Packet();
    private static readonly byte[] Marker = Pgp.Packet(10, "PGP"u8.ToArray());
    private static readonly byte[] Literal = Pgp.Packet(11, [(byte)'b', 0, 0, 0, 0, 0, .. Pgp.Content]);

    public static IEnumerable<PgpCase> All => [.. Packets(), .. Several()];

    private static PgpCase Case(string name, byte[] file) => new(name, PgpCertificate.Sound, file);

    private static IEnumerable<PgpCase> Packets()
    {
        foreach (var form in Enum.GetValues<PacketForm>().Where(f => f != PacketForm.Old))
        {
            yield return Case($"packet form {form}", Plain.Packet(form));
        }

        yield return Case("empty file", []);
        yield return Case("packet longer than the file", Good[..^1]);
        yield return Case("packet of no bytes", Pgp.Packet(2, []));
        yield return Case("packet of 3 bytes", Pgp.Packet(2, [4, 0, 1]));
        yield return Case("first byte without the packet bit", [.. new byte[] { 0x01 }, .. Good]);
        yield return Case("rubbish behind the signature", [.. Good, 0, 1, 2, 3]);
        yield return Case("newline behind the signature", [.. Good, (byte)'\n']);
        yield return Case("marker in front", [.. Marker, .. Good]);
        yield return Case("marker behind", [.. Good, .. Marker]);
        yield return Case("padding packet behind", [.. Good, .. Pgp.Packet(21, new byte[4], PacketForm.New)]);
        yield return Case("private packet 60 behind", [.. Good, .. Pgp.Packet(60, [1], PacketForm.New)]);
        yield return Case("unknown packet 39, critical by its number", [.. Pgp.Packet(39, [1], PacketForm.New), .. Good]);
        yield return Case("packet 0", [.. Pgp.Packet(0, [1], PacketForm.New), .. Good]);
        yield return Case("user id behind", [.. Good, .. PgpCertificate.UserId]);
        yield return Case("trust packet behind", [.. Good, .. Pgp.Packet(12, [1])]);
        yield return Case("the certificate itself", PgpCertificate.Sound);
        yield return Case("certificate in front", [.. PgpCertificate.Sound, .. Good]);
        yield return Case("content as literal data in front", [.. Literal, .. Good]);
        yield return Case("one-pass message with the content",
            [.. Pgp.Packet(4, [3, 0, 10, 1, .. PgpKeyPair.Primary.KeyId, 1]), .. Literal, .. Good]);
        yield return Case("in a compressed packet", Pgp.Packet(8, [1, .. Deflated(Good)]));
        yield return Case("in an encrypted packet", Pgp.Packet(9, Good));
    }

    private static IEnumerable<PgpCase> Several()
    {
        var later = (Plain with { At = TestRelease.Later.AddHours(1) }).Packet();
        var broken = (Plain with { Content = "other"u8.ToArray() }).Packet();
        var expired = (Plain with { More = Pgp.Lifetime(TimeSpan.FromDays(1)) }).Packet();
        var weak = (Plain with { Hash = 2 }).Packet();
        var old = (Plain with { Version = 3 }).Packet();
        var unknown = (Plain with { Version = 9 }).Packet();
        var algorithm = (Plain with { Algorithm = 100 }).Packet();
        yield return Case("the same signature twice", [.. Good, .. Good]);
        yield return Case("two good signatures", [.. Good, .. later]);
        yield return Case("16 good signatures", [.. Enumerable.Repeat(Good, 16).SelectMany(s => s)]);
        yield return Case("17 good signatures", [.. Enumerable.Repeat(Good, 17).SelectMany(s => s)]);
        foreach (var (name, other) in new[]
        {
            ("a stranger's", Other), ("a broken one", broken), ("an expired one", expired), ("one with SHA-1", weak),
            ("one of version 3", old),
            ("one of version 9", unknown), ("one of algorithm 100", algorithm), ("one of type text", (Plain with { Type = 1 }).Packet()),
        })
        {
            yield return Case($"good, then {name}", [.. Good, .. other]);
            yield return Case($"{name}, then good", [.. other, .. Good]);
        }
    }

    private static byte[] Deflated(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionMode.Compress))
        {
            deflate.Write(bytes);
        }

        return packed.ToArray();
    }
}
