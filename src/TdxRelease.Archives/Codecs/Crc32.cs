using System.Buffers.Binary;

namespace TdxRelease.Archives.Codecs;

/// <summary>CRC-32 of gzip, xz and zip (IEEE 802.3, reflected, polynomial 0xEDB88320). Finds accidents, not attackers.</summary>
public static class Crc32
{
    private const int Slices = 8;

    // Table k holds the sum of a byte that is followed by k zero bytes, so that eight bytes are taken at a time.
    private static readonly uint[][] Tables = MakeTables();

    /// <summary>The checksum of the bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = new Crc32Running();
        crc.Add(data);
        return crc.Value;
    }

    /// <summary>The state after more bytes; state and sum are each other's complement.</summary>
    public static uint Add(uint state, ReadOnlySpan<byte> data)
    {
        var t = Tables;
        for (; data.Length >= Slices; data = data[Slices..])
        {
            var low = state ^ BinaryPrimitives.ReadUInt32LittleEndian(data);
            var high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            state = t[7][low & 0xFF] ^ t[6][(low >> 8) & 0xFF] ^ t[5][(low >> 16) & 0xFF] ^ t[4][low >> 24]
                ^ t[3][high & 0xFF] ^ t[2][(high >> 8) & 0xFF] ^ t[1][(high >> 16) & 0xFF] ^ t[0][high >> 24];
        }

        foreach (var b in data)
        {
            state = t[0][(state ^ b) & 0xFF] ^ (state >> 8);
        }

        return state;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[Slices][];
        for (var k = 0; k < Slices; k++)
        {
            tables[k] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                tables[k][i] = k == 0 ? First(i) : tables[0][tables[k - 1][i] & 0xFF] ^ (tables[k - 1][i] >> 8);
            }
        }

        return tables;
    }

    private static uint First(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
        }

        return value;
    }
}

/// <summary>A CRC-32 over bytes that come in pieces.</summary>
public sealed class Crc32Running
{
    private uint state = 0xFFFFFFFF;

    /// <summary>The checksum so far.</summary>
    public uint Value => ~state;

    /// <summary>Takes more bytes.</summary>
    public void Add(ReadOnlySpan<byte> data) => state = Crc32.Add(state, data);
}
