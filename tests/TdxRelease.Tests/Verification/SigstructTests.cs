using TdxRelease.Core.Findings;
using TdxRelease.Fuzz.Targets;
using TdxRelease.Testing;
using TdxRelease.Verification.Sigstructs;

namespace TdxRelease.Tests.Verification;

public class SigstructTests
{
    [Fact]
    public void Layouts_have_the_documented_offsets()
    {
        var intel = SigstructLayout.IntelRsa3072;
        Assert.Equal((512, 516, 900, 2048), (intel.Exponent, intel.Signature, intel.Body, intel.Length));
        var synthetic = SigstructLayout.SyntheticRsa4096;
        Assert.Equal((640, 644, 1156, 2304), (synthetic.Exponent, synthetic.Signature, synthetic.Body, synthetic.Length));
        Assert.Null(SigstructLayout.OfLength(2047));
        Assert.Null(Sigstruct.Read(new byte[2049]));
    }

    [Fact]
    public void Fields_are_read_from_where_the_sample_wrote_them()
    {
        var s = Sigstruct.Read(SampleVerdicts.Of("2.0.52").Input.Sigstruct.Bytes)!;
        Assert.Equal((6u, 0xE1u, 0x10000u, 0u, 0x8086u),
            (s.HeaderType, s.HeaderLengthDwords, s.HeaderVersion, s.ModuleType, s.ModuleVendor));
        Assert.Equal(new DateOnly(2030, 1, 18), s.Date);
        Assert.Equal(((byte)3, (byte)4), (s.SeamSvn.Major, s.SeamSvn.Minor));
        Assert.Equal((520, (byte)52, (byte)2), (s.BuildNumber, s.Reserved3[0], s.Reserved3[3]));
        Assert.Equal(["0xA06D0", "0xA06E0"], s.Cpus.Select(c => c.ToString()));
        Assert.False(s.IsDebug);
        Assert.True(Sigstruct.Read(SampleVerdicts.Of("1.5.58").Input.Sigstruct.Bytes)!.IsDebug);
    }

    [UpstreamFact]
    public void Fields_of_a_real_sigstruct_are_those_of_its_documentation()
    {
        var s = Sigstruct.Read(
            File.ReadAllBytes(Path.Combine(TestData.Snapshot, "separate_files/2.0/2.0.04/tdx_module_2.0.04.sigstruct")))!;
        Assert.Equal(new DateOnly(2025, 1, 9), s.Date);
        Assert.Equal("040000025b0308000000000000000000", Convert.ToHexStringLower(s.Reserved3[..16]));
        Assert.Equal(859, s.BuildNumber);
        Assert.Equal(((byte)1, (byte)1, (ushort)127, (ushort)33, (ushort)24),
            (s.NumStackPages, s.NumTlsPages, s.NumKeyholePages, s.NumGlobalDataPages, s.NumHandoffPages));
        Assert.Equal((0x4AB18u, 0x78000u, 0x4AC78u), (s.RipOffset, s.GdtIdtOffset, s.FaultWrapperOffset));
        Assert.Equal(s.Bytes, SigstructEncoder.Encode(s));
    }

    [Fact]
    public void Any_bytes_of_the_right_length_decode_check_and_encode_again() => Property.Check(150, (random, _) =>
    {
        var bytes = new byte[random.Next(2) == 0 ? 2048 : 2304];
        random.NextBytes(bytes);
        var findings = new List<Finding>();
        var s = Sigstruct.Read(bytes)!;
        new SigstructChecker(s, "s", null, findings).Check(random.Next(), null);
        Assert.Contains(findings, f => f.Rule == SigstructRules.HeaderType);
        Assert.Equal(bytes, SigstructEncoder.Encode(s));
    });

    [Theory]
    [InlineData(0x20240229u, true)]
    [InlineData(0x20230229u, false)]
    [InlineData(0x20241301u, false)]
    [InlineData(0x20240100u, false)]
    [InlineData(0x2024010Au, false)]
    [InlineData(0x00000101u, false)]
    [InlineData(0x99991231u, true)]
    public void A_date_is_a_calendar_date_in_bcd(uint bcd, bool valid)
    {
        var bytes = new byte[2048];
        BitConverter.TryWriteBytes(bytes.AsSpan(20), bcd);
        Assert.Equal(valid, Sigstruct.Read(bytes)!.Date is not null);
    }

    [Theory]
    [InlineData(0x1000u, 0x160u, 0x2000, true)]
    [InlineData(0x1000u, 0x160u, 0x1FFF, false)]
    [InlineData(0x1000u, 0x2000u - 512, 0x2000, true)]
    [InlineData(0x1000u, 0x2000u - 511, 0x2000, false)]
    [InlineData(0x1000u, 0x2000u - 1, 0x2000, false)]
    [InlineData(0x1000u, 0xFFFFFFFFu, 0x2000, false)]
    [InlineData(0xFFFFF000u, 0x160u, 0x2000, false)]
    [InlineData(0u, 0u, 0, true)]
    public void Fault_offsets_that_are_set_leave_room_for_a_page_and_for_32_handlers(uint gdt, uint wrapper, long moduleLength, bool holds)
    {
        var bytes = SampleVerdicts.Of("1.5.56").Input.Sigstruct.Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(992), gdt);
        BitConverter.TryWriteBytes(bytes.AsSpan(996), wrapper);
        var findings = new List<Finding>();
        new SigstructChecker(Sigstruct.Read(bytes)!, "s", null, findings).Check(moduleLength, null);
        Assert.Equal(holds, !findings.Exists(f => f.Rule == SigstructRules.FaultOffsetsInside));
    }

    [Theory]
    [InlineData("01", "02", true)]
    [InlineData("02", "02", false)]
    [InlineData("ff00", "0001", true)]
    [InlineData("0001", "ff00", false)]
    public void Little_endian_numbers_compare_by_value(string left, string right, bool below) =>
        Assert.Equal(below, SigstructChecker.BelowLittleEndian(Convert.FromHexString(left), Convert.FromHexString(right)));
}
