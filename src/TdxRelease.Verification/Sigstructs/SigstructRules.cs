using TdxRelease.Core.Findings;

namespace TdxRelease.Verification.Sigstructs;

/// <summary>The structural rules of a sigstruct: everything that the processor's loader refuses without looking at a key (errors), and what no file of Intel's ever had.
/// The latter are warnings, because a signed module that only looks odd is for a person
/// to judge, unless no module could need it: then they are errors that say why.</summary>
public static class SigstructRules
{
    private const string Loader = "tdx-loader, seam_sigstruct_s and its checks";
    private const string Fields = "tdx-loader, seam_sigstruct_s: the field's meaning";
    private const string Seen = "all published files";

    /// <summary>Length.</summary>
    public static readonly Rule Length = new("SIG-001", Severity.Error, "a sigstruct is 2048 bytes (2304 in the synthetic RSA-4096 layout)", Loader);

    /// <summary>header_type.</summary>
    public static readonly Rule HeaderType = new("SIG-002", Severity.Error, "header_type is 6", Loader);

    /// <summary>header_length.</summary>
    public static readonly Rule HeaderLength = new("SIG-003", Severity.Error, "header_length counts the dwords in front of SEAMHASH (0xE1)", Loader);

    /// <summary>header_version.</summary>
    public static readonly Rule HeaderVersion = new("SIG-004", Severity.Error, "header_version is 0x10000", Loader);

    /// <summary>module_type.</summary>
    public static readonly Rule ModuleType = new("SIG-005", Severity.Error, "module_type has no bit but 31 (debug)", Loader);

    /// <summary>module_vendor.</summary>
    public static readonly Rule Vendor = new("SIG-006", Severity.Error, "module_vendor is 0x8086", Loader);

    /// <summary>date.</summary>
    public static readonly Rule Date = new("SIG-007", Severity.Error, "date is a calendar date in BCD, yyyymmdd (the loader does not look; a signed module was made on some day)", Fields);

    /// <summary>size.</summary>
    public static readonly Rule Size = new("SIG-008", Severity.Error, "size counts the dwords of the whole structure (0x200)", Loader);

    /// <summary>key_size.</summary>
    public static readonly Rule KeySize = new("SIG-009", Severity.Error, "key_size is that of the layout (0x60 dwords: RSA-3072)", Loader);

    /// <summary>modulus_size.</summary>
    public static readonly Rule ModulusSize = new("SIG-010", Severity.Error, "modulus_size is that of the layout and so equals key_size (0x60)", Loader);

    /// <summary>exponent_size.</summary>
    public static readonly Rule ExponentSize = new("SIG-011", Severity.Error, "exponent_size is 1 dword", Loader);

    /// <summary>reserved.</summary>
    public static readonly Rule Reserved0 = new("SIG-012", Severity.Error, "reserved bytes 40 to 127 are zero", Loader);

    /// <summary>Modulus.</summary>
    public static readonly Rule Modulus = new("SIG-013", Severity.Error, "the modulus is odd and has its full bit length", "FIPS 186-5, RFC 8017");

    /// <summary>Exponent.</summary>
    public static readonly Rule Exponent = new("SIG-014", Severity.Error, "the exponent is 65537", Loader);

    /// <summary>Signature range.</summary>
    public static readonly Rule SignatureRange = new("SIG-015", Severity.Error, "the signature, as a number, is below the modulus", "RFC 8017, section 5.2.2");

    /// <summary>attributes.</summary>
    public static readonly Rule Attributes = new("SIG-016", Severity.Error, "attributes is zero", Loader);

    /// <summary>rip_offset.</summary>
    public static readonly Rule RipOffset = new("SIG-017", Severity.Error, "rip_offset is inside the module (the loader does not look; a module without an entry point cannot run)", Fields);

    /// <summary>reserved1.</summary>
    public static readonly Rule Reserved1 = new("SIG-018", Severity.Error, "reserved1 is zero", Loader);

    /// <summary>min_update_hv.</summary>
    public static readonly Rule HandoffVersions = new("SIG-019", Severity.Error, "min_update_hv is not above module_hv", Loader);

