using NuGet.Versioning;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Site;

/// <summary>Steps that a site does not take.</summary>
/// <param name="From">The running versions concerned.</param>
/// <param name="To">The targets concerned.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="FixedIn">The version that may be taken instead, or null.</param>
/// <param name="Cpus">The CPU families concerned; empty for all.</param>
public sealed record BlockedStep(VersionRange From, VersionRange To, string Reason, ModuleVersion? FixedIn,
    IReadOnlyList<CpuSignature> Cpus);

/// <summary>A version with a reason: a barrier or a dead end.</summary>
/// <param name="Version">The version.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Cpus">The CPU families concerned; empty for all.</param>
public sealed record SiteVersion(ModuleVersion Version, string Reason, IReadOnlyList<CpuSignature> Cpus);

/// <summary>Versions that a site does not run.</summary>
/// <param name="Range">Which.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Cpus">The CPU families concerned; empty for all.</param>
public sealed record SiteDenial(VersionRange Range, string Reason, IReadOnlyList<CpuSignature> Cpus);

/// <summary>A site's own rules (schemas/site-policy.schema.json): blocked steps, barriers, dead ends, denied versions, defaults.</summary>
public sealed record SitePolicy
{
    /// <summary>Its name in messages.</summary>
    public required string Name { get; init; }

    /// <summary>The tier where the command line names none.</summary>
    public TierPolicy? Tier { get; init; }

    /// <summary>The preference where the command line names none.</summary>
    public Preference? Prefer { get; init; }

    /// <summary>Steps not to take.</summary>
    public IReadOnlyList<BlockedStep> Blocked { get; init; } = [];

    /// <summary>Versions to stop at: no step may jump over one.</summary>
    public IReadOnlyList<SiteVersion> Barriers { get; init; } = [];

    /// <summary>Running versions that must not be updated at runtime.</summary>
    public IReadOnlyList<SiteVersion> DeadEnds { get; init; } = [];

    /// <summary>Versions not to load.</summary>
    public IReadOnlyList<SiteDenial> Denied { get; init; } = [];

    /// <summary>Reads a policy file; null, with findings, if it is malformed or contradicts itself.</summary>
    public static SitePolicy? Read(ReadOnlyMemory<byte> utf8, string file, ICollection<Finding> findings) =>
        SitePolicyReader.Read(utf8, file, findings);

    /// <summary>The site's rules that a step breaks.</summary>
    public IEnumerable<StepReason> Broken(StepSource source, ReleaseFacts target) =>
        [.. DeniedTarget(source, target), .. BlockedStep(source, target), .. BarriersAndDeadEnds(source, target)];

    private IEnumerable<StepReason> DeniedTarget(StepSource source, ReleaseFacts target)
    {
        foreach (var denial in Denied)
        {
            if (Applies(denial.Cpus, source.Cpu) && denial.Range.Satisfies(target.Version.ToNuGet()))
            {
                yield return new(PlanConstraints.SiteDenied, $"{Name}: {target.Spelling} is denied: {denial.Reason}", target.Spelling,
                    $"outside {PlanConstraints.Print(denial.Range)}");
            }
        }
    }

    private IEnumerable<StepReason> BlockedStep(StepSource source, ReleaseFacts target)
    {
        foreach (var blocked in Blocked)
        {
            if (Applies(blocked.Cpus, source.Cpu) && blocked.From.Satisfies(source.Running.ToNuGet())
                && blocked.To.Satisfies(target.Version.ToNuGet()))
            {
                var solved = blocked.FixedIn is { } version ? $", fixed in {version}" : "";
                yield return new(PlanConstraints.SiteBlocked,
                    $"{Name}: {source.Running} -> {target.Spelling} is blocked: {blocked.Reason}{solved}",
                    $"{source.Running} -> {target.Spelling}", blocked.FixedIn?.ToString() ?? "another step");
            }
        }
    }

    private IEnumerable<StepReason> BarriersAndDeadEnds(StepSource source, ReleaseFacts target)
    {
        foreach (var barrier in Barriers)
        {
            // STEP-006 refuses a step to another line already.
            var onTheWay = barrier.Version.SameLine(source.Running) && barrier.Version.SameLine(target.Version)
                && source.Running < barrier.Version && barrier.Version < target.Version;
            if (onTheWay && Applies(barrier.Cpus, source.Cpu))
            {
                yield return new(PlanConstraints.SiteBarrier,
                    $"{Name}: {source.Running} -> {target.Spelling} jumps over barrier {barrier.Version}: {barrier.Reason}",
                    target.Spelling, $"<= {barrier.Version}");
            }
        }

        foreach (var end in DeadEnds)
        {
            if (Applies(end.Cpus, source.Cpu) && end.Version == source.Running)
            {
                yield return new(PlanConstraints.SiteDeadEnd, $"{Name}: {end.Version} is a dead end: {end.Reason}",
                    source.Running.ToString(), "a version with updates");
            }
        }
    }

    private static bool Applies(IReadOnlyList<CpuSignature> cpus, CpuSignature cpu) => cpus.Count == 0 || cpus.Any(c => c.SameFamily(cpu));
}
