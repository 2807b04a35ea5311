using System.Globalization;
using System.Text;

namespace TdxRelease.Testing;

/// <summary>Tar archives block by block, as nobody's program would write them.</summary>
internal static class RawTar
{
    private const int Block = 512;
    private const int Record = 20 * Block;

    /// <summary>Joins the parts and ends the archive.</summary>
    public static byte[] Of(params IEnumerable<byte[]> parts) => [.. parts.SelectMany(p => p), .. new byte[2 * Block]];

    public static byte[] File(string path, string content, int mode = 0x1A4) =>
        [.. Header(path, '0', Encoding.UTF8.GetByteCount(content), mode: mode), .. Padded(content)];

    /// <summary>An extended header, local ('x') or global ('g').</summary>
    public static byte[] Pax(char type, params IEnumerable<(string Key, string Value)> records)
    {
        var text = string.Concat(records.Select(r => PaxRecord($" {r.Key}={r.Value}\n")));
        return [.. Header("PaxHeaders/x", type, Encoding.UTF8.GetByteCount(text)), .. Padded(text)];
    }

    /// <summary>A long name ('L') or link ('K') of GNU.</summary>
    public static byte[] Long(char type, string name) =>
        [.. Header("././@LongLink", type, Encoding.UTF8.GetByteCount(name) + 1), .. Padded(name + '\0')];

    public static byte[] Padded(string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return [.. bytes, .. new byte[-bytes.Length & (Block - 1)]];
    }

    public static byte[] Header(string path, char type, long size, string link = "", int mode = 0x1A4, string user = "root", int owner = 0,
        long time = 1_770_681_600)
    {
        var block = new byte[Block];
        Put(block, 0, path);
        Put(block, 100, Octal(mode, 7));
        Put(block, 108, Octal(owner, 7));
        Put(block, 116, Octal(owner, 7));
        Put(block, 124, Octal(size, 11));
        Put(block, 136, Octal(time, 11));
        block[156] = (byte)type;
        Put(block, 157, link);
        Put(block, 257, "ustar\0" + "00");
        Put(block, 265, user);
        Put(block, 297, user);
        Put(block, 329, Octal(0, 7));
        Put(block, 337, Octal(0, 7));
        FixChecksum(block);
        return block;
    }

    /// <summary>The same archive in GNU's form: its mark instead of POSIX's, no device numbers, whole records.</summary>
    public static byte[] Gnu(byte[] archive)
    {
        var gnu = archive.ToArray();
        for (var at = 0; at + Block <= gnu.Length;)
        {
            var header = gnu.AsSpan(at, Block);
            var size = 0L;
            if (header.Slice(257, 6).SequenceEqual("ustar\0"u8))
            {
                "ustar  \0"u8.CopyTo(header[257..]);
                header[329..345].Clear();
                FixChecksum(header);
                size = Encoding.ASCII.GetString(header.Slice(124, 11)) is var text && text.All(c => c is >= '0' and <= '7')
                    ? Convert.ToInt64(text, 8) : 0;
            }

            at += Block + (int)Math.Min(gnu.Length, (size + Block - 1) / Block * Block);
        }

        return [.. gnu, .. new byte[(Record - (gnu.Length % Record)) % Record]];
    }

    /// <summary>Changes the first header and repairs its checksum.</summary>
    public static byte[] Changed(byte[] part, Action<byte[]> change)
    {
        change(part);
        FixChecksum(part.AsSpan(0, Block));
        return part;
    }

    public static void FixChecksum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var b in header[..Block])
        {
            sum += b;
        }

        Encoding.ASCII.GetBytes($"{Octal(sum, 6)}\0 ", header[148..]);
    }

    private static string Octal(long value, int digits) => Convert.ToString(value, 8).PadLeft(digits, '0');

    private static void Put(byte[] block, int at, string text) => Encoding.UTF8.GetBytes(text).CopyTo(block, at);

    // The length counts its own digits.
    private static string PaxRecord(string rest)
    {
        var length = Encoding.UTF8.GetByteCount(rest);
        var digits = length + (length + 1).ToString(CultureInfo.InvariantCulture).Length;
        return $"{length + digits.ToString(CultureInfo.InvariantCulture).Length}{rest}";
    }
}
