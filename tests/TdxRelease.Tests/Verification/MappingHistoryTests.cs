using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Testing;
using TdxRelease.Verification.Mapping;

namespace TdxRelease.Tests.Verification;

public class MappingHistoryTests
{
    [UpstreamTheory]
    [InlineData("2025-04-29-547cbc75.json", 3, false)]
    [InlineData("2025-08-11-53e0e6e4.json", 11, false)]
    [InlineData("2026-06-db9bc4fc.json", 16, false)]
    [InlineData("2026-mid-14c28ce0.json", 20, true)]
    public void Every_shape_that_upstream_published_is_strictly_valid(string name, int releases, bool strictCompat)
    {
        var findings = new List<Finding>();
        var mapping = MappingReader.Read(File.ReadAllBytes(Path.Combine(TestData.MappingHistory, name)), name, Strictness.Strict, findings);
        Assert.True(mapping is not null, string.Join("\n", findings));
        Assert.Empty(findings);
        Assert.Equal(releases, mapping.Releases.Count);
        Assert.All(mapping.Releases, r => Assert.Equal(strictCompat, r.StrictCompat is not null));
    }

    [UpstreamTheory]
    [InlineData("2025-04-29-547cbc75.json")]
    [InlineData("2026-mid-14c28ce0.json")]
    public void The_next_shape_with_a_key_nobody_has_seen_is_a_warning_when_lenient_and_an_error_when_strict(string name)
    {
        var text = File.ReadAllText(Path.Combine(TestData.MappingHistory, name));
        var next = Encoding.UTF8.GetBytes(
            text.Replace("\"tdx_feature0\"", "\"min_microcode\": \"0x2b000643\", \"tdx_feature0\"", StringComparison.Ordinal));
        var lenient = new List<Finding>();
        var mapping = MappingReader.Read(next, name, Strictness.Lenient, lenient);
        Assert.NotNull(mapping);
        Assert.Equal(mapping.Releases.Count, lenient.Count);
        Assert.All(lenient, f => Assert.Equal(("MAP-005", Severity.Warning), (f.Rule.Id, f.Severity)));

        var strict = new List<Finding>();
        Assert.Null(MappingReader.Read(next, name, Strictness.Strict, strict));
        Assert.All(strict, f => Assert.Equal(("MAP-005", Severity.Error), (f.Rule.Id, f.Severity)));
    }
}
