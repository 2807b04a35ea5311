using System.Buffers.Binary;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Sigstructs;

/// <summary>
/// A SEAM_SIGSTRUCT: the signed description of a TDX module. Little-endian throughout.
/// Field names are those of Intel's P-SEAMLDR source; this type only decodes, <see cref="SigstructRules"/> judges.
/// </summary>
public sealed class Sigstruct
{
    private const uint DebugBit = 1u << 31;

    private readonly ReadOnlyMemory<byte> bytes;

    private Sigstruct(ReadOnlyMemory<byte> bytes, SigstructLayout layout)
    {
        this.bytes = bytes;
        Layout = layout;
    }

    /// <summary>The layout its length implies.</summary>
    public SigstructLayout Layout { get; }

    /// <summary>The whole structure as stored.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>Offset 0; 6.</summary>
    public uint HeaderType => U32(0);

    /// <summary>Offset 4, in dwords: everything in front of SEAMHASH.</summary>
    public uint HeaderLengthDwords => U32(4);

    /// <summary>Offset 8; 0x10000.</summary>
    public uint HeaderVersion => U32(8);

    /// <summary>Offset 12; bit 31 = debug-signed, the rest 0.</summary>
    public uint ModuleType => U32(12);

    /// <summary>Whether bit 31 of module_type is set.</summary>
    public bool IsDebug => (ModuleType & DebugBit) != 0;

    /// <summary>module_type without the debug bit; 0.</summary>
    public uint ModuleTypeReserved => ModuleType & ~DebugBit;

    /// <summary>Offset 16; 0x8086.</summary>
    public uint ModuleVendor => U32(16);

    /// <summary>Offset 20: BCD yyyymmdd.</summary>
    public uint DateBcd => U32(20);

    /// <summary>The date, or null if the digits are no date.</summary>
    public DateOnly? Date
    {
        get
        {
            var bcd = DateBcd;
            var number = 0;
            for (var shift = 28; shift >= 0; shift -= 4)
            {
                var digit = (int)((bcd >> shift) & 0xF);
                if (digit > 9)
                {
                    return null;
                }

                number = (number * 10) + digit;
            }

            var (year, month, day) = (number / 10000, number / 100 % 100, number % 100);
            return year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
                ? new DateOnly(year, month, day) : null;
        }
    }

    /// <summary>Offset 24, in dwords: the whole structure.</summary>
    public uint SizeDwords => U32(24);

    /// <summary>Offset 28, in dwords: 0x60 for RSA-3072.</summary>
    public uint KeySizeDwords => U32(28);

    /// <summary>Offset 32, in dwords.</summary>
    public uint ModulusSizeDwords => U32(32);

    /// <summary>Offset 36, in dwords: 1.</summary>
    public uint ExponentSizeDwords => U32(36);

    /// <summary>Offset 40, 88 bytes: 0.</summary>
    public ReadOnlySpan<byte> Reserved0 => Bytes[40..128];

    /// <summary>RSA modulus as stored, little-endian.</summary>
    public ReadOnlySpan<byte> Modulus => Bytes.Slice(SigstructLayout.Modulus, Layout.KeyLength);

    /// <summary>RSA public exponent; 65537.</summary>
    public uint Exponent => U32(Layout.Exponent);

    /// <summary>RSA signature as stored, little-endian.</summary>
    public ReadOnlySpan<byte> Signature => Bytes.Slice(Layout.Signature, Layout.KeyLength);

    /// <summary>First signed part.</summary>
    public ReadOnlySpan<byte> SignedHeader => Bytes[..SigstructLayout.HeaderLength];

    /// <summary>Second signed part.</summary>
    public ReadOnlySpan<byte> SignedBody => Bytes[Layout.Body..];

    /// <summary>SHA-384 of the module binary; MRSEAM in attestation. 48 bytes.</summary>
    public ReadOnlySpan<byte> SeamHash => Body(0, 48);

    /// <summary>SEAMSVN.</summary>
    public SeamSvn SeamSvn => SeamSvn.FromValue(BodyU16(48));

    /// <summary>attributes, 8 bytes; 0.</summary>
    public ulong Attributes => BinaryPrimitives.ReadUInt64LittleEndian(Body(50, 8));

