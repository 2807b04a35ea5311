using System.Text;

namespace TdxRelease.Bundles.Archives;

/// <summary>Offsets of the POSIX ustar header (IEEE 1003.1, pax, "ustar interchange format") and its number fields.</summary>
internal static class TarHeader
{
    public const int Block = 512;
    public const int Name = 0, NameLength = 100;
    public const int Mode = 100, Uid = 108, Gid = 116;
    public const int Size = 124, Time = 136;
    public const int Checksum = 148;
    public const int Type = 156;
    public const int Link = 157, LinkLength = 100;
    public const int Magic = 257;
    public const int User = 265, Group = 297;
    public const int DeviceMajor = 329, DeviceMinor = 337;
    public const int Prefix = 345, PrefixLength = 155;

    /// <summary>The sum of all bytes, the checksum field taken as blanks.</summary>
    public static int Sum(ReadOnlySpan<byte> header)
    {
        var sum = 0;
        for (var i = 0; i < Block; i++)
        {
            sum += i is >= Checksum and < Checksum + 8 ? ' ' : header[i];
        }

        return sum;
    }

    public static void Octal(Span<byte> field, long value)
    {
        var digits = Convert.ToString(value, 8).PadLeft(field.Length - 1, '0');
        if (value < 0 || digits.Length > field.Length - 1)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "does not fit into the tar field");
        }

        Encoding.ASCII.GetBytes(digits, field);
    }

    /// <summary>Octal digits between optional blanks, ended by NUL or blank; -1 where it is anything else.</summary>
    public static long ParseOctal(ReadOnlySpan<byte> field)
    {
        var text = field.TrimStart((byte)' ');
        var end = text.IndexOfAny((byte)0, (byte)' ');
        var digits = end < 0 ? text : text[..end];
        if (end >= 0 && text[end..].TrimEnd((byte)0).TrimStart((byte)' ').Length > 0 && text[end..].IndexOfAnyExcept((byte)0, (byte)' ') >= 0)
        {
            return -1;
        }

        long value = 0;
        foreach (var c in digits)
        {
            if (c is < (byte)'0' or > (byte)'7' || value > long.MaxValue >> 4)
            {
                return -1;
            }

            value = (value << 3) | (long)(c - '0');
        }

        return value;
    }
}
