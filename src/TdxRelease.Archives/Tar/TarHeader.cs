using System.Text;

namespace TdxRelease.Archives.Tar;

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

    /// <summary>Reads a header block.</summary>
    /// <exception cref="InvalidDataException">
    /// A wrong checksum, another format than ustar and GNU, a size that is not plain octal, fields that only some extractors read.
    /// </exception>
    public static TarMember Parse(ReadOnlySpan<byte> block)
    {
        var (want, got) = (ParseOctal(block.Slice(Checksum, 8)), Sum(block));
        if (want != got)
        {
            throw new InvalidDataException($"header checksum {want}, computed {got}");
        }

        var gnu = block.Slice(Magic, 8).SequenceEqual("ustar  \0"u8);
        if (!gnu && !block.Slice(Magic, 8).SequenceEqual("ustar\000"u8))
        {
            throw new InvalidDataException("is neither a ustar nor a GNU header");
        }

        // Behind the names stand times and sparse maps of GNU, and marks of star.
        if (block[(gnu ? Prefix : Prefix + PrefixLength)..].ContainsAnyExcept((byte)0))
        {
            throw new InvalidDataException("the end of a header is not empty");
        }

        var size = ParseOctal(block.Slice(Size, 12));
        if (size < 0)
        {
            throw new InvalidDataException("the size is not an octal number");
        }

        var path = Text(block.Slice(Name, NameLength));
        var prefix = Text(block.Slice(Prefix, PrefixLength));
        var mode = ParseOctal(block.Slice(Mode, 8));
        return new TarMember(
            prefix.Length > 0 ? $"{prefix}/{path}" : path,
            Text(block.Slice(Link, LinkLength)),
            (char)block[Type],
            mode is < 0 or > 0xFFF ? -1 : (int)mode,
            size,
            ParseOctal(block.Slice(Time, 12)),
            0);
    }

    /// <summary>A name up to its NUL; behind it stand only NULs.</summary>
    /// <param name="field">The field.</param>
    /// <param name="mustEnd">There is exactly one NUL, at the end.</param>
    /// <exception cref="InvalidDataException">Anything else, or no UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> field, bool mustEnd = false)
    {
        var end = field.IndexOf((byte)0);
        if (mustEnd ? end != field.Length - 1 : end >= 0 && field[end..].ContainsAnyExcept((byte)0))
        {
            throw new InvalidDataException(mustEnd ? "a long name does not end with its only NUL" : "bytes behind the end of a name");
        }

        return PaxRecords.Text(end < 0 ? field : field[..end]);
    }

    /// <summary>
    /// One or more octal digits behind optional blanks, ended by NULs and
    /// blanks; -1 where it is anything else, a base-256 number of GNU too.
    /// </summary>
    public static long ParseOctal(ReadOnlySpan<byte> field)
    {
        var digits = field.TrimStart((byte)' ');
        var end = digits.IndexOfAny((byte)0, (byte)' ');
        if (digits.IsEmpty || end == 0 || (end > 0 && digits[end..].ContainsAnyExcept((byte)0, (byte)' ')))
        {
            return -1;
        }

        long value = 0;
        foreach (var c in end < 0 ? digits : digits[..end])
        {
            if (c is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }

            value = (value << 3) | (long)(c - '0');
        }

        return value;
    }
}
