using System.Security.Cryptography;
using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Samples;

public class SampleUpstreamTests
{
    [Fact]
    public void The_sample_is_the_same_bytes_each_time()
    {
        var (first, second) = (SampleUpstream.Create(), SampleUpstream.Create());
        Assert.Equal(Hash(first), Hash(second));
        GoldenFile.Equal("tests/fixtures/sample.sha256", Hash(first) + "\n");
        Assert.Equal(first.Select(f => f.Path).Order(StringComparer.Ordinal), first.Select(f => f.Path));
        Assert.All(first, f => Assert.InRange(f.Bytes.Length, 1, 80 << 10));
    }

    [Fact]
    public void Its_own_policy_accepts_every_module_without_a_finding()
    {
        Assert.All(Verdicts(SampleUpstream.Policy), v => Assert.Empty(v.Findings));
        Assert.Equal([3072, 4096], Verdicts(SampleUpstream.Policy).Select(v => v.Facts!.KeyBits).Distinct().Order());
        Assert.Single(Verdicts(SampleUpstream.Policy), v => v.Facts!.IsDebug);
    }

    [Fact]
    public void The_default_policy_refuses_every_module() =>
        Assert.All(Verdicts(TrustPolicy.Default),
            v => Assert.Contains(v.Findings,
            f => f.Rule == TrustRules.UnknownSigner && f.Message.StartsWith("valid signature, unknown signer", StringComparison.Ordinal)));

    [Fact]
    public void Its_mapping_file_is_strictly_valid_and_lists_every_module()
    {
        var files = SampleUpstream.Create().ToDictionary(f => f.Path, f => f.Bytes);
        var findings = new List<Finding>();
        var mapping = MappingReader.Read(files["mapping_file.json"], "mapping_file.json", Strictness.Strict, findings);
        Assert.Empty(findings);
        Assert.Equal(SampleUpstream.Releases.Select(r => r.Version), mapping!.Releases.Select(r => r.Version));
        Assert.All(mapping.Releases, r => Assert.All([r.BinPath, r.SigstructPath, r.BlobPath], p => Assert.True(files.ContainsKey(p), p)));
        Assert.Equal(3 + (3 * mapping.Releases.Count), files.Count);
        Assert.Equal([Convert.ToHexStringLower(SHA256.HashData(files["BINARIES_LICENSE"]))], SampleUpstream.Policy.Licenses);
    }

    [Fact]
    public void Keys_licence_and_modules_say_that_they_are_tests()
    {
        foreach (var (path, bytes) in SampleUpstream.Create()
            .Where(f => f.Path.EndsWith("LICENSE", StringComparison.Ordinal) || f.Path.EndsWith(".bin", StringComparison.Ordinal)))
        {
            Assert.True(Encoding.ASCII.GetString(bytes.AsSpan(0, 64)).StartsWith("TEST - synthetic", StringComparison.Ordinal), path);
        }

        foreach (var key in Directory.GetFiles(Path.Combine(TestData.Checkout, "samples", "keys"), "*.pem"))
        {
            Assert.StartsWith("TEST KEY - NOT FOR RELEASES", File.ReadAllText(key).TrimStart((char)35, (char)32), StringComparison.Ordinal);
        }
    }

    private static IEnumerable<ModuleVerdict> Verdicts(TrustPolicy policy) =>
        SampleUpstream.Releases.Select(r => ModuleVerifier.Verify(SampleUpstream.Module(r), policy));

    private static string Hash(IReadOnlyList<(string Path, byte[] Bytes)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, bytes) in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\n{bytes.Length}\n"));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
