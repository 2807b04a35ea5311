using TdxRelease.Core.Findings;
using TdxRelease.Upstream.Drift;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.History;

/// <summary>Says what changed between two states of upstream, fact by fact, byte by byte, and what that does to the steps.</summary>
public static class DriftStage
{
    /// <summary>Compares.</summary>
    /// <param name="before">The older state.</param>
    /// <param name="after">The newer one.</param>
    /// <param name="modules">SVN and CPU families of modules that neither side holds, such as those of two lone mapping files; may be
    /// null.</param>
    /// <returns>Every difference; empty where the states agree in all that both know.</returns>
    public static IReadOnlyList<Finding> Run(DriftState before, DriftState after, DriftState? modules = null)
    {
        var (old, now) = (before.Side, after.Side);
        if ((before.Kind == DriftKind.Bundle) != (after.Kind == DriftKind.Bundle))
        {
            (old, now) = (Comparable(old), Comparable(now));
        }

        var facts = new Dictionary<ModuleVersion, ModuleFacts>();
        foreach (var (version, fact) in (modules?.Facts ?? new Dictionary<ModuleVersion, ModuleFacts>()).Concat(before.Facts)
            .Concat(after.Facts))
        {
            facts[version] = fact;
        }

        return DriftComparison.Between(old, now, (from, to) => facts.Count == 0 ? [] : StepDrift.Between(from, to, facts));
    }

    // A bundle's images are joined anew by us and upstream's script licence stays behind: what is in the images is compared, not how it is
    // wrapped.
    private static DriftSide Comparable(DriftSide side) => side.Hashes is not { } hashes ? side : side with
    {
        Hashes = hashes.Where(h => DataFiles.KindOf(h.Key) is not (DataFileKind.Blob or DataFileKind.License))
            .ToDictionary(StringComparer.Ordinal),
    };
}
