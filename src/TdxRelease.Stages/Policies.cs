using TdxRelease.Files;
using TdxRelease.Modules.Samples;
using TdxRelease.Modules.Trust;

namespace TdxRelease.Stages;

/// <summary>Which trust policy a user means.</summary>
public static class Policies
{
    private const int MaxLength = 1 << 20;

    /// <summary>The file; <c>sample</c> for the sample's policy; the embedded default where nothing is named.</summary>
    /// <exception cref="TdxRelease.Modules.Findings.TdxException">Exit 3 or 6.</exception>
    public static TrustPolicy Load(string? file) => file switch
    {
        null => TrustPolicy.Default,
        FetchStage.SampleSource => SampleUpstream.Policy,
        _ => TrustPolicy.Read(InputFile.Read(file, MaxLength), file),
    };
}
