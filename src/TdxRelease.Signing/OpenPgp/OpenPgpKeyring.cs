using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>The certificates whose signatures count: one, or several while one key replaces another.</summary>
public sealed class OpenPgpKeyring
{
    private const int MaxCertificates = 16;

    /// <summary>Joins certificates; of two with the same fingerprint the first stays.</summary>
    /// <param name="certificates">At least one.</param>
    public OpenPgpKeyring(IEnumerable<OpenPgpCertificate> certificates) =>
        Certificates = [.. certificates.DistinctBy(c => c.Fingerprint)];

    /// <summary>The certificates, in the order of the file.</summary>
    public IReadOnlyList<OpenPgpCertificate> Certificates { get; }

    /// <summary>Fingerprints of the primary keys, for messages and configuration files.</summary>
    public string Fingerprints => string.Join(" and ", Certificates.Select(c => c.Fingerprint));

    /// <summary>Parses certificates that follow one another: binary, or blocks of armor.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">How messages call it.</param>
    /// <exception cref="TdxException">Exit 3: one of them cannot be used, two are of one key, or there are none or too many.</exception>
    public static OpenPgpKeyring Parse(ReadOnlySpan<byte> bytes, string name)
    {
        var binary = Armor.IsArmored(bytes) ? Blocks(bytes, name) : bytes.ToArray();
        var parsed = Split(binary).ConvertAll(c => CertificateParser.Parse(c, name));
        var keyring = new OpenPgpKeyring(parsed);
        return parsed.Count <= MaxCertificates && keyring.Certificates.Count == parsed.Count ? keyring
            : throw new TdxException(ExitCode.BadInput,
                $"{name}: {parsed.Count} certificates of {keyring.Certificates.Count} keys, want 1 to {MaxCertificates} of as many keys");
    }

    /// <summary>The certificate with a fingerprint, or null.</summary>
    public OpenPgpCertificate? Find(string fingerprint) => Certificates.FirstOrDefault(c => c.Fingerprint == fingerprint);

    /// <summary>The binary form: the certificates one after the other, as gpgv and apt read a keyring.</summary>
    public byte[] ToArray() => [.. Certificates.SelectMany(c => c.ToArray())];

    /// <summary>A block of armor for each certificate, as rpm imports them.</summary>
    public string ToArmored() => string.Concat(Certificates.Select(c => c.ToArmored()));

    private static byte[] Blocks(ReadOnlySpan<byte> text, string name)
    {
        var binary = new List<byte>();
        while (!text.IsEmpty && binary.Count <= Armor.MaxLength)
        {
            var next = text[1..].IndexOf("\n-----BEGIN "u8);
            var block = next < 0 ? text : text[..(next + 2)];
            binary.AddRange(Armor.Decode(block, Armor.PublicKey, name));
            text = text[block.Length..];
        }

        return [.. binary];
    }

    // Each begins with its primary key; what stands before the first one makes that one unusable, and what is no packet the last one.
    private static List<byte[]> Split(byte[] binary)
    {
        var (parts, start) = (new List<byte[]>(), 0);
        var reader = new PgpReader(binary);
        var at = 0;
        while (reader.Packet(out var tag, out _))
        {
            if (tag == PacketTag.PublicKey && at > start)
            {
                parts.Add(binary[start..at]);
                start = at;
            }

            at = binary.Length - reader.Rest.Length;
        }

        return [.. parts, binary[start..]];
    }
}
