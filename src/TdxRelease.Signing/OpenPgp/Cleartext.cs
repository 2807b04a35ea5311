using System.Text;
using TdxRelease.Core.Findings;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>
/// The cleartext signature framework (RFC 9580 section 7): dash escapes outside, CR LF line ends and no trailing blanks inside.
/// </summary>
internal static class Cleartext
{
    public const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----";
    private const int MaxLength = 64 << 20;
    private const string HashHeader = "Hash: SHA512";

    /// <summary>What a text signature hashes: lines without trailing blanks, joined by CR LF, none after the last.</summary>
    public static byte[] Canonical(string text) =>
        Encoding.UTF8.GetBytes(string.Join("\r\n", Lines(text).Select(line => line.TrimEnd(' ', '\t'))));

    /// <summary>The framed text, followed by the armored signature.</summary>
    public static string Frame(string text, string armoredSignature)
    {
        var framed = new StringBuilder();
        framed.Append(Begin).Append('\n').Append(HashHeader).Append("\n\n");
        foreach (var line in Lines(text))
        {
            framed.Append(line.StartsWith('-') ? "- " : "").Append(line).Append('\n');
        }

        return framed.Append(armoredSignature).ToString();
    }

    /// <summary>Takes a framed text apart: the text (LF, no trailing blanks, as it was hashed) and the binary signature.</summary>
    /// <exception cref="TdxException">Exit 3: anything outside or inside the frame that readers could disagree on.</exception>
    public static (string Text, byte[] Signature) Unframe(ReadOnlySpan<byte> signed)
    {
        if (signed.Length > MaxLength)
        {
            throw Bad($"{signed.Length} bytes, the limit is {MaxLength}");
        }

        var lines = new LineReader(signed);
        if (!lines.Next(out var line) || !line.SequenceEqual(Encoding.ASCII.GetBytes(Begin)))
        {
            throw Bad("does not begin with the line of a signed message");
        }

        while (lines.Next(out line) && !line.IsEmpty)
        {
            // Only Hash headers may stand here: other text would look signed and is not.
            if (!line.StartsWith("Hash: "u8))
            {
                throw Bad("a header other than Hash");
            }
        }

        var text = new StringBuilder();
        while (true)
        {
            var rest = lines.Rest;
            if (!lines.Next(out line))
            {
                throw Bad("has no signature");
            }

            if (line.StartsWith("-----BEGIN PGP SIGNATURE-----"u8))
            {
                return (text.ToString(), Armor.Decode(rest, Armor.Signature, "clear-signed text"));
            }

            text.Append(Unescaped(line)).Append('\n');
        }
    }

    private static string Unescaped(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("- "u8))
        {
            line = line[2..];
        }
        else if (line.StartsWith("-"u8))
        {
            throw Bad("a line begins with an unescaped dash");
        }

        if (line.IndexOfAny((byte)'\r', (byte)0) >= 0 || !System.Text.Unicode.Utf8.IsValid(line))
        {
            throw Bad("a line contains a carriage return, a zero byte or bytes that are not UTF-8");
        }

        return Encoding.UTF8.GetString(line.TrimEnd(" \t"u8));
    }

    private static TdxException Bad(string what) => new(ExitCode.BadInput, $"clear-signed text: {what}");

    /// <summary>The lines of a text; the end of the last line is not a line of its own.</summary>
    /// <exception cref="TdxException">Exit 3: a CR, whose meaning readers disagree on.</exception>
    private static string[] Lines(string text)
    {
        if (text.Contains('\r', StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new TdxException(ExitCode.BadInput, "text to sign contains a carriage return or a zero byte");
        }

        return (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
    }
}
