using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Testing;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;
using Xunit.Abstractions;

namespace TdxRelease.Tests.Verification;

public class RealCrossCheckTests(ITestOutputHelper output)
{
    [UpstreamFact]
    public void Witnesses_of_the_real_snapshot_agree_but_for_what_an_auditor_must_see()
    {
        var findings = new List<Finding>();
        var mapping = Mapping(findings);
        var verdicts = mapping.Releases.Select(r =>
            ModuleVerifier.Verify(new ModuleInput(r.Version, r.Spelling, Bytes(r.BinPath), Bytes(r.SigstructPath), Bytes(r.BlobPath)),
            TrustPolicy.Default)).ToList();
        findings.AddRange(verdicts.SelectMany(v => v.Findings));
        findings.AddRange(CrossChecks.Check(mapping, "mapping_file.json", verdicts, PublishedList.Default));
        findings.ForEach(f => output.WriteLine($"{f.Severity}: {f}"));

        Assert.DoesNotContain(findings, f => f.Fails);
        Assert.Equal("2.0.05", Assert.Single(findings, f => f.Rule == CrossRules.NotPublished).Version);
        Assert.Equal(Severity.Warning, findings.Single(f => f.Rule == CrossRules.NotPublished).Severity);
        Assert.Equal(["2.0.05", "2.0.08"],
            findings.Where(f => f.Rule == CrossRules.FeaturesLost).Select(f => f.Version!).Order(StringComparer.Ordinal));
        Assert.Equal("published but not here: 1.5.20 1.5.24 1.5.25 1.5.28 1.5.34 2.0.12 2.0.14 2.0.16 2.0.18",
            Assert.Single(findings, f => f.Rule == CrossRules.NotHere).Message);
    }

    [UpstreamFact]
    public void The_real_snapshot_is_consistent_and_its_licence_is_the_expected_one()
    {
        var paths = Directory.GetFiles(TestData.Snapshot, "*", SearchOption.AllDirectories)
            .Select(p => Path.GetRelativePath(TestData.Snapshot, p));
        Assert.Empty(SnapshotChecks.Check(paths, Mapping([]), "mapping_file.json"));
        Assert.Null(SnapshotChecks.CheckLicense(File.ReadAllBytes(Path.Combine(TestData.Snapshot, "BINARIES_LICENSE")), "BINARIES_LICENSE",
            TrustPolicy.Default));
    }

    [UpstreamFact]
    public void A_policy_that_demands_4096_bits_refuses_Intels_modules_and_says_why()
    {
        var release = Mapping([]).Releases[0];
        var input = new ModuleInput(release.Version, release.Spelling, Bytes(release.BinPath), Bytes(release.SigstructPath), null);
        var finding = Assert.Single(ModuleVerifier.Verify(input, TrustPolicy.Default with { MinSigstructBits = 4096 }).Findings);
        Assert.Equal(TrustRules.KeyTooSmall, finding.Rule);
        Assert.Equal("the key is RSA-3072, policy \"Intel production\" demands at least 4096 bits", finding.Message);
    }

    [UpstreamFact]
    public void The_embedded_list_is_the_reference_list()
    {
        using var json = System.Text.Json.JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(TestData.Shared!, "reference", "published-mrseam.json")));
        var reference = json.RootElement.GetProperty("mrseam_sha384").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString());
        Assert.Equal(reference.Count, PublishedList.Default.Modules.Count);
        Assert.All(PublishedList.Default.Modules, m => Assert.Equal(reference[m.Key.ToString()], m.Value));
    }

    private static NamedBytes Bytes(string path) => new(path, File.ReadAllBytes(Path.Combine(TestData.Snapshot, path)));

    private static MappingFile Mapping(List<Finding> findings) =>
        MappingReader.Read(File.ReadAllBytes(Path.Combine(TestData.Snapshot, "mapping_file.json")), "mapping_file.json", Strictness.Strict,
            findings)!;
}
