using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;
using TdxRelease.Samples;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;

namespace TdxRelease.Tests.Verification;

/// <summary>The sample, made and verified once for all tests.</summary>
internal static class SampleVerdicts
{
    private static readonly Lazy<IReadOnlyDictionary<string, ModuleVerdict>> ByVersion = new(() =>
        SampleUpstream.Releases.ToDictionary(r => r.Version.ToString(),
            r => ModuleVerifier.Verify(SampleUpstream.Module(r), SampleUpstream.Policy)));

    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> AllFiles =
        new(() => SampleUpstream.Create().ToDictionary(f => f.Path, f => f.Bytes));

    private static readonly Lazy<MappingFile> Parsed = new(() =>
    {
        var findings = new List<Finding>();
        return MappingReader.Read(Files["mapping_file.json"], "mapping_file.json", Strictness.Strict, findings)!;
    });

    public static IReadOnlyDictionary<string, byte[]> Files => AllFiles.Value;

    public static MappingFile Mapping => Parsed.Value;

    public static IEnumerable<ModuleVerdict> All => ByVersion.Value.Values;

    public static ModuleVerdict Of(string version) => ByVersion.Value[version];
}
