using System.Globalization;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Release.Attestation;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Release.Rebuild;

/// <summary>Reference values of verified releases, all of them or those around one update.</summary>
public static class ReferenceStage
{
    /// <summary>The modules that verifiers may meet, on one CPU family or all, sorted by version.</summary>
    /// <exception cref="TdxException">Exit 5: no module is for that CPU.</exception>
    public static IReadOnlyList<ModuleReference> Of(ReleaseSet releases, CpuSignature? cpu)
    {
        var all = releases.Releases.Where(r => cpu is not { } only || r.Fits(only)).Select(Reference).ToList();
        return all.Count > 0 ? all : throw new TdxException(ExitCode.Refused, $"no module is for {CpuFamily.Of(cpu!.Value).Name}");
    }

    /// <summary>The values to accept before, during and after the update of a host.</summary>
    /// <param name="releases">The verified releases; the running one must be among them.</param>
    /// <param name="request">The host and its target.</param>
    /// <exception cref="TdxException">Exit 3: the running module's measurement is unknown; exit 5: nothing leads to the target.</exception>
    public static PlanReferences Around(ReleaseSet releases, PlanRequest request)
    {
        var running = releases.Find(request.Running)
            ?? throw new TdxException(ExitCode.BadInput, $"version {request.Running} is not there, so its measurement is unknown",
                $"known: {string.Join(", ", releases.Releases.Select(r => r.Spelling))}");
        var plan = new Planner(releases).Plan(request);
        return plan.Outcome == PlanOutcome.NoPath
            ? throw new TdxException(ExitCode.Refused,
                $"nothing leads from {running.Spelling} to {request.Policy.Target?.ToString() ?? "a newer module"}", "tdxrel plan says why")
            : PlanReferences.Of([Reference(running), .. plan.Path.Select(s => Reference(s.To))]);
    }

    /// <summary>Reads <c>RUNNING:SEAMLDR[:TARGET]</c>.</summary>
    /// <exception cref="TdxException">Exit 2.</exception>
    public static PlanRequest Parse(string text, CpuSignature cpu)
    {
        var parts = text.Split(':');
        var versions = new ModuleVersion[parts.Length];
        if (parts.Length is not 2 and not 3 || parts.Where((p, i) => !ModuleVersion.TryParse(p, out versions[i])).Any())
        {
            throw new TdxException(ExitCode.Usage,
                $"--plan: \"{SafePath.Printable(text)}\", want RUNNING:SEAMLDR or RUNNING:SEAMLDR:TARGET", "--plan 1.5.05:1.5.02:1.5.16");
        }

        var policy = parts.Length == 3 ? PlanPolicy.Default with { Target = versions[2] } : PlanPolicy.Default;
        return new PlanRequest(cpu, versions[1], versions[0]) { Policy = policy };
    }

    /// <summary>Reads <c>VERSION:SVN:MRSEAM</c>, the measurement of a module that upstream does not list.</summary>
    /// <exception cref="TdxException">Exit 2: not of that form; exit 3: upstream lists that version, so its measurement comes from
    /// there.</exception>
    public static ModuleReference Measurement(string text, ReleaseSet releases)
    {
        if (text.Split(':') is not [var version, var svn, { Length: 96 } mrSeam] || !ModuleVersion.TryParse(version, out var parsed)
            || svn.Split('.') is not [var major, var minor] || !byte.TryParse(major, NumberStyles.None, null, out var high)
            || !byte.TryParse(minor, NumberStyles.None, null, out var low) || mrSeam.Any(c => !char.IsAsciiHexDigit(c)))
        {
            throw new TdxException(ExitCode.Usage, $"--measurement: got \"{SafePath.Printable(text)}\", want VERSION:SVN:MRSEAM",
                "--measurement 1.5.01:1.2: and the 96 hexadecimal digits of MRSEAM in a quote");
        }

        return releases.Find(parsed) is { } listed
            ? throw new TdxException(ExitCode.BadInput,
                $"--measurement: upstream lists {listed.Spelling}, its measurement comes from there")
            : new(version, mrSeam.ToLowerInvariant(), new SeamSvn(high, low), []);
    }

    private static ModuleReference Reference(ReleaseFacts release) => new(release.Spelling, release.MrSeam, release.Svn, release.Cpus);
}
