using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TdxRelease.Planning.Fleet;

/// <summary>
/// Which host stands in which row, in 16 bytes a slot whatever the names' lengths: 96 bits of a keyed hash and the row's number.
/// The key is drawn anew for each run, so that no inventory can be made to collide; a million hosts collide once in 10^17 runs.
/// </summary>
internal sealed class HostRows
{
    private const ulong RowBits = uint.MaxValue;

    private readonly ulong[] key = MemoryMarshal.Cast<byte, ulong>(RandomNumberGenerator.GetBytes(32)).ToArray();
    private UInt128[] slots = new UInt128[1 << 10];
    private int count;

    /// <summary>
    /// Adds a host, in whatever case it is written (names of DNS), unless it is there: then the result is the row that it stands in, else
    /// 0.
    /// </summary>
    /// <param name="host">The name.</param>
    /// <param name="row">1-based, below 2^32.</param>
    public uint Add(string host, long row)
    {
        if (count >= slots.Length / 8 * 7)
        {
            Grow();
        }

        var hash = Hash(host);
        ref var slot = ref Find(slots, hash);
        if (slot != 0)
        {
            return (uint)(slot & RowBits);
        }

        slot = hash | checked((uint)row);
        count++;
        return 0;
    }

    private void Grow()
    {
        var next = new UInt128[slots.Length * 2];
        foreach (var slot in slots)
        {
            if (slot != 0)
            {
                Find(next, slot) = slot;
            }
        }

        slots = next;
    }

    /// <summary>The slot with that hash, or the free one where it belongs.</summary>
    private static ref UInt128 Find(UInt128[] slots, UInt128 hash)
    {
        for (var at = (int)((hash >> 64) & (uint)(slots.Length - 1)); ; at = (at + 1) & (slots.Length - 1))
        {
            if (slots[at] == 0 || (slots[at] ^ hash) <= RowBits)
            {
                return ref slots[at];
            }
        }
    }

    private UInt128 Hash(string host)
    {
        var (high, low) = (key[0], key[1] ^ (ulong)host.Length);
        foreach (var any in host)
        {
            var letter = char.ToUpperInvariant(any);
            var mixed = Math.BigMul(high ^ letter ^ key[2], low ^ key[3], out var rest);
            (high, low) = (mixed ^ (low + letter), rest ^ high);
        }

        return new UInt128(high, low) & ~(UInt128)RowBits;
    }
}
