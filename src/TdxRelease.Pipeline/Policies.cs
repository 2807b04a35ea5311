using TdxRelease.Core.Files;
using TdxRelease.Samples;
using TdxRelease.Upstream.Fetching;
using TdxRelease.Verification.Trust;

namespace TdxRelease.Pipeline;

/// <summary>Which trust policy a user means.</summary>
public static class Policies
{
    private const int MaxLength = 1 << 20;

    /// <summary>The file; <c>sample</c> for the sample's policy; the embedded default where nothing is named.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3 or 6.</exception>
    public static TrustPolicy Load(string? file) => file switch
    {
        null => TrustPolicy.Default,
        FetchStage.SampleSource => SampleUpstream.Policy,
        _ => TrustPolicy.Read(InputFile.Read(file, MaxLength), file),
    };
}