    /// <summary>Entry point, offset into the module.</summary>
    public uint RipOffset => BodyU32(58);

    /// <summary>Stack pages per logical processor, minus one.</summary>
    public byte NumStackPages => Body(62, 1)[0];

    /// <summary>TLS pages per logical processor, minus one.</summary>
    public byte NumTlsPages => Body(63, 1)[0];

    /// <summary>Keyhole pages per logical processor, minus one.</summary>
    public ushort NumKeyholePages => BodyU16(64);

    /// <summary>Global data pages, minus one.</summary>
    public ushort NumGlobalDataPages => BodyU16(66);

    /// <summary>max_tdmrs; 0 in files seen.</summary>
    public ushort MaxTdmrs => BodyU16(68);

    /// <summary>max_rsvd_per_tdmr; 0 in files seen.</summary>
    public ushort MaxRsvdPerTdmr => BodyU16(70);

    /// <summary>pamt_entry_size_4k; 0.</summary>
    public ushort PamtEntrySize4K => BodyU16(72);

    /// <summary>pamt_entry_size_2m; 0.</summary>
    public ushort PamtEntrySize2M => BodyU16(74);

    /// <summary>pamt_entry_size_1g; 0.</summary>
    public ushort PamtEntrySize1G => BodyU16(76);

    /// <summary>6 bytes; 0.</summary>
    public ReadOnlySpan<byte> Reserved1 => Body(78, 6);

    /// <summary>Handoff version.</summary>
    public ushort ModuleHv => BodyU16(84);

    /// <summary>Oldest handoff version that can be taken over; not above <see cref="ModuleHv"/>.</summary>
    public ushort MinUpdateHv => BodyU16(86);

    /// <summary>no_downgrade; 0 or 1.</summary>
    public byte NoDowngrade => Body(88, 1)[0];

    /// <summary>1 byte; 0.</summary>
    public byte Reserved2 => Body(89, 1)[0];

    /// <summary>Handoff pages, minus one.</summary>
    public ushort NumHandoffPages => BodyU16(90);

    /// <summary>Offset of GDT and IDT in the module, 4 KiB aligned; 0 together with <see cref="FaultWrapperOffset"/>.</summary>
    public uint GdtIdtOffset => BodyU32(92);

    /// <summary>Offset of the fault wrapper in the module.</summary>
    public uint FaultWrapperOffset => BodyU32(96);

    /// <summary>24 bytes: reserved for loader 1.5, build facts in 2.0.x.</summary>
    public ReadOnlySpan<byte> Reserved3 => Body(100, 24);

    /// <summary>Build number of a 2.0.x module (offset 1004 in Intel's layout), 0 where the field is not used.</summary>
    public ushort BuildNumber => BodyU16(104);

    /// <summary>Number of entries of the CPUID table.</summary>
    public uint CpuTableSize => BodyU32(124);

    /// <summary>All 255 slots of the CPUID table, used or not.</summary>
    public uint CpuTableSlot(int index) => BodyU32(128 + (4 * index));

    /// <summary>The CPUs the module is for, as stored; at most 255 whatever <see cref="CpuTableSize"/> says.</summary>
    public IReadOnlyList<CpuSignature> Cpus
    {
        get
        {
            var cpus = new CpuSignature[Math.Min(CpuTableSize, SigstructLayout.CpuTableEntries)];
            for (var i = 0; i < cpus.Length; i++)
            {
                cpus[i] = new CpuSignature(CpuTableSlot(i));
            }

            return cpus;
        }
    }

    /// <summary>Takes any bytes whose length is that of a known layout.</summary>
    /// <param name="bytes">The structure; it is not copied and must not change.</param>
    /// <returns>Null where the length fits no layout.</returns>
    public static Sigstruct? Read(ReadOnlyMemory<byte> bytes) =>
        SigstructLayout.OfLength(bytes.Length) is { } layout ? new Sigstruct(bytes, layout) : null;

    private ReadOnlySpan<byte> Body(int offset, int length) => Bytes.Slice(Layout.Body + offset, length);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[offset..]);

    private ushort BodyU16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Body(offset, 2));

    private uint BodyU32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Body(offset, 4));
}
