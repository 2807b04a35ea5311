using System.Text;

namespace TdxRelease.Testing.PgpCases;

/// <summary>A sound signature in unusual armor, against the sound certificate.</summary>
internal static class ArmorCases
{
    private const string Begin = "-----BEGIN PGP SIGNATURE-----\n";
    private const string End = "-----END PGP SIGNATURE-----\n";
    private static readonly byte[] Good = new PgpSignature().Packet();
    private static readonly string Sum = "=" + Convert.ToBase64String(Crc(Good)) + "\n";
    private static readonly string Body = Lines(Convert.ToBase64String(Good), 64);
    private static readonly string Sound = Begin + "\n" + Body + Sum + End;

    public static IEnumerable<PgpCase> All => [.. Frames(), .. Bodies(), .. Certificates()];

    private static PgpCase Case(string name, string armor) => new($"armor: {name}", PgpCertificate.Sound, Encoding.Latin1.GetBytes(armor));

    private static IEnumerable<PgpCase> Frames()
    {
        yield return Case("sound", Sound);
        yield return Case("CR LF", Sound.Replace("\n", "\r\n", StringComparison.Ordinal));
        yield return Case("CR alone", Sound.Replace('\n', '\r'));
        yield return Case("header lines", Begin + "Version: 1\nComment: a: b\n\n" + Body + Sum + End);
        yield return Case("unknown header", Begin + "X-Unknown: 1\n\n" + Body + Sum + End);
        yield return Case("header without colon", Begin + "Version 1\n\n" + Body + Sum + End);
        yield return Case("no blank line", Begin + Body + Sum + End);
        yield return Case("blank line with a blank in it", Begin + " \n" + Body + Sum + End);
        yield return Case("blank lines in front", "\n\n" + Sound);
        yield return Case("blank lines behind", Sound + "\n\n");
        yield return Case("text in front", "see below\n" + Sound);
        yield return Case("text behind", Sound + "see above\n");
        yield return Case("indented", Sound.Replace("-----BEGIN", " -----BEGIN", StringComparison.Ordinal));
        yield return Case("blank behind the first line",
            Sound.Replace("SIGNATURE-----\n\n", "SIGNATURE----- \n\n", StringComparison.Ordinal));
        yield return Case("byte order mark in front", "\u00EF\u00BB\u00BF" + Sound);
        yield return Case("label of a message", Sound.Replace("SIGNATURE", "MESSAGE", StringComparison.Ordinal));
        yield return Case("label of a certificate", Sound.Replace("SIGNATURE", "PUBLIC KEY BLOCK", StringComparison.Ordinal));
        yield return Case("label in small letters", Sound.Replace("SIGNATURE", "signature", StringComparison.Ordinal));
        yield return Case("label at the end is another", Begin + "\n" + Body + Sum + "-----END PGP MESSAGE-----\n");
        yield return Case("four dashes", Sound.Replace("-----", "----", StringComparison.Ordinal));
        yield return Case("no end", Begin + "\n" + Body + Sum);
        yield return Case("no newline at the end", Sound.TrimEnd('\n'));
        yield return Case("two blocks", Sound + Sound);
        yield return Case("a broken block behind", Sound + Begin + "\n!!!!\n" + End);
        yield return Case("no content", Begin + "\n" + End);
    }

    private static IEnumerable<PgpCase> Bodies()
    {
        yield return Case("no checksum", Begin + "\n" + Body + End);
        yield return Case("wrong checksum", Begin + "\n" + Body + "=AAAA\n" + End);
        yield return Case("checksum of 3 characters", Begin + "\n" + Body + "=AAA\n" + End);
        yield return Case("checksum twice", Begin + "\n" + Body + Sum + Sum + End);
        yield return Case("lines of 76", Begin + "\n" + Lines(Convert.ToBase64String(Good), 76) + Sum + End);
        yield return Case("one line", Begin + "\n" + Convert.ToBase64String(Good) + "\n" + Sum + End);
        yield return Case("blank line in the body", Begin + "\n" + Body[..65] + "\n" + Body[65..] + Sum + End);
        yield return Case("blanks at the ends of lines", Begin + "\n" + Body.Replace("\n", " \n", StringComparison.Ordinal) + Sum + End);
        yield return Case("tab in a line", Begin + "\n" + Body[..10] + "\t" + Body[10..] + Sum + End);
        yield return Case("NUL in a line", Begin + "\n" + Body[..10] + "\0" + Body[10..] + Sum + End);
        yield return Case("letter of another alphabet", Begin + "\n" + Body[..10] + "\u00C4" + Body[10..] + Sum + End);
        yield return Case("URL alphabet", Begin + "\n" + Body.Replace('+', '-').Replace('/', '_') + Sum + End);
        yield return Case("padding in the middle",
            Begin + "\n" + Convert.ToBase64String(Good.AsSpan(0, 49)) + "\n" + Convert.ToBase64String(Good.AsSpan(49)) + "\n" + Sum + End);
        yield return Case("quoted-printable padding", Begin + "\n" + Body.Replace("=", "=3D", StringComparison.Ordinal) + Sum + End);
        yield return Case("dash escapes", Begin + "\n- " + Body + Sum + End);
        yield return Case("content cut short", Begin + "\n" + Body[..200] + "\n" + End);
    }

    private static IEnumerable<PgpCase> Certificates()
    {
        var armored = Lines(Convert.ToBase64String(PgpCertificate.Sound), 64);
        string Key(string body, string sum) => $"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{body}{sum}-----END PGP PUBLIC KEY BLOCK-----\n";
        PgpCase Of(string name, string text) => new($"armored certificate: {name}", Encoding.ASCII.GetBytes(text), Good);
        var sum = "=" + Convert.ToBase64String(Crc(PgpCertificate.Sound)) + "\n";
        yield return Of("sound", Key(armored, sum));
        yield return Of("no checksum", Key(armored, ""));
        yield return Of("wrong checksum", Key(armored, "=AAAA\n"));
        yield return Of("two blocks", Key(armored, sum) + Key(armored, sum));
        yield return Of("label of a secret key", Key(armored, sum).Replace("PUBLIC", "PRIVATE", StringComparison.Ordinal));
    }

    private static string Lines(string text, int width) => string.Concat(text.Chunk(width).Select(line => new string(line) + "\n"));

    /// <summary>CRC-24 as the RFC's own C code computes it.</summary>
    private static byte[] Crc(byte[] bytes)
    {
        long crc = 0xB704CE;
        foreach (var one in bytes)
        {
            crc ^= (long)one << 16;
            for (var i = 0; i < 8; i++)
            {
                crc <<= 1;
                crc ^= (crc & 0x1000000) != 0 ? 0x1864CFB : 0;
            }
        }

        return Pgp.Four((uint)(crc & 0xFFFFFF))[1..];
    }
}
