using System.Security.Cryptography;
using TdxRelease.Samples;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Cli;

public sealed class BundleCommandTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly string sample;
    private readonly string license;
    private readonly string key;

    public BundleCommandTests()
    {
        sample = temp["sample"];
        Run.Tdxrel("sample", "create", sample).Ends(0);
        license = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(sample, "BINARIES_LICENSE"))));
        key = temp["release.pem"];
        File.WriteAllText(key, SampleKeys.Rsa4096.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(temp["release.pub.pem"], SampleKeys.Rsa4096.ExportSubjectPublicKeyInfoPem());
    }

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_signed_bundle_passes_its_audit_and_another_key_does_not()
    {
        Bundle("out", 0, "--signing-key", key, "--accept-license", license);
        var tar = Directory.GetFiles(temp["out"], "tdx-module-2*.tar.gz").Single();
        Assert.Contains("audit passed", Run.Tdxrel("audit", tar, "--key", temp["release.pub.pem"], "--policy", "sample").Ends(0).Output,
            StringComparison.Ordinal);
        File.WriteAllText(temp["other.pem"], TestRelease.Signer.PublicKey.ToPem());
        Assert.Contains("AUDIT FAILED", Run.Tdxrel("audit", tar, "--key", temp["other.pem"], "--policy", "sample").Ends(4).Output,
            StringComparison.Ordinal);

        // Under Intel's pin nothing of the sample is Intel's.
        Run.Tdxrel("audit", tar, "--key", temp["release.pub.pem"]).Ends(4);
    }

    [Fact]
    public void The_gates_hold()
    {
        Assert.Contains("--accept-license", Bundle("out", 5, "--signing-key", key).Errors, StringComparison.Ordinal);
        Bundle("out", 5, "--signing-key", key, "--accept-license", new string('0', 64));
        Bundle("out", 2, "--signing-key", key, "--accept-license", "yes");
        Assert.Contains("--unsigned", Bundle("out", 5, "--accept-license", license).Errors, StringComparison.Ordinal);
        Assert.Contains("TEST key",
            Bundle("out", 5, "--signing-key", Path.Combine(TestData.Checkout, "samples/keys/test-release.pem"), "--accept-license", license)
            .Errors, StringComparison.Ordinal);
        File.WriteAllText(temp["small.pem"], SampleKeys.Rsa3072.ExportPkcs8PrivateKeyPem());
        Bundle("out", 5, "--signing-key", temp["small.pem"], "--accept-license", license);
        Assert.False(Path.Exists(temp["out"]));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(temp.Path),
            e => Path.GetFileName(e).Contains(".part", StringComparison.Ordinal));
    }

    [Fact]
    public void An_unsigned_bundle_says_so_in_its_name_and_manifest()
    {
        Bundle("out", 0, "--unsigned", "--accept-license", license);
        var tar = Directory.GetFiles(temp["out"], "tdx-module-UNSIGNED-*.tar.gz").Single();
        Assert.Contains("\"unsigned\":true", File.ReadAllText(Directory.GetFiles(temp["out"], "*.manifest.json").Single()),
            StringComparison.Ordinal);
        Run.Tdxrel("audit", tar, "--key", temp["release.pub.pem"], "--policy", "sample").Ends(4);
        Assert.Contains("unknown", Run.Tdxrel("audit", tar, "--allow-unsigned", "--policy", "sample").Ends(0).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_rollback_is_refused_once_a_newer_release_was_seen()
    {
        Bundle("old", 0, "--signing-key", key, "--accept-license", license);
        var before = Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH");
        Assert.Null(before);
        var tar = Directory.GetFiles(temp["old"], "tdx-module-2*.tar.gz").Single();
        Run.Tdxrel("audit", tar, "--key", temp["release.pub.pem"], "--policy", "sample", "--state", temp["seen.json"]).Ends(0);
        File.WriteAllText(temp["seen.json"],
            File.ReadAllText(temp["seen.json"]).Replace("\"sequence\":1", "\"sequence\":2", StringComparison.Ordinal));
        Assert.Contains("MAN-007",
            Run.Tdxrel("audit", tar, "--key", temp["release.pub.pem"], "--policy", "sample", "--state", temp["seen.json"]).Ends(4)
            .Errors, StringComparison.Ordinal);
    }

    [UpstreamFact]
    public void A_release_whose_input_makes_it_too_old_is_announced()
    {
        var text = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(TestData.Snapshot, "BINARIES_LICENSE"))));
        var run = Run.Tdxrel("bundle", TestData.Snapshot, "--unsigned", "--accept-license", text, "--formats", "tar", "--out", temp["real"])
            .Ends(0);
        Assert.Contains("expired 2026-03-26: hosts and audits refuse it; set SOURCE_DATE_EPOCH", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("expired", Bundle("sample-out", 0, "--unsigned", "--accept-license", license, "--formats", "tar").Errors,
            StringComparison.Ordinal);
    }

    private Run Bundle(string folder, int code, params string[] args) =>
        Run.Tdxrel(["bundle", sample, "--policy", "sample", "--out", temp[folder], .. args]).Ends(code);
}
