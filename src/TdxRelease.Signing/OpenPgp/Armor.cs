using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>
/// ASCII armor (RFC 4880 section 6): base64 in lines of 64 with a CRC-24,
/// LF line ends, no header lines, so that the output is reproducible.
/// </summary>
public static class Armor
{
    /// <summary>Label of detached and clear signatures.</summary>
    public const string Signature = "PGP SIGNATURE";

    /// <summary>Label of certificates.</summary>
    public const string PublicKey = "PGP PUBLIC KEY BLOCK";

    /// <summary>Label of secret keys.</summary>
    public const string SecretKey = "PGP PRIVATE KEY BLOCK";

    /// <summary>The longest armored text taken, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Writes a block.</summary>
    public static string Encode(string label, ReadOnlySpan<byte> content)
    {
        var text = new StringBuilder();
        text.Append("-----BEGIN ").Append(label).Append("-----\n\n");
        for (var at = 0; at < content.Length; at += 48)
        {
            text.Append(Convert.ToBase64String(content[at..Math.Min(at + 48, content.Length)])).Append('\n');
        }

        text.Append('=').Append(Checksum(content)).Append('\n');
        text.Append("-----END ").Append(label).Append("-----\n");
        return text.ToString();
    }

    /// <summary>Whether the bytes look armored: binary packets always have bit 7 of the first byte set.</summary>
    public static bool IsArmored(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && (bytes[0] & 0x80) == 0;

    /// <summary>
    /// Reads exactly one block with the label; anything before or after it
    /// but blank lines is refused. A checksum that is there must be right.
    /// </summary>
    /// <param name="text">The armored bytes; LF or CR LF.</param>
    /// <param name="label">The label wanted.</param>
    /// <param name="name">How messages call the input.</param>
    /// <exception cref="TdxException">Exit 3.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> text, string label, string name)
    {
        if (text.Length > MaxLength)
        {
            throw Bad(name, $"{text.Length} bytes of armor, the limit is {MaxLength}");
        }

        var lines = new LineReader(text);
        if (!lines.NextNonBlank(out var line) || !line.SequenceEqual(Encoding.ASCII.GetBytes($"-----BEGIN {label}-----")))
        {
            throw Bad(name, $"no armored block \"{label}\" at its start");
        }

        // Header lines ("Version: …") are not signed and mean nothing here; they end at the blank line.
        do
        {
            if (!lines.Next(out line) || (!line.IsEmpty && line.IndexOf(": "u8) < 1))
            {
                throw Bad(name, "no blank line after the armor's header");
            }
        }
        while (!line.IsEmpty);

        return Body(ref lines, label, name);
    }

    private static byte[] Body(ref LineReader lines, string label, string name)
    {
        var base64 = new StringBuilder();
        string? sum = null;
        var end = Encoding.ASCII.GetBytes($"-----END {label}-----");
        while (true)
        {
            if (!lines.Next(out var line))
            {
                throw Bad(name, "the armor has no end");
            }

            if (line.SequenceEqual(end))
            {
                break;
            }

            if (sum is not null || line.Length > 256)
            {
                throw Bad(name, "broken line in the armor");
            }

            if (line.Length == 5 && line[0] == '=')
            {
                sum = Encoding.ASCII.GetString(line[1..]);
                continue;
            }

            base64.Append(Encoding.ASCII.GetString(line));
        }

        if (lines.NextNonBlank(out _))
        {
            throw Bad(name, "text follows the armored block");
        }

        return Decoded(base64.ToString(), sum, name);
    }

    private static byte[] Decoded(string base64, string? sum, string name)
    {
        var content = new byte[(base64.Length / 4 * 3) + 3];
        // Re-encoding refuses blanks and stray bits that the decoder would let pass: one text for one content.
        if (!Convert.TryFromBase64String(base64, content, out var length) || Convert.ToBase64String(content, 0, length) != base64)
        {
            throw Bad(name, "broken base64 in the armor");
        }

        return sum is null || sum == Checksum(content.AsSpan(0, length)) ? content[..length]
            : throw Bad(name, "the armor's checksum is wrong");
    }

    // CRC-24 in base64.
    private static string Checksum(ReadOnlySpan<byte> content)
    {
        var crc = 0xB704CEu;
        foreach (var b in content)
        {
            crc ^= (uint)b << 16;
            for (var bit = 0; bit < 8; bit++)
            {
                crc <<= 1;
                if ((crc & 0x1000000) != 0)
                {
                    crc ^= 0x1864CFB;
                }
            }
        }

        return Convert.ToBase64String([(byte)((crc >> 16) & 0xFF), (byte)((crc >> 8) & 0xFF), (byte)(crc & 0xFF)]);
    }

    private static TdxException Bad(string name, string what) => new(ExitCode.BadInput, $"{name}: {what}");
}
