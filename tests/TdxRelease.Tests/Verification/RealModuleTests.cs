using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Testing;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Tests.Verification;

public class RealModuleTests
{
    private static readonly Lazy<IReadOnlyList<ModuleInput>> Inputs = new(Load);

    [UpstreamFact]
    public void All_eleven_modules_verify_against_the_pinned_key()
    {
        var verdicts = Inputs.Value.Select(i => ModuleVerifier.Verify(i, TrustPolicy.Default)).ToList();
        Assert.Equal(11, verdicts.Count);
        Assert.All(verdicts, v => Assert.Empty(v.Findings));
        Assert.All(verdicts, v => Assert.Equal("Intel TDX module production key", v.Facts!.Signer));
        Assert.Equal(
            ["1.5.01 1.4", "1.5.05 1.5", "1.5.06 1.6", "1.5.08 1.7", "1.5.09 1.8", "1.5.13 1.10", "1.5.16 1.11", "2.0.02 3.3", "2.0.04 3.4",
                "2.0.05 3.4", "2.0.08 3.5"],
            verdicts.Select(v => $"{v.Facts!.Version} {v.Facts.Svn}"));
        Assert.Equal([786, 859, 863, 882], verdicts.Select(v => v.Facts!.BuildNumber).Where(n => n != 0));
    }

    [UpstreamFact]
    public void Published_v1_images_are_the_join_of_their_parts()
    {
        foreach (var input in Inputs.Value)
        {
            Assert.True(ImageWriter.Join(input.Module.Bytes.Span, input.Sigstruct.Bytes.Span, ImageFormat.V1).AsSpan()
                .SequenceEqual(input.Image!.Value.Bytes.Span), input.Spelling);
        }
    }

    private static List<ModuleInput> Load()
    {
        var findings = new List<Finding>();
        var mapping = MappingReader.Read(File.ReadAllBytes(Path.Combine(TestData.Snapshot, "mapping_file.json")), "mapping_file.json",
            Strictness.Strict, findings)!;
        Assert.Empty(findings);
        NamedBytes Bytes(string path) => new(path, File.ReadAllBytes(Path.Combine(TestData.Snapshot, path)));
        return [.. mapping.Releases.Select(r =>
            new ModuleInput(r.Version, r.Spelling, Bytes(r.BinPath), Bytes(r.SigstructPath), Bytes(r.BlobPath)))];
    }
}
