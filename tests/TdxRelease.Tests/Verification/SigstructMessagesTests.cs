using System.Globalization;
using TdxRelease.Core.Findings;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Tests.Verification;

/// <summary>
/// Every check of a sigstruct by itself, in Intel's layout: what it says, to the byte and to the bound. Patches are OFFSET:HEX.
/// The module has 65536 bytes.
/// </summary>
public class SigstructMessagesTests
{
    [Theory]
    [InlineData("0:07", "header_type is 0x7, want 0x6")]
    [InlineData("4:01000000", "header_length is 0x1, want 0xE1")]
    [InlineData("8:00000000", "header_version is 0x0, want 0x10000")]
    [InlineData("12:01000000", "module_type is 0x1, want no bit but 31")]
    [InlineData("16:00000000", "module_vendor is 0x0, want 0x8086")]
    [InlineData("20:01132420", "date 0x20241301 is not a calendar date in BCD")]
    [InlineData("20:31122020", "date is 2020-12-31, no TDX module existed before 2021")]
    [InlineData("24:00000000", "size is 0x0, want 0x200")]
    [InlineData("28:00000000", "key_size is 0x0, want 0x60")]
    [InlineData("32:00000000", "modulus_size is 0x0, want 0x60")]
    [InlineData("36:02000000", "exponent_size is 0x2, want 0x1")]
    [InlineData("40:05", "byte 40 is 0x05, want 0")]
    [InlineData("50:05", "byte 50 is 0x05, want 0")]
    [InlineData("128:00", "the modulus is even")]
    [InlineData("511:7F", "the modulus has its top bit clear, it is no RSA-3072 key")]
    [InlineData("512:03000000", "the exponent is 3, want 65537")]
    [InlineData("511:80 899:81", "the signature is not below the modulus")]
    public void What_the_header_and_the_key_get_wrong(string patches, string want) => Says(patches, want);

    [Theory]
    [InlineData("948:0500", "SEAMSVN is 0.5, want a major part of at least 1")]
    [InlineData("950:01", "attributes is 0x1, want 0")]
    [InlineData("958:00000100", "rip_offset 0x10000 is outside the module of 65536 bytes")]
    [InlineData("962:04", "num_stack_pages is 4, at most 3 is plausible")]
    [InlineData("963:04", "num_tls_pages is 4, at most 3 is plausible")]
    [InlineData("964:0001", "num_keyhole_pages is 256, at most 255 is plausible")]
    [InlineData("966:4400", "num_global_data_pages is 68, at most 67 is plausible")]
    [InlineData("968:01000000000000000000",
        "max_tdmrs 1, max_rsvd_per_tdmr 0, pamt_entry_size 0/0/0: want all zero")]
    [InlineData("978:07", "byte 978 is 0x07, want 0")]
    [InlineData("980:07", "byte 980 is 0x07, want 0")]
    [InlineData("984:01000200", "min_update_hv 2 is above module_hv 1")]
    [InlineData("988:02", "no_downgrade is 2, want 0 or 1")]
    [InlineData("989:03", "reserved2 is 0x03, want 0")]
    [InlineData("990:3200", "num_handoff_pages is 50, at most 49 is plausible")]
    [InlineData("1002:04", "byte 1002 is 0x04, want 0")]
    public void What_the_body_gets_wrong(string patches, string want) => Says(patches, want);

    [Theory]
    [InlineData("1001:04", "byte 1001 is 0x04, want 0")]
    [InlineData("1007:09", "byte 1007 is 0x09, want 0")]
    [InlineData("1023:09", "byte 1023 is 0x09, want 0")]
    public void What_the_build_number_of_the_second_line_leaves_zero(string patches, string want) => Says(patches, want, major: 2);

    [Theory]
    [InlineData("992:0100000001000000", "gdt_idt_offset 0x1 is not 4 KiB aligned")]
    [InlineData("992:0010000000000000", "gdt_idt_offset 0x1000 and fault_wrapper_offset 0x0: one is set, the other is not")]
    [InlineData("992:01F00000", "gdt_idt_offset 0xF001 leaves less than 4096 bytes of the module of 65536 bytes")]
    [InlineData("996:01FE0000", "fault_wrapper_offset 0xFE01 leaves less than 512 bytes of the module of 65536 bytes")]
    [InlineData("958:00100000 992:0020000010200000",
        "rip_offset 0x1000 or fault_wrapper_offset 0x2010 is in the page of gdt_idt_offset 0x2000")]
    public void What_the_offsets_of_the_fault_handler_get_wrong(string patches, string want) => Says(patches, want);

    [Theory]
    [InlineData("1024:00010000", "cpuid_table_size is 256, want 1 to 255")]
    [InlineData("1024:02000000F006080000000000", "cpuid_table[1] is zero inside the table of 2")]
    [InlineData("1024:02000000F0060800F0060800", "cpuid_table[1] is 0x806F0 for the second time")]
    [InlineData("1024:0100000000000010", "cpuid_table[0] is 0x10000000, with bits that CPUID.1.EAX reserves")]
    [InlineData("1024:01000000F00608000100000002000000", "cpuid_table[1] is 0x1 behind the table of 1")]
    public void What_the_cpu_table_gets_wrong(string patches, string want) => Says(patches, want);

    [Fact]
    public void The_tail_of_the_cpu_table_is_one_finding() =>
        Assert.Single(Messages("1024:01000000F00608000100000002000000"), m => m.Contains("behind", StringComparison.Ordinal));

    [Theory]
    [InlineData("511:80", "top bit")]
    [InlineData("988:01", "no_downgrade")]
    [InlineData("1024:FF000000", "cpuid_table_size")]
    [InlineData("958:FFFF0000", "is outside")]
    [InlineData("962:03", "num_stack_pages")]
    [InlineData("992:00F0000000FE0000", "leaves less")]
    public void What_lies_at_a_bound_is_not_said(string patches, string not) =>
        Assert.DoesNotContain(Messages(patches), m => m.Contains(not, StringComparison.Ordinal));

    private static void Says(string patches, string want, ushort major = 1) => Assert.Contains(want, Messages(patches, major));

    private static IReadOnlyList<string> Messages(string patches, ushort major = 1)
    {
        var bytes = SampleVerdicts.Of("1.5.56").Input.Sigstruct.Bytes.ToArray();
        foreach (var patch in patches.Split(' '))
        {
            var colon = patch.IndexOf(':', StringComparison.Ordinal);
            Convert.FromHexString(patch[(colon + 1)..])
                .CopyTo(bytes, int.Parse(patch[..colon], CultureInfo.InvariantCulture));
        }

        var findings = new List<Finding>();
        new SigstructChecker(Sigstruct.Read(bytes)!, "s", null, findings).Check(1 << 16, new ModuleVersion(major, 5, 0));
        return [.. findings.Select(f => f.Message)];
    }
}
