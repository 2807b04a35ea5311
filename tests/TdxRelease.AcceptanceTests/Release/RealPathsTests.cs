using TdxRelease.AcceptanceTests.Host;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Release;

/// <summary>The planner's tables of the real release, walked by the real updater on the model of the kernel.</summary>
[Collection(RealRelease.Collection)]
public sealed class RealPathsTests(RealRelease release)
{
    [UpstreamFact]
    public void Every_path_of_every_family_ends_at_the_planned_version() => EveryPathTests.Walk(release.Unpacked(), release.PublicPem);
}
