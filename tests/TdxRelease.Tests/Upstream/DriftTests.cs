using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Drift;
using TdxRelease.Verification.Images;

namespace TdxRelease.Tests.Acquisition;

public sealed class DriftTests
{
    private const string Blob = "joined_files/1.5/tdx_module_1.5.01.blob";

    private static string Mapping(string releases, string header = "1.0") =>
        $$"""{"Header":{"Copyright":"c","Info":"i","Version":"{{header}}"},"tdx_module_releases":[{{releases}}]}""";

    private static string Release(string version, string features = "0xF0FBF", string loaders = "\"1.5.00\"", string min = "1.5.01",
        string? strict = null)
    {
        var sources = strict is null ? "" : $"\"strict_compat_versions\":[{strict}],";
        return $$"""{"version":"{{version}}","min_module_version_for_td_preserving":"{{min}}","""
            + $$"""{{sources}}"min_seamldr_versions":[{{loaders}}],"tdx_feature0":"{{features}}"}""";
    }

    [UpstreamFact]
    public void The_real_history_names_every_rewritten_fact_and_nothing_else()
    {
        var findings = Between("2026-06-db9bc4fc.json", "2026-mid-14c28ce0.json");
        Assert.Equal(
            [
                ("DRIFT-004", "1.5.05"), ("DRIFT-005", "1.5.24"), ("DRIFT-005", "1.5.25"),
                ("DRIFT-004", "2.0.04"), ("DRIFT-004", "2.0.05"), ("DRIFT-004", "2.0.08"), ("DRIFT-004", "2.0.12"), ("DRIFT-004", "2.0.14"),
            ],
            findings.Where(finding => finding.Fails).Select(finding => (finding.Rule.Id, finding.Version!)));
        Assert.Equal(["1.5.28", "1.5.34", "2.0.16", "2.0.18"],
            findings.Where(finding => finding.Rule == DriftRules.ReleaseAdded).Select(finding => finding.Version));
        Assert.Single(findings, finding => finding.Rule == DriftRules.StrictAdded);
        Assert.Equal(13, findings.Count);
        Assert.Equal("release 1.5.05: tdx_feature0 0x61F0FBF became 0x1F0FBF (lost ICSSD, FIXED_CTR12_PROF)", findings[0].Message);
        Assert.Contains(findings, finding => finding.Message == "release 1.5.24: min_seamldr_versions [1.5.00, 2.0.00] became [1.5.00]");
        Assert.Contains(findings, finding => finding.Message == "release 1.5.25: min_seamldr_versions [1.5.00, 2.0.00] became [2.0.00]");
        Assert.All(findings.Where(finding => finding.Fails), finding => Assert.True(finding.Location.Line > 0));
    }

    [UpstreamTheory]
    [InlineData("2025-04-29-547cbc75.json", "2025-08-11-53e0e6e4.json", 8)]
    [InlineData("2025-08-11-53e0e6e4.json", "2026-06-db9bc4fc.json", 5)]
    public void Earlier_history_only_added(string before, string after, int added)
    {
        var findings = Between(before, after);
        Assert.Equal(added, findings.Count);
        Assert.All(findings, finding => Assert.Equal(DriftRules.ReleaseAdded, finding.Rule));
        Assert.All(Between(after, before), finding => Assert.Equal(DriftRules.ReleaseGone, finding.Rule));
    }

    [Fact]
    public void Every_fact_has_its_rule()
    {
        var old = Mapping($"{Release("1.5.01", strict: "")},{Release("1.5.05", strict: "\"1.5.01\"")}");
        Assert.Empty(Ids(old, old));
        Assert.Equal(["DRIFT-011"], Ids(old, Mapping($"{Release("1.5.01", strict: "")},{Release("1.5.05", strict: "\"1.5.01\"")}", "1.1")));
        Assert.Equal(["DRIFT-002"], Ids(old, Mapping(Release("1.5.01", strict: ""))));
        Assert.Equal(["DRIFT-006"],
            Ids(old, Mapping($"{Release("1.5.01", strict: "")},{Release("1.5.05", min: "1.5.00", strict: "\"1.5.01\"")}")));
        Assert.Equal(["DRIFT-007"], Ids(old, Mapping($"{Release("1.5.01", strict: "")},{Release("1.5.05", strict: "")}")));
        Assert.Equal(["DRIFT-007", "DRIFT-007"], Ids(old, Mapping($"{Release("1.5.01")},{Release("1.5.05")}")));
    }

    [Fact]
    public void Changed_bytes_are_critical_unless_only_the_format_changed()
    {
        var before = Side(new() { [Blob] = "a", ["BINARIES_LICENSE"] = "l" }, ImageFormat.V1);
        Assert.Empty(DriftComparison.Between(before, before));

        var changed = Assert.Single(
            DriftComparison.Between(before, Side(new() { [Blob] = "b", ["BINARIES_LICENSE"] = "l" }, ImageFormat.V1)));
        Assert.Equal((DriftRules.BytesChanged, Severity.Critical, "1.5.01"), (changed.Rule, changed.Severity, changed.Version!));
        Assert.Equal("sha256 a became b", changed.Message);

        var format = Assert.Single(
            DriftComparison.Between(before, Side(new() { [Blob] = "b", ["BINARIES_LICENSE"] = "l" }, ImageFormat.V2)));
        Assert.Equal((DriftRules.Format, "image format v1 became v2"), (format.Rule, format.Message));

        Assert.Equal([DriftRules.License, DriftRules.ReleaseGone],
            DriftComparison.Between(before, Side(new() { ["BINARIES_LICENSE"] = "m" }, ImageFormat.V1)).Select(finding => finding.Rule));
    }

    [Fact]
    public void Consequences_are_asked_for_only_when_something_changed()
    {
        var (a, b) = (Side(Mapping(Release("1.5.01"))), Side(Mapping(Release("1.5.01", "0x1"))));
        var asked = 0;
        Assert.Empty(DriftComparison.Between(a, a, (_, _) => [Extra(ref asked)]));
        Assert.Equal(0, asked);
        Assert.Equal(2, DriftComparison.Between(a, b, (_, _) => [Extra(ref asked)]).Count);
        Assert.Equal(1, asked);
    }

    private static Finding Extra(ref int asked)
    {
        asked++;
        return new Finding(new Rule("PLAN-001", Severity.Note, "t", "s"), "m", new Location("x"));
    }

    private static DriftSide Side(Dictionary<string, string> hashes, ImageFormat format) =>
        new("side", null, hashes, new Dictionary<string, ImageFormat> { [Blob] = format });

    private static DriftSide Side(string mapping) => DriftSide.OfMapping(Encoding.UTF8.GetBytes(mapping), "mapping_file.json");

    private static IEnumerable<string> Ids(string before, string after) =>
        DriftComparison.Between(Side(before), Side(after)).Select(finding => finding.Rule.Id);

    private static IReadOnlyList<Finding> Between(string before, string after) => DriftComparison.Between(History(before), History(after));

    private static DriftSide History(string name) =>
        DriftSide.OfMapping(File.ReadAllBytes(Path.Combine(TestData.MappingHistory, name)), name);
}
