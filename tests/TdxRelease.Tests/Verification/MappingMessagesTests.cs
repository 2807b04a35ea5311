using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Tests.Verification;

/// <summary>What the reader of the mapping file says where a value has another type, and what it makes of a good one.</summary>
public class MappingMessagesTests
{
    private const string Good = """
        {"Header":{"Copyright":"","Info":"","Version":"1.0"},"tdx_module_releases":[{"version":"1.5.05",
        "min_module_version_for_td_preserving":"1.5.01","min_seamldr_versions":["2.0.01","1.5.00"],
        "strict_compat_versions":["1.5.03","1.5.01"],"tdx_feature0":"0x61F0FBF"}]}
        """;

    [Theory]
    [InlineData("\"Copyright\":\"\"", "\"Copyright\":1", "MAP-004: Header: \"Copyright\" is a number, want a string")]
    [InlineData("\"Info\":\"\"", "\"Info\":1", "MAP-004: Header: \"Info\" is a number, want a string")]
    [InlineData("\"1.0\"", "1", "MAP-004: Header: \"Version\" is a number, want a string")]
    [InlineData("{\"Copyright\":\"\",\"Info\":\"\",\"Version\":\"1.0\"}", "1",
        "MAP-004: the document: \"Header\" is a number, want an object")]
    [InlineData("\"1.5.05\"", "5", "MAP-004: a release: \"version\" is a number, want a string")]
    [InlineData("\"1.5.00\"", "5", "MAP-004: release \"1.5.05\": an item of \"min_seamldr_versions\" is a number, want a string")]
    [InlineData("\"1.5.03\"", "5", "MAP-004: release \"1.5.05\": an item of \"strict_compat_versions\" is a number, want a string")]
    public void What_has_another_type(string from, string to, string want)
    {
        var (mapping, findings) = Read(Good.Replace(from, to, StringComparison.Ordinal));
        Assert.Null(mapping);
        Assert.Contains(findings, f => f.ToString().EndsWith(": " + want, StringComparison.Ordinal));
    }

    [Fact]
    public void Releases_that_are_no_array_are_none()
    {
        var (mapping, findings) = Read("{\"Header\":{\"Copyright\":\"\",\"Info\":\"\",\"Version\":\"1.0\"},\"tdx_module_releases\":1}");
        Assert.Null(mapping);
        Assert.EndsWith("the document: \"tdx_module_releases\" is a number, want an array", Assert.Single(findings).ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x2", true)]
    [InlineData("0x", false)]
    [InlineData("0xFFFFFFFFFFFFFFFF", true)]
    [InlineData("0x0FFFFFFFFFFFFFFFF", false)]
    public void Features_have_1_to_16_digits(string features, bool good) =>
        Assert.Equal(good, Read(Good.Replace("0x61F0FBF", features, StringComparison.Ordinal)).Mapping is not null);

    [Fact]
    public void A_list_with_a_broken_item_is_judged_for_that_item_alone()
    {
        const string Second = """
            ,{"version":"1.5.06","min_module_version_for_td_preserving":"1.5.01","min_seamldr_versions":["1.5.00"],
            "strict_compat_versions":["1.5.05"],"tdx_feature0":"0x61F0FBF"}]}
            """;
        var (_, findings) = Read(Good[..^2] + Second);
        Assert.Equal(2, findings.Count(f => f.Rule == MappingRules.StrictUnlisted));
        (_, findings) = Read(Good[..^2].Replace("1.5.03", "x", StringComparison.Ordinal) + Second);
        Assert.Equal(MappingRules.VersionSyntax, Assert.Single(findings).Rule);
    }

    [Fact]
    public void A_file_without_any_strict_list_lacks_none() =>
        Assert.Empty(Read(Good.Replace("\"strict_compat_versions\":[\"1.5.03\",\"1.5.01\"],", "", StringComparison.Ordinal)).Findings);

    [Fact]
    public void Versions_are_sorted_and_findings_come_by_line()
    {
        var release = Assert.Single(Read(Good).Mapping!.Releases);
        Assert.Equal(["1.5.00", "2.0.01"], release.MinSeamldr.Select(v => v.ToString()));
        Assert.Equal(["1.5.01", "1.5.03"], release.StrictCompat!.Select(v => v.ToString()));
        var (_, findings) = Read(Good.Replace("0x61F0FBF", "x", StringComparison.Ordinal).Replace("1.5.03", "x", StringComparison.Ordinal));
        Assert.Equal([3, 3], findings.Select(f => f.Location.Line));
        (_, findings) = Read(Good.Replace("0x61F0FBF", "x", StringComparison.Ordinal).Replace("2.0.01", "x", StringComparison.Ordinal)
            .Replace("\"1.0\"", "\"2.0\"", StringComparison.Ordinal));
        Assert.Equal([1, 2, 3], findings.Select(f => f.Location.Line));
    }

    /// <summary>Intel TDX module ABI specification, global metadata field TDX_FEATURES0.</summary>
    [Fact]
    public void Every_known_bit_has_its_name()
    {
        Assert.Equal("TD_MIGRATION, TD_PRESERVING, SERVICE_TD, TDG_VP_RDWR, RELAXED_MEM_MNG_CONCURRENCY, "
            + "CPUID_VIRT_GUEST_CTRL, TDX_CONNECT, TD_PARTITIONING, LOCAL_ATTESTATION, TD_ENTRY_ENHANCEMENTS, "
            + "HOST_PRIORITY_LOCKS, CONFIG_IA32_ARCH_CAP, PENDING_EPT_VIOLATION_V2, FMS_CONFIG, NO_RBP_MOD, "
            + "L2_TLB_INVD_OPT, TOPOLOGY_ENUM, PARTITIONED_TD_MIGRATION, CLFLUSH_BEFORE_ALLOC, ICSSD, FIXED_CTR12_PROF, "
            + "MAXPA_VIRT, APX, CPUID2_VIRT, DYNAMIC_PAMT, EXT, UPDATE_COMPAT, QUOTE, ENHANCED_DEMOTE_INTERRUPTIBILITY",
            TdxFeatures0.Describe(0xC80903EBF0FFF));
        Assert.Equal(("none", "bit 63", "bit 22, bit 24"),
            (TdxFeatures0.Describe(0), TdxFeatures0.NameOf(63), TdxFeatures0.Describe(0x1400000)));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 23, 25, 26, 27, 28, 29, 36, 39, 47, 50, 51],
            Enumerable.Range(0, 64).Where(bit => TdxFeatures0.NameOf(bit) != $"bit {bit}"));
    }

    private static (MappingFile? Mapping, List<Finding> Findings) Read(string text)
    {
        var findings = new List<Finding>();
        return (MappingReader.Read(Encoding.UTF8.GetBytes(text), "m.json", Strictness.Strict, findings), findings);
    }
}
