using TdxRelease.Core.Findings;

#pragma warning disable CS1591 // the title of a rule is its documentation

namespace TdxRelease.Verification.Sigstructs;

/// <summary>The structural rules of a sigstruct: everything that the processor's loader refuses without looking at a key (errors), and what
/// no file of Intel's ever had.
/// The latter are warnings, because a signed module that only looks odd is for a person
/// to judge, unless no module could need it: then they are errors that say why.</summary>
public static class SigstructRules
{
    private const string Loader = "tdx-loader, seam_sigstruct_s and its checks";
    private const string Fields = "tdx-loader, seam_sigstruct_s: the field's meaning";
    private const string Seen = "all published files";

    private static readonly RuleSet Own = new("Sigstruct", AuditQuestion.Origin);

    public static readonly Rule Length = Own.Add("SIG-001", Severity.Error,
        "a sigstruct is 2048 bytes (2304 in the synthetic RSA-4096 layout)", Loader);
    public static readonly Rule HeaderType = Own.Add("SIG-002", Severity.Error, "header_type is 6", Loader);
    public static readonly Rule HeaderLength = Own.Add("SIG-003", Severity.Error,
        "header_length counts the dwords in front of SEAMHASH (0xE1)", Loader);
    public static readonly Rule HeaderVersion = Own.Add("SIG-004", Severity.Error, "header_version is 0x10000", Loader);
    public static readonly Rule ModuleType = Own.Add("SIG-005", Severity.Error, "module_type has no bit but 31 (debug)", Loader);
    public static readonly Rule Vendor = Own.Add("SIG-006", Severity.Error, "module_vendor is 0x8086", Loader);
    public static readonly Rule Date = Own.Add("SIG-007", Severity.Error,
        "date is a calendar date in BCD, yyyymmdd (the loader does not check; a signed module was made on some day)", Fields);
    public static readonly Rule Size = Own.Add("SIG-008", Severity.Error, "size counts the dwords of the whole structure (0x200)", Loader);
    public static readonly Rule KeySize = Own.Add("SIG-009", Severity.Error,
        "key_size is that of the layout (0x60 dwords: RSA-3072)", Loader);
    public static readonly Rule ModulusSize = Own.Add("SIG-010", Severity.Error,
        "modulus_size is that of the layout and so equals key_size (0x60)", Loader);
    public static readonly Rule ExponentSize = Own.Add("SIG-011", Severity.Error, "exponent_size is 1 dword", Loader);
    public static readonly Rule Reserved0 = Own.Add("SIG-012", Severity.Error, "reserved bytes 40 to 127 are zero", Loader);
    public static readonly Rule Modulus = Own.Add("SIG-013", Severity.Error,
        "the modulus is odd and has its full bit length", "FIPS 186-5, RFC 8017");
    public static readonly Rule Exponent = Own.Add("SIG-014", Severity.Error, "the exponent is 65537", Loader);
    public static readonly Rule SignatureRange = Own.Add("SIG-015", Severity.Error,
        "the signature, as a number, is below the modulus", "RFC 8017, section 5.2.2");
    public static readonly Rule Attributes = Own.Add("SIG-016", Severity.Error, "attributes is zero", Loader);
    public static readonly Rule RipOffset = Own.Add("SIG-017", Severity.Error,
        "rip_offset is inside the module (the loader does not check; a module without an entry point cannot run)", Fields);
    public static readonly Rule Reserved1 = Own.Add("SIG-018", Severity.Error, "reserved1 is zero", Loader);
    public static readonly Rule HandoffVersions = Own.Add("SIG-019", Severity.Error, "min_update_hv is not above module_hv", Loader);
    public static readonly Rule NoDowngrade = Own.Add("SIG-020", Severity.Warning,
        "no_downgrade is 0 or 1 (the loader takes any value)", Seen);
    public static readonly Rule Reserved2 = Own.Add("SIG-021", Severity.Error, "reserved2 is zero", Loader);
    public static readonly Rule GdtIdtAligned = Own.Add("SIG-022", Severity.Error, "gdt_idt_offset is 4 KiB aligned", Loader);
    public static readonly Rule FaultOffsetsPaired = Own.Add("SIG-023", Severity.Error,
        "gdt_idt_offset and fault_wrapper_offset are both set or both zero", Loader);
    public static readonly Rule FaultOffsetsInside = Own.Add("SIG-024", Severity.Error,
        "a gdt_idt_offset that is set leaves 4096 bytes of the module, a fault_wrapper_offset 512 (32 handlers of 16 bytes)", Loader);
    public static readonly Rule Reserved3 = Own.Add("SIG-025", Severity.Error, "reserved3 is zero in modules of line 1.5", Loader);
    public static readonly Rule CpuTableSize = Own.Add("SIG-026", Severity.Error,
        "the CPUID table has 1 to 255 entries (the loader takes a debug module with none; it would run nowhere by this table)", Loader);
    public static readonly Rule CpuTableEntries = Own.Add("SIG-027", Severity.Error,
        "entries of the CPUID table are not zero and none is there twice "
        + "(the loader does not check; no processor has signature 0, and a second entry adds nothing)", Seen);
    public static readonly Rule CpuTableTail = Own.Add("SIG-028", Severity.Error,
        "the CPUID table is zero behind its entries "
        + "(the loader does not check; nothing reads what stands there, so that no module needs it)", Seen);
    public static readonly Rule UnusedLimits = Own.Add("SIG-029", Severity.Warning,
        "max_tdmrs, max_rsvd_per_tdmr and the PAMT entry sizes are zero", Seen);
    public static readonly Rule PageCounts = Own.Add("SIG-030", Severity.Warning,
        "page counts are within twice the largest that Intel published: "
        + "3 stack, 3 TLS, 255 keyhole, 67 global data, 49 handoff (each minus one)", Seen);
    public static readonly Rule BuildTail = Own.Add("SIG-031", Severity.Warning,
        "reserved3 of line 2 is zero but for update, major, build number and the byte behind it", Seen);
    public static readonly Rule SvnZero = Own.Add("SIG-032", Severity.Error,
        "SEAMSVN has a major part that is not 0: the loader refuses 0.x, whatever runs", Loader);
    public static readonly Rule EntryInFault = Own.Add("SIG-033", Severity.Warning,
        "rip_offset and fault_wrapper_offset are outside the GDT and IDT page: code does not start in a table", Seen);
    public static readonly Rule DateTooOld = Own.Add("SIG-034", Severity.Warning, "date is not before 2021: no TDX module existed", Seen);
    public static readonly Rule CpuReserved = Own.Add("SIG-035", Severity.Warning,
        "entries of the CPUID table have the reserved bits of CPUID.1.EAX (14, 15, 28 to 31) clear", "Intel SDM volume 2, CPUID leaf 1");

    /// <summary>All of them, in order of their ids.</summary>
    public static IReadOnlyList<Rule> All => Own.Rules;
}
