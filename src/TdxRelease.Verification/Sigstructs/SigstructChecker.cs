using TdxRelease.Core.Findings;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Verification.Sigstructs;

/// <summary>Applies <see cref="SigstructRules"/> to one sigstruct.</summary>
/// <param name="sigstruct">What is checked.</param>
/// <param name="file">Its file in findings.</param>
/// <param name="version">The module's version as spelled upstream, or null.</param>
/// <param name="findings">Where findings go, in order of the rules' ids.</param>
public sealed class SigstructChecker(Sigstruct sigstruct, string file, string? version, ICollection<Finding> findings)
{
    private const uint Page = 4096;

    /// <summary>The loader writes a handler of 16 bytes for each of 32 vectors behind fault_wrapper_offset.</summary>
    private const uint FaultHandlers = 32 * 16;

    private const uint CpuReservedBits = 0xF000C000;

    /// <summary>Applies every structural rule.</summary>
    /// <param name="moduleLength">Length of the module binary in bytes.</param>
    /// <param name="line">The module's line, where it is known: it decides what reserved3 may hold.</param>
    public void Check(long moduleLength, ModuleVersion? line)
    {
        CheckHeader();
        CheckKey();
        CheckBody(moduleLength, line);
        CheckCpuTable();
    }

    private void CheckHeader()
    {
        var layout = sigstruct.Layout;
        Want(SigstructRules.HeaderType, "header_type", sigstruct.HeaderType, 6);
        Want(SigstructRules.HeaderLength, "header_length", sigstruct.HeaderLengthDwords, (uint)layout.Body / 4);
        Want(SigstructRules.HeaderVersion, "header_version", sigstruct.HeaderVersion, 0x10000);
        Require(SigstructRules.ModuleType, sigstruct.ModuleTypeReserved == 0,
            $"module_type is 0x{sigstruct.ModuleType:X}, want no bit but 31");
        Want(SigstructRules.Vendor, "module_vendor", sigstruct.ModuleVendor, 0x8086);
        Require(SigstructRules.Date, sigstruct.Date is not null, $"date 0x{sigstruct.DateBcd:X8} is not a calendar date in BCD");
        Require(SigstructRules.DateTooOld, sigstruct.Date is not { Year: < 2021 },
            $"date is {sigstruct.Date:yyyy-MM-dd}, no TDX module existed before 2021");
        Want(SigstructRules.Size, "size", sigstruct.SizeDwords, (uint)layout.Length / 4);
        Want(SigstructRules.KeySize, "key_size", sigstruct.KeySizeDwords, (uint)layout.KeyLength / 4);
        Want(SigstructRules.ModulusSize, "modulus_size", sigstruct.ModulusSizeDwords, (uint)layout.KeyLength / 4);
        Want(SigstructRules.ExponentSize, "exponent_size", sigstruct.ExponentSizeDwords, 1);
        RequireZero(SigstructRules.Reserved0, sigstruct.Reserved0, 40);
    }

    private void CheckKey()
    {
        var modulus = sigstruct.Modulus;
        Require(SigstructRules.Modulus, (modulus[0] & 1) == 1, "the modulus is even");
        Require(SigstructRules.Modulus, modulus[^1] >= 0x80,
            $"the modulus has its top bit clear, it is no RSA-{sigstruct.Layout.KeyBits} key");
        Require(SigstructRules.Exponent, sigstruct.Exponent == 65537, $"the exponent is {sigstruct.Exponent}, want 65537");
        Require(SigstructRules.SignatureRange, BelowLittleEndian(sigstruct.Signature, modulus), "the signature is not below the modulus");
    }

    private void CheckBody(long moduleLength, ModuleVersion? line)
    {
        Require(SigstructRules.Attributes, sigstruct.Attributes == 0, $"attributes is 0x{sigstruct.Attributes:X}, want 0");
        Require(SigstructRules.RipOffset, sigstruct.RipOffset < moduleLength,
            $"rip_offset 0x{sigstruct.RipOffset:X} is outside the module of {moduleLength} bytes");
        RequireZero(SigstructRules.Reserved1, sigstruct.Reserved1, sigstruct.Layout.Body + 78);
        Require(SigstructRules.HandoffVersions, sigstruct.MinUpdateHv <= sigstruct.ModuleHv,
            $"min_update_hv {sigstruct.MinUpdateHv} is above module_hv {sigstruct.ModuleHv}");
        Require(SigstructRules.NoDowngrade, sigstruct.NoDowngrade <= 1, $"no_downgrade is {sigstruct.NoDowngrade}, want 0 or 1");
        Require(SigstructRules.Reserved2, sigstruct.Reserved2 == 0, $"reserved2 is 0x{sigstruct.Reserved2:X2}, want 0");
        CheckFaultOffsets(moduleLength);
        CheckReserved3(line);
        Require(SigstructRules.SvnZero, sigstruct.SeamSvn.Major != 0, $"SEAMSVN is {sigstruct.SeamSvn}, want a major part of at least 1");
        CheckPageCounts();
        var unused = sigstruct.MaxTdmrs | sigstruct.MaxRsvdPerTdmr | sigstruct.PamtEntrySize4K | sigstruct.PamtEntrySize2M
            | sigstruct.PamtEntrySize1G;
        Require(SigstructRules.UnusedLimits, unused == 0,
            $"max_tdmrs {sigstruct.MaxTdmrs}, max_rsvd_per_tdmr {sigstruct.MaxRsvdPerTdmr}, "
            + $"pamt_entry_size {sigstruct.PamtEntrySize4K}/{sigstruct.PamtEntrySize2M}/{sigstruct.PamtEntrySize1G}: want all zero");
    }

