using System.Buffers.Binary;
using System.Numerics;

namespace TdxRelease.Signing.OpenPgp;

/// <summary>Reads OpenPGP's encodings from hostile bytes: it fails once and stays failed, and never reads past the end.</summary>
internal ref struct PgpReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>Something did not fit; everything read since is empty.</summary>
    public bool Failed { get; private set; }

    /// <summary>Nothing is left and nothing failed.</summary>
    public readonly bool AtEnd => rest.IsEmpty && !Failed;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => rest;

    public ReadOnlySpan<byte> Bytes(long count)
    {
        if (Failed || count < 0 || count > rest.Length)
        {
            Failed = true;
            rest = default;
            return default;
        }

        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }

    public int Byte() => Bytes(1) is { Length: 1 } b ? b[0] : 0;

    public int UInt16() => Bytes(2) is { Length: 2 } b ? BinaryPrimitives.ReadUInt16BigEndian(b) : 0;

    public uint UInt32() => Bytes(4) is { Length: 4 } b ? BinaryPrimitives.ReadUInt32BigEndian(b) : 0;

    /// <summary>A multi-precision integer in its only form: no leading zero, the bit count exact.</summary>
    public ReadOnlySpan<byte> Mpi()
    {
        var bits = UInt16();
        var number = Bytes((bits + 7) / 8);
        if (!number.IsEmpty && bits != (number.Length * 8) - BitOperations.LeadingZeroCount((uint)number[0]) + 24)
        {
            Failed = true;
        }

        return number;
    }

    /// <summary>The next packet. Partial and indeterminate lengths, which only data packets may have, fail.</summary>
    public bool Packet(out PacketTag tag, out ReadOnlySpan<byte> body)
    {
        tag = default;
        body = default;
        if (rest.IsEmpty || Failed)
        {
            return false;
        }

        var header = Byte();
        long length;
        if ((header & 0xC0) == 0xC0)
        {
            tag = (PacketTag)(header & 0x3F);
            length = NewLength();
        }
        else if ((header & 0x80) != 0)
        {
            tag = (PacketTag)((header >> 2) & 0xF);
            length = (header & 3) switch { 0 => Byte(), 1 => UInt16(), 2 => UInt32(), _ => -1 };
        }
        else
        {
            length = -1;
        }

        body = Bytes(length);
        return !Failed;
    }

    /// <summary>The next subpacket of a signature; <paramref name="type"/> still has the critical bit.</summary>
    public bool Subpacket(out int type, out ReadOnlySpan<byte> body)
    {
        type = 0;
        body = default;
        if (rest.IsEmpty || Failed)
        {
            return false;
        }

        var first = Byte();
        long length = first < 192 ? first : first < 255 ? ((first - 192) << 8) + Byte() + 192 : UInt32();
        var whole = Bytes(length);
        if (whole.IsEmpty)
        {
            Failed = true;
            return false;
        }

        type = whole[0];
        body = whole[1..];
        return true;
    }

    private long NewLength()
    {
        var first = Byte();
        return first switch
        {
            < 192 => first,
            < 224 => ((first - 192) << 8) + Byte() + 192,
            255 => UInt32(),
            _ => -1,
        };
    }
}
