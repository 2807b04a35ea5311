using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace TdxRelease.Testing.PgpCases;

/// <summary>How a packet's length is written (RFC 9580 section 4.2).</summary>
internal enum PacketForm
{
    /// <summary>Old header, the shortest length.</summary>
    Old,

    /// <summary>Old header, two bytes.</summary>
    OldTwo,

    /// <summary>Old header, four bytes.</summary>
    OldFour,

    /// <summary>Old header, up to the end of the file.</summary>
    OldOpen,

    /// <summary>New header, the shortest length.</summary>
    New,

    /// <summary>New header, five bytes.</summary>
    NewFive,

    /// <summary>New header, a part of 256 bytes and the rest.</summary>
    NewPartial,
}

/// <summary>A small writer of packets, in every form that a stranger may send.</summary>
internal static class Pgp
{
    public static byte[] Content { get; } = Encoding.UTF8.GetBytes("Package: tdx-module\nÜ\n");

    public static byte[] UserId { get; } = Encoding.UTF8.GetBytes(TestRelease.UserId);

    public static byte[] Mpi(byte[] number)
    {
        var trimmed = number.AsSpan().TrimStart((byte)0);
        var bits = trimmed.IsEmpty ? 0 : (trimmed.Length * 8) - (BitOperations.LeadingZeroCount((uint)trimmed[0]) - 24);
        return [.. Two(bits), .. trimmed];
    }

    public static byte[] Packet(int tag, byte[] body, PacketForm form = PacketForm.Old)
    {
        var length = Four((uint)body.Length);
        var old = (byte)(0x80 | (tag << 2));
        var fresh = (byte)(0xC0 | tag);
        return form switch
        {
            PacketForm.Old when body.Length < 256 => [old, length[3], .. body],
            PacketForm.Old or PacketForm.OldTwo => [(byte)(old | 1), length[2], length[3], .. body],
            PacketForm.OldFour => [(byte)(old | 2), .. length, .. body],
            PacketForm.OldOpen => [(byte)(old | 3), .. body],
            PacketForm.New => [fresh, .. Length(body.Length), .. body],
            PacketForm.NewFive => [fresh, 0xFF, .. length, .. body],
            _ => [fresh, 0xE8, .. body[..256], .. Length(body.Length - 256), .. body[256..]],
        };
    }

    /// <summary>A subpacket; add 0x80 to the type to make it critical.</summary>
    public static byte[] Sub(int type, params byte[] body) => [.. Length(body.Length + 1), (byte)type, .. body];

    public static byte[] Time(DateTimeOffset time, int type = 2) => Sub(type, Four((uint)time.ToUnixTimeSeconds()));

    /// <summary>Expiry of a signature: so long after its creation.</summary>
    public static byte[] Lifetime(TimeSpan life, int type = 3) => Sub(type, Four((uint)life.TotalSeconds));

    /// <summary>Expiry of a key: so long after its creation.</summary>
    public static byte[] KeyLife(TimeSpan life, int type = 9) => Sub(type, Four((uint)life.TotalSeconds));

    public static byte[] Flags(params byte[] flags) => Sub(27, flags);

    public static byte[] Fingerprint(PgpKeyPair key) => Sub(33, [4, .. key.Fingerprint]);

    public static byte[] Issuer(PgpKeyPair key) => Sub(16, key.KeyId);

    /// <summary>A notation that a reader may not know.</summary>
    public static byte[] Notation(int type = 20)
    {
        var (name, value) = ("tdxrel@example.invalid"u8.ToArray(), "yes"u8.ToArray());
        return Sub(type, [0x80, 0, 0, 0, 0, (byte)name.Length, 0, (byte)value.Length, .. name, .. value]);
    }

    public static byte[] Two(int value) => [(byte)(value >> 8), (byte)(value & 0xFF)];

    public static byte[] Four(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Length(int length) =>
        length < 192 ? [(byte)length] : length < 8384 ? [(byte)(192 + ((length - 192) >> 8)), (byte)((length - 192) & 0xFF)]
        : [0xFF, .. Four((uint)length)];
}