    /// <summary>no_downgrade.</summary>
    public static readonly Rule NoDowngrade = new("SIG-020", Severity.Warning, "no_downgrade is 0 or 1 (the loader takes any value)", Seen);

    /// <summary>reserved2.</summary>
    public static readonly Rule Reserved2 = new("SIG-021", Severity.Error, "reserved2 is zero", Loader);

    /// <summary>gdt_idt_offset aligned.</summary>
    public static readonly Rule GdtIdtAligned = new("SIG-022", Severity.Error, "gdt_idt_offset is 4 KiB aligned", Loader);

    /// <summary>Both or none.</summary>
    public static readonly Rule FaultOffsetsPaired = new("SIG-023", Severity.Error, "gdt_idt_offset and fault_wrapper_offset are both set or both zero", Loader);

    /// <summary>Inside.</summary>
    public static readonly Rule FaultOffsetsInside = new("SIG-024", Severity.Error, "a gdt_idt_offset that is set leaves 4096 bytes of the module, a fault_wrapper_offset 512 (32 handlers of 16 bytes)", Loader);

    /// <summary>reserved3.</summary>
    public static readonly Rule Reserved3 = new("SIG-025", Severity.Error, "reserved3 is zero in modules of line 1.5", Loader);

    /// <summary>Table size.</summary>
    public static readonly Rule CpuTableSize = new("SIG-026", Severity.Error, "the CPUID table has 1 to 255 entries (the loader takes a debug module with none; it would run nowhere by this table)", Loader);

    /// <summary>Empty entry.</summary>
    public static readonly Rule CpuTableEntries = new("SIG-027", Severity.Error, "entries of the CPUID table are not zero and none is there twice (the loader does not look; no processor has signature 0, and a second entry adds nothing)", Seen);

    /// <summary>Tail.</summary>
    public static readonly Rule CpuTableTail = new("SIG-028", Severity.Error, "the CPUID table is zero behind its entries (the loader does not look; nothing reads what stands there, so that no module needs it)", Seen);

    /// <summary>Unused limits.</summary>
    public static readonly Rule UnusedLimits = new("SIG-029", Severity.Warning, "max_tdmrs, max_rsvd_per_tdmr and the PAMT entry sizes are zero", Seen);

    /// <summary>Page counts.</summary>
    public static readonly Rule PageCounts = new("SIG-030", Severity.Warning, "page counts are within twice the largest that Intel published: 3 stack, 3 TLS, 255 keyhole, 67 global data, 49 handoff (each minus one)", Seen);

    /// <summary>reserved3 of 2.0.x.</summary>
    public static readonly Rule BuildTail = new("SIG-031", Severity.Warning, "reserved3 of line 2 is zero but for update, major, build number and the byte behind it", Seen);

    /// <summary>SEAMSVN.</summary>
    public static readonly Rule SvnZero = new("SIG-032", Severity.Error, "SEAMSVN has a major part that is not 0: the loader refuses 0.x, whatever runs", Loader);

    /// <summary>Entry point and data.</summary>
    public static readonly Rule EntryInFault = new("SIG-033", Severity.Warning, "rip_offset and fault_wrapper_offset are outside the GDT and IDT page: code does not start in a table", Seen);

    /// <summary>Old date.</summary>
    public static readonly Rule DateTooOld = new("SIG-034", Severity.Warning, "date is not before 2021: no TDX module existed", Seen);

    /// <summary>Families.</summary>
    public static readonly Rule CpuReserved = new("SIG-035", Severity.Warning, "entries of the CPUID table have the reserved bits of CPUID.1.EAX (14, 15, 28 to 31) clear", "Intel SDM volume 2, CPUID leaf 1");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        Length, HeaderType, HeaderLength, HeaderVersion, ModuleType, Vendor, Date, Size, KeySize, ModulusSize, ExponentSize, Reserved0, Modulus, Exponent, SignatureRange,
        Attributes, RipOffset, Reserved1, HandoffVersions, NoDowngrade, Reserved2, GdtIdtAligned, FaultOffsetsPaired, FaultOffsetsInside, Reserved3,
        CpuTableSize, CpuTableEntries, CpuTableTail, UnusedLimits, PageCounts, BuildTail, SvnZero, EntryInFault, DateTooOld, CpuReserved,
    ];
}
