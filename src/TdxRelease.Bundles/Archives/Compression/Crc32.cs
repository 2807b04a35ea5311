namespace TdxRelease.Bundles.Archives;

/// <summary>CRC-32 of gzip and xz (IEEE 802.3, reflected, polynomial 0xEDB88320).</summary>
internal static class Crc32
{
    internal static readonly uint[] Table = MakeTable();

    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = new Crc32Running();
        crc.Add(data);
        return crc.Value;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            var c = i;
            for (var bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            }

            table[i] = c;
        }

        return table;
    }
}

/// <summary>A CRC-32 over bytes that come in pieces.</summary>
internal sealed class Crc32Running
{
    private uint state = 0xFFFFFFFF;

    public uint Value => ~state;

    public void Add(ReadOnlySpan<byte> data)
    {
        var crc = state;
        foreach (var b in data)
        {
            crc = Crc32.Table[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        state = crc;
    }
}
