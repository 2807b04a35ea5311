using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Verified;

namespace TdxRelease.Tests.Verification;

public sealed class ChangedSnapshotTests
{
    // Modules are read side by side: what one reader finds must come out as it is, with its place and its exit code.
    [Theory]
    [InlineData("*.sigstruct")]
    [InlineData("*.bin")]
    [InlineData("*.blob")]
    public void A_byte_that_differs_from_the_record_is_a_failed_verification(string pattern)
    {
        using var temp = new TempFolder();
        SampleStage.Create(temp["snapshot"]);
        var file = Directory.GetFiles(temp["snapshot"], pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var bytes = File.ReadAllBytes(file);
        bytes[1000] ^= 1;
        File.WriteAllBytes(file, bytes);
        var e = Assert.Throws<TdxException>(() =>
            VerifyStage.Run(Snapshot.Open(temp["snapshot"]), SampleUpstream.Policy, Strictness.Strict));
        Assert.Equal(ExitCode.VerificationFailed, e.Code);
        Assert.StartsWith(Path.GetRelativePath(temp["snapshot"], file) + ": ", e.Message, StringComparison.Ordinal);
    }
}
