using System.Buffers.Binary;
using TdxRelease.Verification.Sigstructs;

namespace TdxRelease.Fuzz.Targets;

/// <summary>
/// Writes a sigstruct from its decoded fields alone: equal bytes prove that no field is read from the wrong place and none is left out.
/// </summary>
internal static class SigstructEncoder
{
    public static byte[] Encode(Sigstruct s)
    {
        var bytes = new List<byte>(s.Layout.Length);
        foreach (var field in new[] { s.HeaderType, s.HeaderLengthDwords, s.HeaderVersion, s.ModuleType, s.ModuleVendor, s.DateBcd,
            s.SizeDwords, s.KeySizeDwords, s.ModulusSizeDwords, s.ExponentSizeDwords })
        {
            U32(bytes, field);
        }

        bytes.AddRange(s.Reserved0);
        bytes.AddRange(s.Modulus);
        U32(bytes, s.Exponent);
        bytes.AddRange(s.Signature);
        bytes.AddRange(s.SeamHash);
        U16(bytes, s.SeamSvn.Value);
        U32(bytes, (uint)(s.Attributes & uint.MaxValue));
        U32(bytes, (uint)(s.Attributes >> 32));
        U32(bytes, s.RipOffset);
        bytes.AddRange([s.NumStackPages, s.NumTlsPages]);
        foreach (var field in new[] { s.NumKeyholePages, s.NumGlobalDataPages, s.MaxTdmrs, s.MaxRsvdPerTdmr, s.PamtEntrySize4K,
            s.PamtEntrySize2M, s.PamtEntrySize1G })
        {
            U16(bytes, field);
        }

        bytes.AddRange(s.Reserved1);
        U16(bytes, s.ModuleHv);
        U16(bytes, s.MinUpdateHv);
        bytes.AddRange([s.NoDowngrade, s.Reserved2]);
        U16(bytes, s.NumHandoffPages);
        U32(bytes, s.GdtIdtOffset);
        U32(bytes, s.FaultWrapperOffset);
        bytes.AddRange(s.Reserved3);
        U32(bytes, s.CpuTableSize);
        for (var i = 0; i < SigstructLayout.CpuTableEntries; i++)
        {
            U32(bytes, s.CpuTableSlot(i));
        }

        return [.. bytes];
    }

    private static void U32(List<byte> bytes, uint value)
    {
        Span<byte> field = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(field, value);
        bytes.AddRange(field);
    }

    private static void U16(List<byte> bytes, ushort value)
    {
        bytes.Add((byte)(value & 0xFF));
        bytes.Add((byte)(value >> 8));
    }
}