    private void CheckReserved3(ModuleVersion? line)
    {
        var at = sigstruct.Layout.Body + 100;
        switch (line)
        {
            case { Major: 1 }:
                RequireZero(SigstructRules.Reserved3, sigstruct.Reserved3, at);
                break;
            case { Major: >= 2 }:
                // Known: 0 update, 3 major, 4 and 5 build number, 6 a small number of unknown meaning.
                RequireZero(SigstructRules.BuildTail, sigstruct.Reserved3[1..3], at + 1);
                RequireZero(SigstructRules.BuildTail, sigstruct.Reserved3[7..], at + 7);
                break;
            default:
                break;
        }
    }

    private void CheckPageCounts()
    {
        void Most(string name, int got, int most) =>
            Require(SigstructRules.PageCounts, got <= most, $"{name} is {got}, at most {most} is plausible");
        Most("num_stack_pages", sigstruct.NumStackPages, 3);
        Most("num_tls_pages", sigstruct.NumTlsPages, 3);
        Most("num_keyhole_pages", sigstruct.NumKeyholePages, 255);
        Most("num_global_data_pages", sigstruct.NumGlobalDataPages, 67);
        Most("num_handoff_pages", sigstruct.NumHandoffPages, 49);
    }

    private void CheckFaultOffsets(long moduleLength)
    {
        var (gdt, wrapper) = (sigstruct.GdtIdtOffset, sigstruct.FaultWrapperOffset);
        Require(SigstructRules.GdtIdtAligned, gdt % Page == 0, $"gdt_idt_offset 0x{gdt:X} is not 4 KiB aligned");
        Require(SigstructRules.FaultOffsetsPaired, (gdt == 0) == (wrapper == 0),
            $"gdt_idt_offset 0x{gdt:X} and fault_wrapper_offset 0x{wrapper:X}: one is set, the other is not");
        CheckRoom("gdt_idt_offset", gdt, Page, moduleLength);
        CheckRoom("fault_wrapper_offset", wrapper, FaultHandlers, moduleLength);
        var inTable = gdt != 0 && gdt % Page == 0 && (sigstruct.RipOffset / Page == gdt / Page || wrapper / Page == gdt / Page);
        Require(SigstructRules.EntryInFault, !inTable,
            $"rip_offset 0x{sigstruct.RipOffset:X} or fault_wrapper_offset 0x{wrapper:X} is in the page of gdt_idt_offset 0x{gdt:X}");
    }

    private void CheckRoom(string name, uint offset, uint needed, long moduleLength) =>
        Require(SigstructRules.FaultOffsetsInside, offset == 0 || offset <= moduleLength - needed,
            $"{name} 0x{offset:X} leaves less than {needed} bytes of the module of {moduleLength} bytes");

    private void CheckCpuTable()
    {
        var size = sigstruct.CpuTableSize;
        Require(SigstructRules.CpuTableSize, size is >= 1 and <= SigstructLayout.CpuTableEntries,
            $"cpuid_table_size is {size}, want 1 to 255");
        var used = (int)Math.Min(size, SigstructLayout.CpuTableEntries);
        var seen = new HashSet<uint>();
        for (var i = 0; i < used; i++)
        {
            var entry = sigstruct.CpuTableSlot(i);
            Require(SigstructRules.CpuTableEntries, entry != 0, $"cpuid_table[{i}] is zero inside the table of {size}");
            Require(SigstructRules.CpuTableEntries, seen.Add(entry) || entry == 0, $"cpuid_table[{i}] is 0x{entry:X} for the second time");
            Require(SigstructRules.CpuReserved, (entry & CpuReservedBits) == 0,
                $"cpuid_table[{i}] is 0x{entry:X}, with bits that CPUID.1.EAX reserves");
        }

        for (var i = used; i < SigstructLayout.CpuTableEntries; i++)
        {
            if (sigstruct.CpuTableSlot(i) != 0)
            {
                Require(SigstructRules.CpuTableTail, holds: false,
                    $"cpuid_table[{i}] is 0x{sigstruct.CpuTableSlot(i):X} behind the table of {size}");
                return;
            }
        }
    }

    /// <summary>Compares two equally long little-endian numbers.</summary>
    internal static bool BelowLittleEndian(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (var i = left.Length - 1; i >= 0; i--)
        {
            if (left[i] != right[i])
            {
                return left[i] < right[i];
            }
        }

        return false;
    }

    private void Want(Rule rule, string name, uint got, uint want) => Require(rule, got == want, $"{name} is 0x{got:X}, want 0x{want:X}");

    private void RequireZero(Rule rule, ReadOnlySpan<byte> bytes, int offset)
    {
        var at = bytes.IndexOfAnyExcept((byte)0);
        Require(rule, at < 0, at < 0 ? "" : $"byte {offset + at} is 0x{bytes[at]:X2}, want 0");
    }

    private void Require(Rule rule, bool holds, string message)
    {
        if (!holds)
        {
            findings.Add(new Finding(rule, message, new Location(file), version));
        }
    }
}
