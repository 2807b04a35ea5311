using System.Diagnostics;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Fuzzing;

/// <summary>Inputs made to cost memory or time: many values, many findings, many lines.</summary>
public class HostileSizeTests
{
    public static TheoryData<string, string> Documents() => new()
    {
        { "empty arrays", $"[{string.Concat(Enumerable.Repeat("[],", 300_000))}1]" },
        { "unknown keys", $"{{{string.Join(",\n", Enumerable.Range(0, 49_000).Select(i => $"\"{i}\":0"))}}}" },
        { "one key again and again", $"{{{string.Join(',', Enumerable.Repeat("\"a\":1", 49_000))}}}" },
        { "strict sources", Release(
            $"\"strict_compat_versions\":[{string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"1.5.{i % 90}\""))}]") },
        { "keys and strict sources",
            Release($"{string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"{i}\":0"))},"
                + $"\"strict_compat_versions\":[{string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"1.5.{i}\""))}]") },
        { "line feeds", new string('\n', 1 << 20) },
        { "one long text", $"{{\"Header\":\"{new string('a', 1 << 19)}\"}}" },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_large_document_costs_little(string what, string document)
    {
        var bytes = Encoding.UTF8.GetBytes(document);
        Assert.True(bytes.Length <= MappingReader.MaxLength + 1, $"{what}: {bytes.Length}");
        var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        MappingReader.Read(bytes, "m", Strictness.Lenient, []);
        var mapping = GC.GetAllocatedBytesForCurrentThread() - before;
        TrustPolicyReader.Read(bytes, "p", []);
        var policy = GC.GetAllocatedBytesForCurrentThread() - before - mapping;
        Assert.True(mapping < 64 << 20 && policy < 64 << 20, $"{what}: {mapping} and {policy} bytes allocated");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{what}: {clock.Elapsed}");
    }

    [Fact]
    public void A_mapping_file_above_the_limit_is_one_finding()
    {
        var findings = new List<Finding>();
        Assert.Null(MappingReader.Read(new byte[MappingReader.MaxLength + 1], "m", Strictness.Lenient, findings));
        Assert.Equal("m:1:1: MAP-001: the file has 1048577 bytes, the limit is 1048576", Assert.Single(findings).ToString());
    }

    private static string Release(string rest) =>
        """{"Header":{"Copyright":"","Info":"","Version":"1.0"},"tdx_module_releases":"""
        + """[{"version":"1.5.99","min_module_version_for_td_preserving":"1.5.0","min_seamldr_versions":["1.5.00"]"""
        + $$""","tdx_feature0":"0x2",{{rest}}}]}""";
}
